"""Pictures of pages in a real browser."""

import re
import time
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from .ui import Problem, say

WIDTHS = [1400, 390]
TELEPHONE = 600  # narrower is shown as on a telephone
HEIGHT, TELEPHONE_HEIGHT = 900, 844
PATIENCE = 60
QUIET = 0.5
# The web client has drawn something and is not busy.
READY = """() => document.readyState === "complete"
    && !document.querySelector(".o_loading_indicator, .o_blockUI")
    && (!document.body.classList.contains("o_web_client")
        || document.querySelector(".o_action_manager > *"))"""


class Tab:
    """One browser tab that knows when it is at rest and what went wrong in it."""

    def __init__(self, browser, address, width):
        narrow = width < TELEPHONE
        height = TELEPHONE_HEIGHT if narrow else HEIGHT
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            has_touch=narrow,
            is_mobile=narrow,
        )
        context.set_default_timeout(PATIENCE * 1000)
        self.width = width
        self.page = context.new_page()
        self.pending = set()
        self.troubles = []
        self.page.on("request", self._begin)
        self.page.on("requestfinished", self._end)
        self.page.on("requestfailed", self._end)
        self.page.on("pageerror", lambda error: self._trouble(str(error)))
        self.page.on("console", self._listen)

    def _begin(self, request):
        # The message bus keeps its connection: no end of it is ever reported.
        if "/bus/" not in request.url:
            self.pending.add(request)

    def _end(self, request):
        self.pending.discard(request)

    def _listen(self, message):
        if message.type == "error":
            self._trouble(message.text)

    def _trouble(self, text):
        self.troubles.append(f"{self.page.url}: {text}")

    def rest(self):
        """Wait until the page is drawn and has asked nothing for a moment."""
        self.page.wait_for_function(READY)
        deadline = time.monotonic() + PATIENCE
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET:
            if self.pending:
                quiet_since = time.monotonic()
            if time.monotonic() > deadline:
                raise Problem(f"{self.page.url} does not come to rest")
            self.page.wait_for_timeout(100)
        self.page.evaluate("document.fonts.ready")

    def log_in(self, login, password):
        """Enter as a user."""
        self.page.goto("/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_load_state("load")
        self.rest()
        if "/web/login" in self.page.url:
            alert = self.page.query_selector(".alert")
            reason = alert.inner_text().strip() if alert else "no reason is shown"
            raise Problem(f"{login} cannot log in: {reason}")

    def shoot(self, url, steps, path, full):
        """Open a page, take the steps, write the picture."""
        self.page.goto(url)
        self.rest()
        for kind, selector in steps:
            self.page.wait_for_selector(selector)
            if kind == "click":
                self.page.click(selector)
            self.rest()
        self.page.screenshot(path=path, full_page=full)
        say(f"{path}  {self.page.url}")


def take(address, executable, arguments):
    """Write the pictures asked for; 1 if the browser's console showed errors."""
    folder = Path(arguments.out)
    folder.mkdir(parents=True, exist_ok=True)
    troubles = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(executable))
        try:
            for width in arguments.width or WIDTHS:
                tab = Tab(browser, address, width)
                tab.log_in(arguments.user, arguments.password or arguments.user)
                for number, url in enumerate(arguments.url, 1):
                    name = re.sub(r"\W+", "-", url).strip("-") or "page"
                    file = f"{number:02}-{name}-{arguments.user}-{width}.png"
                    tab.shoot(url, arguments.steps or [], folder / file, arguments.full)
                troubles += tab.troubles
                tab.page.context.close()
        except Error as error:
            raise Problem(f"The browser: {error.message}") from error
        finally:
            browser.close()
    for trouble in troubles:
        say(f"console error: {trouble}")
    return 1 if troubles else 0
