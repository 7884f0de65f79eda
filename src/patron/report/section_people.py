"""Cohorts, customer value, segments, and the retention programmes that they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.report.change import price
from patron.report.charts import bars
from patron.report.figures import Asked, Figure, Writer
from patron.report.periods import Period
from patron.report.section import Section, Sentence, Triangle, sentence
from patron.report.tables import Cell, Row, Table, rows_of

if TYPE_CHECKING:
    import datetime as dt

    from patron.formats import Formats


def cohort_section(asked: Asked, formats: Formats) -> Section | None:
    """How many of each month's new customers bought again in the months after; None without two whole months."""
    starts = sorted({asked.value("cohort_month_date", row) for row in rows_of(asked)})
    if len(starts) < 2:
        return None
    months = max(asked.value("months_since", row) for row in rows_of(asked))
    cells: dict[object, list[Figure | None]] = {start: [None] * months for start in starts}
    sizes: dict[object, Figure] = {}
    for row in rows_of(asked):
        start, since = asked.value("cohort_month_date", row), asked.value("months_since", row)
        sizes.setdefault(start, asked.figure("customer_count", formats.count, row))
        if since:
            cells[start][since - 1] = asked.figure("retention_rate", formats.share, row)
    rows = tuple(
        (Period.of("month", start).short_label(formats), sizes[start], tuple(cells[start])) for start in starts
    )
    note = "Months that were over when the shop was measured. A cohort of few customers moves by large steps."
    triangle = Triangle("Share of each month's new customers who bought in the months after", months, rows, asked, note)
    return Section("cohorts", "How long new customers stay", triangle=triangle)


def value_section(
    whole: Asked,
    tiers: Asked,
    newcomer: Asked,
    tried: Asked,
    withheld: dict[str, str],
    formats: Formats,
    as_of: dt.date,
) -> Section | None:
    """What customers have brought and will probably bring; None where nobody has bought."""
    if not whole.value("customer_count"):
        return None
    write = price(formats)
    said = [
        sentence(
            [
                "By ", formats.day(as_of), " ", whole.figure("customer_count", formats.count), " customers had spent ",
                whole.figure("historical_amount", formats.money), " net of refunds, ",
                whole.figure("historical_per_customer", write), " each.",
            ]
        )
    ]  # fmt: skip
    if whole.value("predicted_amount") is None:
        why = withheld.get("purchases", "the shop's figures do not allow it")
        said.append(Sentence(f"What they will bring is not predicted: {why}."))
    else:
        said += _expected(whole, newcomer, tried, formats)
    return Section("value", "What customers are worth", sentences=tuple(said), tables=(_tiers(tiers, formats),))


def _expected(whole: Asked, newcomer: Asked, tried: Asked, formats: Formats) -> list[Sentence]:
    write = price(formats)
    said = [
        sentence(
            [
                "In the year after that they are expected to bring ", whole.figure("predicted_amount", formats.money),
                " of margin, ", whole.figure("predicted_per_customer", write), " each.",
            ]
        )
    ]  # fmt: skip
    if newcomer.rows:
        said.append(
            sentence(
                [
                    "A customer who is won today is expected to bring ", newcomer.figure("expected_value_1y", write),
                    " of margin in the first year (80% interval of the mean: ",
                    newcomer.figure("expected_value_1y_low_80", write), " to ",
                    newcomer.figure("expected_value_1y_high_80", write), ").",
                ]
            )
        )  # fmt: skip
    if tried.rows:
        parts: list[str | Figure] = ["Tried on earlier days, the model had expected "]
        for row in rows_of(tried):
            parts += [", " if row else "", tried.figure("amount_ratio", formats.share, row)]
            parts += [" on ", tried.figure("origin_date", formats.day, row)]
        said.append(sentence([*parts, " of the revenue that then came in 90 days."]))
    return said


def _tiers(asked: Asked, formats: Formats) -> Table:
    write = price(formats)
    is_predicted = any(asked.value("predicted_amount", row) is not None for row in rows_of(asked))
    columns = ["Value tier", "#Customers", "#Spent so far", "#Each"]
    names = [
        ("customer_count", formats.count),
        ("historical_amount", formats.money),
        ("historical_per_customer", write),
    ]
    if is_predicted:
        columns += ["#Expected margin, next year", "#Each", "#Low", "#High"]
        names += [("predicted_amount", formats.money), ("predicted_per_customer", write)]
        names += [("predicted_low", write), ("predicted_high", write)]
    rows = tuple(
        Row((str(asked.value("clv_tier", row)), *(asked.figure(name, written, row) for name, written in names)))
        for row in rows_of(asked)
    )
    note = ""
    if is_predicted:
        note = (
            "Expected margin: discounted, after refunds, whether or not they stay. Low and High: the mean of the "
            "customers' own 80% intervals; 8 of 10 single customers bring something between such bounds."
        )
    return Table("Customer value by tier", tuple(columns), rows, (asked,), note)


def segment_section(
    sizes: Asked, moves: Asked, then: dt.date | None, as_of: dt.date, formats: Formats
) -> Section | None:
    """Who is in which segment, what they are worth, and who moved; None where nobody is in any."""
    if not sizes.rows:
        return None
    drawn = bars([float(sizes.value("share", row)) for row in rows_of(sizes)])
    columns = [
        "Segment",
        "What it means",
        "#Customers",
        "#Share",
        "|",
        "#Spent so far",
        "#Share of all",
        "#Days silent",
    ]
    has_then = then is not None and then < as_of
    if has_then:
        columns.append(f"#On {formats.day(then)}")
    rows = []
    for row, bar in zip(rows_of(sizes), drawn, strict=True):
        cells: list[Cell] = [
            str(sizes.value("segment", row)), str(sizes.value("description", row) or ""),
            sizes.figure("customer_count", formats.count, row), sizes.figure("share", formats.share, row), bar,
            sizes.figure("net_amount", formats.money, row), sizes.figure("amount_share", formats.share, row),
            sizes.figure("days_since_last_order", formats.count, row),
        ]  # fmt: skip
        if has_then:
            cells.append(sizes.figure("customers_then", formats.count, row))
        rows.append(Row(tuple(cells)))
    day = formats.day(as_of)
    tables = [
        Table(
            f"Segments on {day}", tuple(columns), tuple(rows), (sizes,), "Days silent: mean days since the last order."
        )
    ]
    if moves.rows:
        tables.append(_moves(moves, formats))
    lead = f"Segments are made of how lately, how often and for how much customers bought, as it stood on {day}."
    return Section("segments", "Segments", lead, tables=tuple(tables))


def _moves(moves: Asked, formats: Formats) -> Table:
    rows = tuple(
        Row((str(moves.value("from_segment", row)), str(moves.value("to_segment", row)),
             moves.figure("customer_count", formats.count, row)))
        for row in rows_of(moves)
    )  # fmt: skip
    note = "Between the days on which the shop was measured."
    return Table("Largest moves between segments in the period", ("From", "To", "#Customers"), rows, (moves,), note)


def programme_section(asked: Asked, withheld: dict[str, str], as_of: dt.date, formats: Formats) -> Section | None:
    """What to do for each segment, for how many, and what is at stake; None where nobody is in any."""
    if not asked.rows:
        return None
    is_staked = any(asked.value("stake_amount", row) is not None for row in rows_of(asked))
    is_expected = any(asked.value("expected_amount", row) is not None for row in rows_of(asked))
    columns: list[str] = ["Segment", "Do", "#Audience"]
    names: list[tuple[str, Writer]] = [("customer_count", formats.count)]
    if is_staked:
        columns += ["#Buys nothing in 90 days", "#Expected margin, next year", "#At stake", "|"]
        names += [
            ("churn_probability", formats.share),
            ("expected_amount", formats.money),
            ("stake_amount", formats.money),
        ]
    elif is_expected:
        columns += ["#Expected margin, next year", "|"]
        names.append(("expected_amount", formats.money))
    else:
        columns += ["#A year at the past rate", "|"]
        names.append(("run_rate_amount", formats.money))
    drawn = bars([float(asked.value(names[-1][0], row) or 0) for row in rows_of(asked)])
    rows = tuple(
        Row((str(asked.value("segment", row)), str(asked.value("recommended_action", row) or ""),
             *(asked.figure(name, write, row) for name, write in names), bar))
        for row, bar in zip(rows_of(asked), drawn, strict=True)
    )  # fmt: skip
    return Section(
        "programmes",
        "What to do next",
        f"One programme a segment, for the customers who were in it on {formats.day(as_of)}.",
        _most_at_stake(asked, formats) if is_staked else (),
        tables=(
            Table("Retention programmes", tuple(columns), rows, (asked,), _defined(withheld, is_staked, is_expected)),
        ),
    )


def _most_at_stake(asked: Asked, formats: Formats) -> tuple[Sentence, ...]:
    parts: list[str | Figure] = ["Most is at stake with ", str(asked.value("segment")), ": "]
    parts += [asked.figure("stake_amount", formats.money), " of the ", asked.figure("expected_amount", formats.money)]
    parts += [" of margin expected of them rests on customers who may buy nothing in the next 90 days. "]
    return (sentence([*parts, f"Advised: {asked.value('recommended_action')}."]),)


def _defined(withheld: dict[str, str], is_staked: bool, is_expected: bool) -> str:
    if is_staked:
        return (
            "At stake: for each customer the margin expected in the next year × the probability of buying nothing in "
            "the next 90 days, summed. It says how much of what is expected is uncertain, not what a programme will "
            "bring; what one costs is not in it. Customers whom the churn model cannot judge count as nothing."
        )
    why = "; ".join(dict.fromkeys(withheld.values())) or "the figures are not there"
    if is_expected:
        return f"The value at stake is withheld, for nobody's churn is predicted: {why}."
    return (
        f"The value at stake is withheld, for nothing is predicted: {why}. A year at the past rate: each customer's "
        "net revenue a day since the first order, kept up for a year: what would come if nobody left. No prediction."
    )
