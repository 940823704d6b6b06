"""What happens once, when the addon comes."""

import logging

_logger = logging.getLogger(__name__)

AT_ONCE = 20_000  # contacts judged during the installation; more in the background


def post_init_hook(env):
    """Start by itself: programs for every company, their source, a first evaluation.

    A small database is judged before the installation ends, so that the first page
    shows names; a large one by the job, which begins at once.
    """
    companies = env["res.company"].search([])
    env["retention.program"]._create_default(companies)
    env["retention.contact.policy"]._create_default(companies)
    env["retention.cap"]._create_default(companies)
    companies._retention_choose_source()
    runs = env["retention.run"]
    for company in companies:
        runs |= runs._plan(company, "full", company._retention_today())
    if env["res.partner"].search_count([]) > AT_ONCE:
        runs._wake()
        return
    try:
        with env.cr.savepoint():
            runs._execute()
    except Exception:
        # data that cannot be judged must not keep the addon from being installed:
        # the job tries again and shows what is wrong
        _logger.exception("The first evaluation waits for the scheduled job")
        runs._wake()
