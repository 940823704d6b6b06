"""What happens once, when the addon comes."""

import logging

from odoo.addons.crm_retention.hooks import AT_ONCE

_logger = logging.getLogger(__name__)


def post_init_hook(env):
    """Count the months of all customers who were judged before this addon came.

    A small database is counted before the installation ends, so that the reports show
    something at once; a large one by the job, which begins at once.
    """
    runs = env["retention.run"]
    for company in env["res.company"].search([]):
        runs |= runs._plan_measure(company)
    if env["retention.profile"].search_count([], limit=AT_ONCE + 1) > AT_ONCE:
        runs._wake()
        return
    try:
        with env.cr.savepoint():
            runs._execute()
    except Exception:
        # what cannot be counted must not keep the addon from being installed: the job
        # tries again and shows what is wrong
        _logger.exception("Counting the months waits for the scheduled job")
        runs._wake()
