"""What happens once, when the addon comes, and when it goes."""

import logging

from odoo.tools import SQL

_logger = logging.getLogger(__name__)

AT_ONCE = 20_000  # contacts judged during the installation; more in the background

# what refers to shipped records, before what it refers to itself
REFERRING = (
    "retention_complaint_remedy",
    "retention_complaint_measure",
    "retention_feedback",
    "retention_decision",
    "retention_consent",
    "retention_wish",
    "retention_touch",
    "retention_cadence_state",
    "retention_cadence",
    "retention_contact_policy",
    "retention_reward_exchange",
    "retention_referral",
    "retention_points_warning",
    "retention_points_allocation",
    "retention_points_extension",
    "retention_points_award",
    "retention_points_entry",
    "retention_points_account",
    "retention_purchase",
    "retention_risk",
    "retention_alert",
    "retention_backtest_line",
    "retention_signal",
    "retention_play",
    "retention_label_history",
    "retention_label_rule",
)


def post_init_hook(env):
    """Start by itself: programs for every company, their source, a first evaluation.

    A small database is judged before the installation ends, so that the first page
    shows names; a large one by the job, which begins at once.
    """
    companies = env["res.company"].search([])
    env["retention.program"]._create_default(companies)
    env["retention.contact.policy"]._create_default(companies)
    env["retention.cap"]._create_default(companies)
    env["retention.quality.rule"]._create_default(companies)
    env["retention.signal"]._create_default(companies)
    env["retention.label.rule"]._create_default(companies)
    companies._retention_offer_survey()
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


def uninstall_hook(env):
    """Forget what refers to shipped channels, purposes, key dates and templates.

    Odoo removes those one by one before it drops the tables, and logs an error for
    each that is still referred to.
    """
    restore_benefits(env)
    env["retention.label.rule"]._take_back_all()
    drop_tasks(env)
    # the database would refuse to remove points; their triggers go with it
    env.cr.execute("DROP FUNCTION IF EXISTS retention_points_keep CASCADE")
    for table in REFERRING:
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))


def drop_tasks(env):
    """Remove the tasks to confirm data, done ones too: their kind goes."""
    tasks = env["mail.activity"].with_context(active_test=False)
    kind = env.ref("crm_retention.mail_activity_type_confirm")
    tasks.search([("activity_type_id", "=", kind.id)]).unlink()


def restore_benefits(env):
    """Give customers back the pricelists and salespeople of before their tiers."""
    env["retention.benefit"]._restore_all()
    env.flush_all()
