"""Segments, and the retention programmes they call for, with the value at stake in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.figures import Asked, Figure, Writer
from patron.serve.report.sections.charts import build_bars
from patron.serve.report.sections.number_text import share
from patron.serve.report.sections.section import Section, Sentence, build_sentence
from patron.serve.report.sections.tables import Cell, Row, Table, iterate_rows

if TYPE_CHECKING:
    import datetime as dt

    from patron.project.number_format import Formats


def build_segment_section(
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
    lead = f"Segments group customers by recency, frequency and monetary value (RFM), as of {day}."
    return Section("segments", "Segments", lead, tables=tuple(tables))


def _sizes(sizes: Asked, then: dt.date | None, day: str, formats: Formats) -> Table:
    columns = [
        "Segment",
        "#Customers",
        "#Share",
        "|",
        "#Lifetime value to date",
        "#Share of value",
        "#Days since last order",
    ]
    if then is not None:
        columns.append(f"#Customers on {formats.day(then)}")
    drawn = build_bars([float(sizes.value("share", row) or 0) for row in iterate_rows(sizes)])
    rows = []
    for row, bar in zip(iterate_rows(sizes), drawn, strict=True):
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
    note = "Share of value: share of all customers' lifetime value to date. Days since last order: the mean."
    return Table(f"Segments on {day}", tuple(columns), tuple(rows), (sizes,), note)


def _moves(moves: Asked, formats: Formats) -> Table:
    rows = []
    for row in iterate_rows(moves):
        ends = str(moves.value("from_segment", row)), str(moves.value("to_segment", row))
        rows.append(Row((*ends, moves.figure("customer_count", formats.count, row))))
    note = "Between the days on which segments were recorded."
    title = "Largest moves between segments in the period"
    return Table(title, ("From", "To", "#Customers"), tuple(rows), (moves,), note)


def build_programme_section(asked: Asked, withheld: dict[str, str], as_of: dt.date, formats: Formats) -> Section | None:
    """What to do for each segment, for how many, and what is at stake; None where nobody is in any."""
    if not asked.rows:
        return None
    ranked, title = _ranked_by(asked)
    columns = ["Segment and recommended action", "#Audience", f"#{title}", "|"]
    more: list[tuple[str, Writer]] = []
    if ranked == "stake_amount":
        columns += ["#Expected margin, next year", "#Churn probability, 90 days"]
        more = [("expected_amount", formats.money), ("churn_probability", share(formats))]
    drawn = build_bars([float(asked.value(ranked, row) or 0) for row in iterate_rows(asked)])
    rows = []
    for row, bar in zip(iterate_rows(asked), drawn, strict=True):
        audience, worth = asked.figure("customer_count", formats.count, row), asked.figure(ranked, formats.money, row)
        last = [asked.figure(name, write, row) for name, write in more]
        cells: tuple[Cell, ...] = (str(asked.value("segment", row)), audience, worth, bar, *last)
        rows.append(Row(cells, below=str(asked.value("recommended_action", row) or "")))
    table = Table("Retention programmes", tuple(columns), tuple(rows), (asked,), _defined(ranked, withheld))
    lead = f"One programme per segment, for the customers in it on {formats.day(as_of)}."
    return Section("programmes", "Recommended actions", lead, _most_at_stake(asked, formats), tables=(table,))


def _ranked_by(asked: Asked) -> tuple[str, str]:
    """The column that says what is at stake, and its title; where predictions are withheld, the next best."""
    for column, title in (("stake_amount", "Value at stake"), ("expected_amount", "Expected margin, next year")):
        if any(asked.value(column, row) is not None for row in iterate_rows(asked)):
            return column, title
    return "run_rate_amount", "Run rate, next year"


def _most_at_stake(asked: Asked, formats: Formats) -> tuple[Sentence, ...]:
    if not asked.value("stake_amount"):
        return ()
    parts: list[str | Figure] = [f"The segment {asked.value('segment')} has the most value at stake: "]
    parts += [asked.figure("stake_amount", formats.money), " of the ", asked.figure("expected_amount", formats.money)]
    parts += [
        " margin expected from its ",
        asked.figure("customer_count", formats.count),
        " customers over the next year.",
    ]
    return (build_sentence(parts),)


_UNKNOWN = "the data is not available"


def _defined(ranked: str, withheld: dict[str, str]) -> str:
    if ranked == "stake_amount":
        return (
            "Value at stake: for each customer, expected margin of the next year × probability of no order in the next "
            "90 days, added up. It shows how much of the expected margin is uncertain, not what a programme will earn "
            "or cost. Customers without a churn score count as zero."
        )
    if ranked == "expected_amount":
        return f"The value at stake is withheld, because churn is not predicted: {withheld.get('churn', _UNKNOWN)}."
    why = withheld.get("purchases", _UNKNOWN)
    return (
        f"There are no predictions, so the value at stake is withheld: {why}. Run rate, next year: each customer's "
        "daily net revenue since the first order, continued for a year with no churn. It is not a prediction."
    )
