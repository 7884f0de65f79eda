"""Segments, and the retention programme recommended for each, with the value at stake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.figures import Figure, QueryResult, Writer
from patron.serve.report.sections.charts import build_bars
from patron.serve.report.sections.number_text import share
from patron.serve.report.sections.section import Section, Sentence, build_sentence
from patron.serve.report.sections.tables import Cell, Row, Table, iterate_rows

if TYPE_CHECKING:
    import datetime as dt

    from patron.project.number_format import Formats


def build_segment_section(
    sizes: QueryResult, moves: QueryResult, then: dt.date | None, as_of: dt.date, formats: Formats
) -> Section | None:
    """Build the tables of segment sizes and movements; None if no customer is in a segment.

    then: the day that the column customers_then refers to; None if segments were not recorded earlier.
    """
    if not sizes.rows:
        return None
    day = formats.day(as_of)
    tables = [_build_size_table(sizes, then if then != as_of else None, day, formats)]
    if moves.rows:
        tables.append(_build_move_table(moves, formats))
    lead = f"Segments group customers by recency, frequency and monetary value (RFM), as of {day}."
    return Section("segments", "Segments", lead, tables=tuple(tables))


def _build_size_table(sizes: QueryResult, then: dt.date | None, day: str, formats: Formats) -> Table:
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
    bars = build_bars([float(sizes.value("share", row) or 0) for row in iterate_rows(sizes)])
    rows = []
    for row, bar in zip(iterate_rows(sizes), bars, strict=True):
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


def _build_move_table(moves: QueryResult, formats: Formats) -> Table:
    rows = []
    for row in iterate_rows(moves):
        ends = str(moves.value("from_segment", row)), str(moves.value("to_segment", row))
        rows.append(Row((*ends, moves.figure("customer_count", formats.count, row))))
    note = "Between the days on which segments were recorded."
    title = "Largest moves between segments in the period"
    return Table(title, ("From", "To", "#Customers"), tuple(rows), (moves,), note)


def build_programme_section(
    result: QueryResult, withheld: dict[str, str], as_of: dt.date, formats: Formats
) -> Section | None:
    """Build the recommended action, audience and value at stake of each segment; None if none has customers."""
    if not result.rows:
        return None
    ranked, title = _choose_ranking(result)
    columns = ["Segment and recommended action", "#Audience", f"#{title}", "|"]
    more: list[tuple[str, Writer]] = []
    if ranked == "stake_amount":
        columns += ["#Expected margin, next year", "#Churn probability, 90 days"]
        more = [("expected_amount", formats.money), ("churn_probability", share(formats))]
    bars = build_bars([float(result.value(ranked, row) or 0) for row in iterate_rows(result)])
    rows = []
    for row, bar in zip(iterate_rows(result), bars, strict=True):
        audience, worth = result.figure("customer_count", formats.count, row), result.figure(ranked, formats.money, row)
        last = [result.figure(name, write, row) for name, write in more]
        cells: tuple[Cell, ...] = (str(result.value("segment", row)), audience, worth, bar, *last)
        rows.append(Row(cells, below=str(result.value("recommended_action", row) or "")))
    table = Table("Retention programmes", tuple(columns), tuple(rows), (result,), _define_ranking(ranked, withheld))
    lead = f"One programme per segment, for the customers in it on {formats.day(as_of)}."
    return Section("programmes", "Recommended actions", lead, _describe_most_at_stake(result, formats), tables=(table,))


def _choose_ranking(result: QueryResult) -> tuple[str, str]:
    """Return the column to rank segments by, and its title: value at stake, or the best measure that is available."""
    for column, title in (("stake_amount", "Value at stake"), ("expected_amount", "Expected margin, next year")):
        if any(result.value(column, row) is not None for row in iterate_rows(result)):
            return column, title
    return "historical_amount", "Lifetime value to date"


def _describe_most_at_stake(result: QueryResult, formats: Formats) -> tuple[Sentence, ...]:
    if not result.value("stake_amount"):
        return ()
    parts: list[str | Figure] = [f"The segment {result.value('segment')} has the most value at stake: "]
    parts += [result.figure("stake_amount", formats.money), " of the ", result.figure("expected_amount", formats.money)]
    parts += [
        " margin expected from its ",
        result.figure("customer_count", formats.count),
        " customers over the next year.",
    ]
    return (build_sentence(parts),)


_UNKNOWN = "the data is not available"


def _define_ranking(ranked: str, withheld: dict[str, str]) -> str:
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
        f"There are no predictions, so the value at stake is withheld: {why}. Lifetime value to date: "
        "the net revenue of the segment's customers. It says what they brought, not what they will bring."
    )
