"""Segments, and the retention programmes that they ask for, with what is at stake in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.figures import Asked, Figure, Writer
from patron.serve.report.sections.charts import bars
from patron.serve.report.sections.number_text import share
from patron.serve.report.sections.section import Section, Sentence, sentence
from patron.serve.report.sections.tables import Cell, Row, Table, rows_of

if TYPE_CHECKING:
    import datetime as dt

    from patron.project.number_format import Formats


def segment_section(
    sizes: Asked, moves: Asked, then: dt.date | None, as_of: dt.date, formats: Formats
) -> Section | None:
    """Who is in which segment, what they are worth, and who moved; None where nobody is in any.

    then: the observed day that customers_then is of; None where there is none.
    """
    if not sizes.rows:
        return None
    day = formats.day(as_of)
    tables = [_sizes(sizes, then if then != as_of else None, day, formats)]
    if moves.rows:
        tables.append(_moves(moves, formats))
    lead = f"Segments are made of how lately, how often and for how much customers bought, as it stood on {day}."
    return Section("segments", "Segments", lead, tables=tuple(tables))


def _sizes(sizes: Asked, then: dt.date | None, day: str, formats: Formats) -> Table:
    columns = ["Segment", "#Customers", "#Share", "|", "#Spent so far", "#Share of all", "#Days silent"]
    if then is not None:
        columns.append(f"#Customers on {formats.day(then)}")
    drawn = bars([float(sizes.value("share", row) or 0) for row in rows_of(sizes)])
    rows = []
    for row, bar in zip(rows_of(sizes), drawn, strict=True):
        cells: list[Cell] = [
            str(sizes.value("segment", row)),
            sizes.figure("customer_count", formats.count, row),
            sizes.figure("share", share(formats), row),
            bar,
            sizes.figure("net_amount", formats.money, row),
            sizes.figure("amount_share", share(formats), row),
            sizes.figure("days_since_last_order", formats.count, row),
        ]
        if then is not None:
            cells.append(sizes.figure("customers_then", formats.count, row))
        rows.append(Row(tuple(cells), below=str(sizes.value("description", row) or "")))
    note = "Share of all: of what all customers spent so far. Days silent: mean days since the last order."
    return Table(f"Segments on {day}", tuple(columns), tuple(rows), (sizes,), note)


def _moves(moves: Asked, formats: Formats) -> Table:
    rows = []
    for row in rows_of(moves):
        ends = str(moves.value("from_segment", row)), str(moves.value("to_segment", row))
        rows.append(Row((*ends, moves.figure("customer_count", formats.count, row))))
    note = "Between the days on which the shop was measured."
    title = "Largest moves between segments in the period"
    return Table(title, ("From", "To", "#Customers"), tuple(rows), (moves,), note)


def programme_section(asked: Asked, withheld: dict[str, str], as_of: dt.date, formats: Formats) -> Section | None:
    """What to do for each segment, for how many, and what is at stake; None where nobody is in any."""
    if not asked.rows:
        return None
    ranked, title = _ranked_by(asked)
    columns = ["Segment, and what to do", "#Audience", f"#{title}", "|"]
    more: list[tuple[str, Writer]] = []
    if ranked == "stake_amount":
        columns += ["#Expected margin, next year", "#Buys nothing in 90 days"]
        more = [("expected_amount", formats.money), ("churn_probability", share(formats))]
    drawn = bars([float(asked.value(ranked, row) or 0) for row in rows_of(asked)])
    rows = []
    for row, bar in zip(rows_of(asked), drawn, strict=True):
        audience, worth = asked.figure("customer_count", formats.count, row), asked.figure(ranked, formats.money, row)
        last = [asked.figure(name, write, row) for name, write in more]
        cells: tuple[Cell, ...] = (str(asked.value("segment", row)), audience, worth, bar, *last)
        rows.append(Row(cells, below=str(asked.value("recommended_action", row) or "")))
    table = Table("Retention programmes", tuple(columns), tuple(rows), (asked,), _defined(ranked, withheld))
    lead = f"One programme a segment, for the customers who were in it on {formats.day(as_of)}."
    return Section("programmes", "What to do next", lead, _most_at_stake(asked, formats), tables=(table,))


def _ranked_by(asked: Asked) -> tuple[str, str]:
    """The column that says what is at stake, and its title; where predictions are withheld, the next best."""
    for column, title in (("stake_amount", "At stake"), ("expected_amount", "Expected margin, next year")):
        if any(asked.value(column, row) is not None for row in rows_of(asked)):
            return column, title
    return "run_rate_amount", "A year at the past rate"


def _most_at_stake(asked: Asked, formats: Formats) -> tuple[Sentence, ...]:
    if not asked.value("stake_amount"):
        return ()
    parts: list[str | Figure] = [f"Most is at stake in the segment {asked.value('segment')}: "]
    parts += [asked.figure("stake_amount", formats.money), " of the ", asked.figure("expected_amount", formats.money)]
    parts += [" of margin expected of its ", asked.figure("customer_count", formats.count), " customers in a year."]
    return (sentence(parts),)


_UNKNOWN = "the figures are not there"


def _defined(ranked: str, withheld: dict[str, str]) -> str:
    if ranked == "stake_amount":
        return (
            "At stake: for each customer the margin expected in the next year × the probability of buying nothing in "
            "the next 90 days, summed. It says how much of what is expected is uncertain, not what a programme will "
            "bring; what one costs is not in it. Customers whom the churn model cannot judge count as nothing."
        )
    if ranked == "expected_amount":
        return f"The value at stake is withheld, because churn is not predicted: {withheld.get('churn', _UNKNOWN)}."
    why = withheld.get("purchases", _UNKNOWN)
    return (
        f"Nothing is predicted, so the value at stake is withheld: {why}. A year at the past rate: each customer's "
        "net revenue a day since the first order, kept up for a year: what would come if nobody left. No prediction."
    )
