"""Lifetime value to date, expected margin, and how accurate past predictions were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import join_words
from patron.serve.report.queries.figures import QueryResult, Writer
from patron.serve.report.sections.covariates import build_covariate_table
from patron.serve.report.sections.number_text import price
from patron.serve.report.sections.section import Section, Sentence, build_sentence
from patron.serve.report.sections.tables import Row, Table, iterate_rows

if TYPE_CHECKING:
    import datetime as dt

    from patron.project.number_format import Formats


def build_value_section(
    totals: QueryResult,
    tiers: QueryResult,
    new_customer: QueryResult,
    backtests: QueryResult,
    withheld: dict[str, str],
    cautions: str,
    effects: QueryResult,
    formats: Formats,
    as_of: dt.date,
) -> Section | None:
    """Build the section on customer value to date and expected margin; None if there are no customers."""
    if not totals.value("customer_count"):
        return None
    write = price(formats)
    sentences = [
        build_sentence(
            [
                "As of ", formats.day(as_of), ", ",
                totals.figure("customer_count", formats.count), " customers have spent ",
                totals.figure("historical_amount", formats.money), " net of refunds, ",
                totals.figure("historical_per_customer", write), " each.",
            ]
        )
    ]  # fmt: skip
    if totals.value("predicted_amount") is None:
        why = withheld.get("purchases", "the data does not allow it")
        sentences.append(Sentence(f"Expected margin is not predicted: {why}."))
    else:
        sentences += _describe_expected_margin(totals, new_customer, backtests, formats)
        sentences += [Sentence(cautions)] if cautions else []
    known = build_covariate_table(effects, formats)
    tables = (_build_tier_table(tiers, formats), *([known] if known else []))
    return Section("value", "Customer value", sentences=tuple(sentences), tables=tables)


def _describe_expected_margin(
    totals: QueryResult, new_customer: QueryResult, backtests: QueryResult, formats: Formats
) -> list[Sentence]:
    write = price(formats)
    sentences = [
        build_sentence(
            [
                "Their expected margin over the following year is ", totals.figure("predicted_amount", formats.money),
                ", ", totals.figure("predicted_per_customer", write), " each.",
            ]
        )
    ]  # fmt: skip
    if new_customer.rows:
        sentences.append(
            build_sentence(
                [
                    "A customer acquired today has an expected margin of ",
                    new_customer.figure("expected_value_1y", write),
                    " in the first year (80% interval of the mean: ",
                    new_customer.figure("expected_value_1y_low_80", write), " to ",
                    new_customer.figure("expected_value_1y_high_80", write), ").",
                ]
            )
        )  # fmt: skip
    if backtests.rows:
        days = [backtests.figure("origin_date", formats.day, row) for row in iterate_rows(backtests)]
        shares = [backtests.figure("amount_ratio", formats.share, row) for row in iterate_rows(backtests)]
        on, expected = join_words([str(day) for day in days]), join_words([str(one) for one in shares])
        text = f"Backtested from {on}, the model predicted {expected} of the revenue observed in the following 90 days."
        sentences.append(Sentence(text, (*days, *shares), (backtests,)))
    return sentences


def _build_tier_table(result: QueryResult, formats: Formats) -> Table:
    write = price(formats)
    is_predicted = any(result.value("predicted_amount", row) is not None for row in iterate_rows(result))
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
        Row((str(result.value("clv_tier", row)), *(result.figure(name, write, row) for name, write in names)))
        for row in iterate_rows(result)
    )
    note = ""
    if is_predicted:
        note = (
            "Expected margin: discounted, after refunds, allowing for churn. Low and High: the mean bounds of the "
            "customers' own 80% intervals; 8 of 10 customers fall within theirs."
        )
    return Table("Customer value by tier", tuple(columns), rows, (result,), note)
