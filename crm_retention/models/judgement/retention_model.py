from odoo import api, fields, models
from odoo.tools import format_date

from ...tools import backtest, clv, forecast, spend

QUESTIONS = [
    ("buying", "How often customers will buy"),
    ("spending", "What a purchase will be worth"),
]
METHODS = [
    ("bg", "BG/NBD"),
    ("mbg", "MBG/NBD"),
    ("rate", "Counted rates"),
    ("gamma", "Gamma-Gamma"),
    ("own", "Own average"),
    ("none", "No forecast yet"),
]
WHYS = [
    (forecast.WINS, "Was closer than the plain rate"),
    (forecast.FEW, "Too little data"),
    (forecast.UNSETTLED, "No stable parameters found"),
    (forecast.LOSES, "Was not closer than the plain rate"),
    (forecast.OFF, "Told a share that is too far from the real one"),
    (forecast.DEPENDS, "Amounts depend on how often one buys"),
]
MODELS = ("bg", "mbg", "gamma")


class RetentionModel(models.Model):
    """One fit of a forecast for one company: parameters, and how it did on the past.

    A row each time, never changed: what was foretold by it can be told from it. The
    newest of a question counts. Formulas and sources: ``tools/clv.py``,
    ``tools/spend.py``; what may be used when: ``tools/forecast.py``.
    """

    _name = "retention.model"
    _description = "Forecast"
    _order = "fitted_on desc, id desc"
    _rec_name = "question"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    question = fields.Selection(selection=QUESTIONS, required=True, readonly=True)
    fitted_on = fields.Date(required=True, readonly=True)
    method = fields.Selection(
        selection=METHODS,
        string="Forecast by",
        required=True,
        readonly=True,
        help="A model where it was closer on the past than the plain rate; else what "
        "customers did who had been silent for as long, or their own average.",
    )
    why = fields.Selection(
        selection=WHYS, string="Why So", required=True, readonly=True
    )
    tried = fields.Selection(selection=METHODS, string="Model Tried", readonly=True)
    days = fields.Integer(
        string="Days Ahead", readonly=True, help="Tried on the last so many days."
    )
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator=None,
        help="To whose purchases it was fitted; of many customers a sample.",
    )
    likelihood = fields.Float(
        string="Log-likelihood", digits=(16, 4), readonly=True, aggregator=None
    )
    parameters = fields.Json(
        readonly=True, help="Times in weeks, amounts in the company's currency."
    )
    parameters_text = fields.Char(string="As Text", compute="_compute_texts")
    correlation = fields.Float(
        string="Amount against Number",
        digits=(16, 3),
        readonly=True,
        aggregator=None,
        help="Correlation of how much and how often customers buy. Above 0.3 or below "
        "−0.3 amounts may not be foretold by themselves.",
    )
    tested_count = fields.Integer(
        string="Tested on", readonly=True, aggregator=None, help="Customers."
    )
    error = fields.Float(
        digits=(16, 3),
        readonly=True,
        aggregator=None,
        help="By how many purchases (or how much money) it was wrong for a customer, "
        "on average.",
    )
    plain_error = fields.Float(
        string="Error of the Plain Rate",
        digits=(16, 3),
        readonly=True,
        aggregator=None,
        help="The same for “as often as so far”, or “as much as so far”.",
    )
    rank = fields.Float(
        string="Ranking",
        digits=(16, 3),
        readonly=True,
        aggregator=None,
        help="How often, of two customers, the one who then bought nothing had been "
        "given the higher probability of that. 0.5 is chance, 1 perfect.",
    )
    plain_rank = fields.Float(
        string="Ranking by Silence",
        digits=(16, 3),
        readonly=True,
        aggregator=None,
        help="The same for the number of days since the last purchase.",
    )
    told_share = fields.Float(
        string="Told to Buy Nothing", digits=(16, 4), readonly=True, aggregator=None
    )
    real_share = fields.Float(
        string="Really Bought Nothing", digits=(16, 4), readonly=True, aggregator=None
    )
    steps = fields.Json(
        readonly=True,
        help="What became of customers, by days of silence: counted, not modelled.",
    )
    steps_text = fields.Text(
        string="Counted",
        compute="_compute_texts",
        help="What customers did in the days it was tried on, by how long they had "
        "been silent before.",
    )
    verdict = fields.Text(compute="_compute_texts")
    is_model = fields.Boolean(string="Model Used", compute="_compute_texts")

    _last_idx = models.Index("(company_id, question, fitted_on DESC)")

    @api.depends_context("lang")
    @api.depends("method", "why", "parameters", "error", "plain_error")
    def _compute_texts(self):
        for model in self:
            model.is_model = model.method in MODELS
            model.verdict = model._describe_verdict()
            model.steps_text = model._describe_steps()
            model.parameters_text = ", ".join(
                f"{name} = {value:.6g}"
                for name, value in (model.parameters or {}).items()
            )

    @api.depends("question", "fitted_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = dict(self._fields["question"]._description_selection(self.env))
        for model in self:
            model.display_name = self.env._(
                "%(question)s (%(day)s)",
                question=names.get(model.question, ""),
                day=format_date(self.env, model.fitted_on),
            )

    def _describe_verdict(self):
        """Say what is used, and why, with the figures of the trial."""
        self.ensure_one()
        if self.why == forecast.FEW:
            return self._describe_few()
        if self.why == forecast.DEPENDS:
            return self.env._(
                "How much customers spend goes with how often they buy (correlation "
                "%(correlation)s): the model does not hold, so each customer's own "
                "average is taken.",
                correlation=f"{self.correlation:.2f}",
            )
        if self.why == forecast.UNSETTLED:
            return self.env._(
                "No stable parameters were found, as happens where customers buy very "
                "regularly or hardly ever stop. Plain counts are used instead."
            )
        return self._describe_trial()

    def _describe_few(self):
        if self.question == "spending":
            return self.env._(
                "Fewer than %s customers bought again: each customer's own average is "
                "taken.",
                forecast.LEAST_BACK,
            )
        needed = {"least": forecast.LEAST, "back": forecast.LEAST_BACK}
        if self.method == forecast.RATE:
            return self.env._(
                "Too few customers for a model (%(least)s are needed, %(back)s of whom "
                "bought again): it is counted what became of those who had been silent "
                "for as long.",
                **needed,
            )
        return self.env._(
            "Too little is known to foretell anything: %(counted)s customers are "
            "needed, and the last %(days)s days to check it on; for a model %(least)s, "
            "%(back)s of whom bought again.",
            counted=forecast.LEAST_COUNTED,
            days=self.days,
            **needed,
        )

    def _describe_trial(self):
        figures = {
            "days": self.days,
            "error": self._format_error(self.error),
            "plain": self._format_error(self.plain_error),
        }
        if self.why == forecast.WINS:
            return self.env._(
                "Tried on the last %(days)s days, the model was wrong by %(error)s for "
                "a customer, the plain rate by %(plain)s: the model is used.",
                **figures,
            )
        if self.why == forecast.OFF:
            return self.env._(
                "The model said that %(told)s %% would buy nothing in the last "
                "%(days)s days, and %(real)s %% did: counted rates are used instead.",
                told=round(100 * self.told_share),
                real=round(100 * self.real_share),
                days=self.days,
            )
        return self.env._(
            "Tried on the last %(days)s days, the model was wrong by %(error)s for a "
            "customer, the plain rate by %(plain)s: the model does not help here, "
            "plain figures are used.",
            **figures,
        )

    def _describe_steps(self):
        """Return a line for each step of silence: what these customers then did."""
        self.ensure_one()
        return "\n".join(
            self.env._(
                "Silent for %(since)s days or more: %(share)s %% then bought nothing, "
                "%(purchases)s purchases on average (%(count)s customers)",
                since=step.since,
                share=round(100 * step.quiet),
                purchases=f"{step.purchases:.2f}",
                count=step.count,
            )
            for step in (backtest.Step(*each) for each in self.steps or ())
        )

    def _format_error(self, value):
        if self.question == "spending":
            return self.currency_id.format(value)
        return self.env._("%s purchases", f"{value:.3f}")

    # ---- in use --------------------------------------------------------------------

    @api.model
    def _get_current(self, company, as_of):
        """Return ``{question: the newest fit of the day or before}``."""
        found = self.search(
            [("company_id", "=", company.id), ("fitted_on", "<=", as_of)]
        ).grouped("question")
        return {question: rows[:1] for question, rows in found.items()}

    @api.model
    def _get_teller(self, company, as_of):
        """Return the function that makes forecasts: (history, paid) → figures.

        It takes a :class:`clv.History` and (repeat mean, own mean), and returns
        (probability of no purchase, purchases in a year, value of one), or None.
        """
        current = self._get_current(company, as_of)
        often, much = current.get("buying"), current.get("spending")
        if not often or often.method == "none":
            return lambda history, paid: None
        return Teller(often, much or self).tell


class Teller:
    """Makes the forecasts of many customers by one pair of fits."""

    def __init__(self, often, much):
        self.days = often.days
        self.is_model = often.method in MODELS
        self.kind = often.method if self.is_model else None
        self.spread = clv.Spread(**often.parameters) if self.is_model else None
        self.steps = [backtest.Step(*step) for step in often.steps or ()]
        gamma = much.method == forecast.GAMMA
        self.method = forecast.GAMMA if gamma else forecast.OWN
        self.values = spend.Spend(**much.parameters) if gamma else None

    def tell(self, history, paid):
        repeat_mean, own_mean = paid
        found = forecast.foretell(
            forecast.MODEL if self.is_model else forecast.RATE,
            self.kind,
            self.spread,
            self.steps,
            history,
            self.days,
        )
        if not found:
            return None
        worth = forecast.worth(
            self.method, self.values, history.x, repeat_mean or 0.0, own_mean or 0.0
        )
        return found.quiet, found.purchases, worth
