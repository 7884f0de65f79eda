"""What customers have brought, what they will probably bring, and how far that can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import joined
from patron.serve.report.queries.figures import Asked, Writer
from patron.serve.report.sections.number_text import price
from patron.serve.report.sections.section import Section, Sentence, sentence
from patron.serve.report.sections.tables import Row, Table, rows_of

if TYPE_CHECKING:
    import datetime as dt

    from patron.project.number_format import Formats


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
                "By ", formats.day(as_of), ", ", whole.figure("customer_count", formats.count), " customers had spent ",
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
        days = [tried.figure("origin_date", formats.day, row) for row in rows_of(tried)]
        shares = [tried.figure("amount_ratio", formats.share, row) for row in rows_of(tried)]
        on, expected = joined([str(day) for day in days]), joined([str(one) for one in shares])
        text = f"Tried on {on}, the model expected {expected} of the revenue that came in the 90 days after."
        said.append(Sentence(text, (*days, *shares), (tried,)))
    return said


def _tiers(asked: Asked, formats: Formats) -> Table:
    write = price(formats)
    is_predicted = any(asked.value("predicted_amount", row) is not None for row in rows_of(asked))
    columns = ["Value tier", "#Customers", "#Spent so far", "#Each"]
    names: list[tuple[str, Writer]] = [
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
