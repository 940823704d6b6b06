"""What the dashboard shows: its figures, whose rows they count, what filters see."""

PERIOD, TIER, PERSON, TEAM, COUNTRY = ("period", "tier", "person", "team", "country")
MONTH, PROFILE = "retention.month", "retention.profile"
FEEDBACK, SERVICE = "retention.feedback", "retention.service.report"
ALERT, POINTS = "retention.alert.report", "retention.points.report"
BOUGHT = ["purchases", ">", 0]
FIRST, LATE = ["gap_before", "=", 0], ["gap_before", ">", 12]
CONTACTED, ANSWERED = ["contacts", ">", 0], ["answers", ">", 0]
NPS = [["kind", "=", "nps"], ["state", "=", "answered"]]
CSAT = [["kind", "=", "csat"], ["state", "=", "answered"]]
FEWEST = 20  # answers, as everywhere: with fewer there is no figure
BLUE, SAND, GREEN, RED = "#EFF6FF", "#FFF7ED", "#F0FDF4", "#FEF2F2"

# what the pivots count: key of the row, its name, model, measure, of which rows
COUNTS = (
    ("bought", "Customers Who Bought", MONTH, "customer_count", [BOUGHT]),
    ("new", "New Customers", MONTH, "customer_count", [BOUGHT, FIRST]),
    ("back", "Back after a Year", MONTH, "customer_count", [BOUGHT, LATE]),
    ("revenue", "Revenue", MONTH, "revenue", []),
    ("contacted", "Customers Contacted", MONTH, "customer_count", [CONTACTED]),
    ("answered", "Customers Who Answered", MONTH, "customer_count", [ANSWERED]),
    ("complaints", "Complaints", MONTH, "complaints", []),
    ("objections", "Opt-outs", MONTH, "objections", []),
    ("saved", "Alerts Saved", ALERT, "saved_count", []),
    ("owed", "Points Owed Today", POINTS, "liability", []),
    ("kept", "Tickets Solved in Time", SERVICE, "solved_count", []),
    ("late", "Tickets Solved Late", SERVICE, "late_count", []),
    ("nps_sum", "Promoters Less Detractors × 100", FEEDBACK, "score:sum", NPS),
    ("nps_count", "Answers about Recommending", FEEDBACK, "__count", NPS),
    ("csat_sum", "Good Answers × 100", FEEDBACK, "score:sum", CSAT),
    ("csat_count", "Answers about Service", FEEDBACK, "__count", CSAT),
)
# key, name, row above, rows below added up, least of what is below, of how many one
# is: quotients of sums
RATIOS = (
    ("each", "Revenue per Customer", "revenue", ("bought",), 1, 1),
    ("response", "Share Who Answered", "answered", ("contacted",), 1, 1),
    ("promises", "Solved in Time", "kept", ("kept", "late"), 1, 1),
    ("nps", "NPS by Day of Answer", "nps_sum", ("nps_count",), FEWEST, 1),
    ("csat", "Satisfied with Service", "csat_sum", ("csat_count",), FEWEST, 100),
)
LINES = {key: line for line, (key, *_rest) in enumerate(COUNTS + RATIOS, 2)}
NAMES = {key: name for key, name, *_rest in COUNTS + RATIOS}
# what is seen, five beside each other
CARDS = (
    *(("bought", BLUE), ("new", BLUE), ("back", BLUE), ("revenue", SAND)),
    *(("each", SAND), ("contacted", GREEN), ("answered", GREEN), ("response", GREEN)),
    *(("saved", GREEN), ("owed", SAND), ("nps", BLUE), ("csat", BLUE)),
    *(("promises", BLUE), ("complaints", RED), ("objections", RED)),
)
PERCENT = ("response", "promises", "csat")  # of 1
WHOLE = ("nps",)  # from -100 to 100
STATE = ("owed",)  # as of today: no period, and so none before
# key, label, of which records
FILTERS = (
    (TIER, "Tier Today", "retention.tier"),
    (PERSON, "Salesperson", "res.users"),
    (TEAM, "Sales Team", "crm.team"),
    (COUNTRY, "Country", "res.country"),
)
_REPORT = ("tier_id", "salesperson_id", "team_id", "country_id")
# which field of each model a filter looks at
CHAINS = {
    MONTH: ("current_tier_id", "user_id", "team_id", "country_id"),
    PROFILE: ("tier_id", "user_id", "user_id.sale_team_id", "country_id"),
    FEEDBACK: (
        "partner_id.retention_tier_id",
        "partner_id.user_id",
        "partner_id.user_id.sale_team_id",
        "partner_id.country_id",
    ),
    SERVICE: (
        "profile_id.tier_id",
        "salesperson_id",
        "salesperson_id.sale_team_id",
        "country_id",
    ),
    ALERT: _REPORT,
    POINTS: _REPORT,
}
# by which day or moment a model's rows belong to a period; points are those of today
DAYS = {
    MONTH: ("month", "date"),
    FEEDBACK: ("answered_at", "datetime"),
    SERVICE: ("received_on", "datetime"),
    ALERT: ("closed_on", "date"),
}
BY_TIER, BY_HEALTH = ["month:month", "tier_id"], ["health_band"]
BY_TIER_TITLE = "Customers Who Bought, by Tier"
# key, kind, title, model, measure, of which rows, by what
CHARTS = (
    ("buyers", "line", NAMES["bought"], MONTH, "customer_count", [BOUGHT], BY_TIER[:1]),
    ("tiers", "bar", BY_TIER_TITLE, MONTH, "customer_count", [BOUGHT], BY_TIER),
    ("revenue", "bar", "Revenue by Tier", MONTH, "revenue", [], BY_TIER),
    (
        "health",
        "treemap",
        "Revenue by Health",
        PROFILE,
        "window_revenue",
        [],
        BY_HEALTH,
    ),
)
