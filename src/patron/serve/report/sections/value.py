"""Lifetime value to date, expected margin, and how accurate past predictions were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import join_words
from patron.serve.report.queries.figures import Asked, Writer
from patron.serve.report.sections.number_text import price
from patron.serve.report.sections.section import Section, Sentence, build_sentence
from patron.serve.report.sections.tables import Row, Table, iterate_rows

if TYPE_CHECKING:
    import datetime as dt

    from patron.project.number_format import Formats


def build_value_section(
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
        build_sentence(
            [
                "As of ", formats.day(as_of), ", ",
                whole.figure("customer_count", formats.count), " customers have spent ",
                whole.figure("historical_amount", formats.money), " net of refunds, ",
                whole.figure("historical_per_customer", write), " each.",
            ]
        )
    ]  # fmt: skip
    if whole.value("predicted_amount") is None:
        why = withheld.get("purchases", "the data does not allow it")
        said.append(Sentence(f"Expected margin is not predicted: {why}."))
    else:
        said += _expected(whole, newcomer, tried, formats)
    return Section("value", "Customer value", sentences=tuple(said), tables=(_tiers(tiers, formats),))


def _expected(whole: Asked, newcomer: Asked, tried: Asked, formats: Formats) -> list[Sentence]:
    write = price(formats)
    said = [
        build_sentence(
            [
                "Their expected margin over the following year is ", whole.figure("predicted_amount", formats.money),
                ", ", whole.figure("predicted_per_customer", write), " each.",
            ]
        )
    ]  # fmt: skip
    if newcomer.rows:
        said.append(
            build_sentence(
                [
                    "A customer acquired today has an expected margin of ", newcomer.figure("expected_value_1y", write),
                    " in the first year (80% interval of the mean: ",
                    newcomer.figure("expected_value_1y_low_80", write), " to ",
                    newcomer.figure("expected_value_1y_high_80", write), ").",
                ]
            )
        )  # fmt: skip
    if tried.rows:
        days = [tried.figure("origin_date", formats.day, row) for row in iterate_rows(tried)]
        shares = [tried.figure("amount_ratio", formats.share, row) for row in iterate_rows(tried)]
        on, expected = join_words([str(day) for day in days]), join_words([str(one) for one in shares])
        text = f"Backtested from {on}, the model predicted {expected} of the revenue observed in the following 90 days."
        said.append(Sentence(text, (*days, *shares), (tried,)))
    return said


def _tiers(asked: Asked, formats: Formats) -> Table:
    write = price(formats)
    is_predicted = any(asked.value("predicted_amount", row) is not None for row in iterate_rows(asked))
    columns = ["Value tier", "#Customers", "#Lifetime value to date", "#Per customer"]
    names: list[tuple[str, Writer]] = [
        ("customer_count", formats.count),
        ("historical_amount", formats.money),
        ("historical_per_customer", write),
    ]
    if is_predicted:
        columns += ["#Expected margin, next year", "#Per customer", "#Low", "#High"]
        names += [("predicted_amount", formats.money), ("predicted_per_customer", write)]
        names += [("predicted_low", write), ("predicted_high", write)]
    rows = tuple(
        Row((str(asked.value("clv_tier", row)), *(asked.figure(name, written, row) for name, written in names)))
        for row in iterate_rows(asked)
    )
    note = ""
    if is_predicted:
        note = (
            "Expected margin: discounted, after refunds, allowing for churn. Low and High: the mean bounds of the "
            "customers' own 80% intervals; 8 of 10 customers fall within theirs."
        )
    return Table("Customer value by tier", tuple(columns), rows, (asked,), note)
