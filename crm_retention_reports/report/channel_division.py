"""How the money for contacts might be divided among channels, as a block."""

from ..tools import budget
from ..tools.blocks import Cell, Column, Note, Row, Table


def make_division(report, channels, totals, costs):
    """Return the table of how the same money might be divided, or why there is none.

    :param totals: ``{channel id: {figure: number}}``, as the channels' report counts.
    :param costs: ``{channel id: cost}``.
    """
    spent = {
        channel: budget.Spent(
            costs.get(channel.id, 0),
            int(totals[channel.id]["orders"]),
            totals[channel.id]["revenue"],
        )
        for channel in channels
    }
    wanted = budget.divide(spent)
    if not wanted:
        return _say_none(report.env)
    rows = [
        Row(
            [
                Cell(channel.name),
                Cell(spent[channel].cost),
                Cell(wanted[channel]),
                _make_change(report, spent[channel].cost, wanted[channel]),
            ]
        )
        for channel in channels
        if spent[channel].cost
    ]
    return _make_table(report.env, rows)


def _say_none(env):
    return Note(
        env._(
            "How the same money might be divided otherwise cannot be told yet: it "
            "needs two channels with costs and %(fewest)s purchases after contacts "
            "each.",
            fewest=budget.FEWEST,
        ),
        name="no_division",
    )


def _make_table(env, rows):
    columns = [
        Column("channel", env._("Channel")),
        Column("cost", env._("Cost"), "money"),
        Column("wanted", env._("Suggested"), "money"),
        Column("change", env._("Change"), "percent"),
    ]
    notes = [
        env._(
            "Assumed: revenue after contacts came of them, and grows with the square "
            "root of what they cost. Neither is proven here: take it as a trial, one "
            "step at a time, and look at the result."
        ),
        env._(
            "No channel changes by more than %(step)s %% at once; one with fewer than "
            "%(fewest)s purchases stays.",
            step=round(100 * budget.STEP),
            fewest=budget.FEWEST,
        ),
    ]
    title = env._("The same money divided otherwise")
    return Table("division", title, columns, rows, notes=notes)


def _make_change(report, now, wanted):
    change = 100 * (wanted - now) / now
    if abs(change) < 0.5:
        return Cell(0, text=report.env._("stays"))
    text = (
        report.env._("▲ %(change)s more", change=report._say(change, "percent"))
        if change > 0
        else report.env._("▼ %(change)s less", change=report._say(-change, "percent"))
    )
    return Cell(change, text=text)
