"""What is true of a customer on a day, in plain Python: measures, scores, segment, tier and churn."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import resources

from transform.measures.reference_lines import Line, Row, before_refunds, money, orders_of, parts, ratio
from transform.measures.refunded_orders import Document, find_refunded

TENURE_UNITS = {"days": Fraction(1), "weeks": Fraction(7), "months": Fraction(365, 12), "years": Fraction(365)}


@dataclass(frozen=True)
class Rules:
    """The settings that gold depends on."""

    as_of: str | dt.date = "latest"
    rfm_method: str = "quantile"
    recency_days: tuple[int, ...] = ()
    frequency_orders: tuple[int, ...] = ()
    monetary_amounts: tuple[str, ...] = ()
    gross_margin: str = "0.3"
    tenure_unit: str = "years"
    tier_measure: str = "historical_clv"
    run_rate_days: int = 365
    tier_by: str = "percentile"
    tier_cuts: tuple[str, ...] = ("0.33", "0.66")
    tier_labels: tuple[str, ...] = ("Low", "Medium", "High")
    low_days: int = 30
    medium_days: int = 60
    window_days: int = 90
    segments: str = "nine"


def measured(lines: list[Line], as_of: dt.date, rules: Rules) -> dict[str, Row]:
    """Everyone with a line by as_of: what is true of them on that day."""
    by_customer: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.customer is not None and line.day <= as_of:
            by_customer[line.customer].append(line)
    return {who: _measures_of(who, theirs, as_of, rules) for who, theirs in by_customer.items()}


def _measures_of(who: str, lines: list[Line], as_of: dt.date, rules: Rules) -> Row:
    sales = [line for line in lines if line.kind == "sale"]
    days = sorted({line.day for line in sales})
    kept_days = _kept_days(lines)
    money_parts = parts(lines)
    net = money_parts["net_amount"]
    row: Row = {
        "customer_id": who,
        "first_seen_date": min(line.day for line in lines),
        "order_count": len(orders_of(lines)),
        "purchase_day_count": len(days),
        "unit_count": sum((line.quantity for line in sales), Decimal(0)),
        **money_parts,
        "average_order_value": ratio(net, len(orders_of(lines))),
        "average_order_value_before_refunds": ratio(before_refunds(money_parts), len(orders_of(lines))),
        "average_line_value": ratio(net, len(sales)),
        "as_of_date": as_of,
    }
    absent = (
        "first_order_date last_order_date days_since_last_order tenure_days repeat_count recency_weeks age_weeks "
        "historical_clv formula_clv_revenue formula_clv_profit run_rate_clv_1y run_rate_clv_3y run_rate_clv_5y"
    )
    row |= dict.fromkeys(absent.split())
    if days:
        tenure = (as_of - days[0]).days
        revenue = Fraction(net) * tenure / TENURE_UNITS[rules.tenure_unit]
        row |= {
            "first_order_date": days[0],
            "last_order_date": days[-1],
            "days_since_last_order": (as_of - days[-1]).days,
            "tenure_days": tenure,
            "historical_clv": net,
            "formula_clv_revenue": money(revenue),
            "formula_clv_profit": money(revenue * Fraction(rules.gross_margin)),
            **{
                f"run_rate_clv_{n}y": money(Fraction(net) * 365 * n / tenure)
                for n in (1, 3, 5)
                if tenure >= rules.run_rate_days
            },
        }
    if kept_days:
        row |= {
            "repeat_count": len(kept_days) - 1,
            "recency_weeks": (kept_days[-1] - kept_days[0]).days / 7,
            "age_weeks": (as_of - kept_days[0]).days / 7,
        }
    return row


def _kept_days(lines: list[Line]) -> list[dt.date]:
    """The days with a sale that was not refunded in full."""
    documents: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        documents[line.source, line.order_id].append(line)
    refunded = find_refunded(_document(number, own) for number, own in documents.items())
    first_days = {
        number: min(one.day for one in own if one.kind == "sale") for number, own in documents.items() if orders_of(own)
    }
    by_day: dict[dt.date, list[bool]] = {line.day: [] for line in lines if line.kind == "sale"}
    for number, day in first_days.items():
        by_day[day].append(number not in refunded)
    return sorted(day for day, kept in by_day.items() if any(kept) or not kept)


def _document(number: tuple[str, str], lines: list[Line]) -> Document:
    sales, refunds = ([line for line in lines if line.kind == kind] for kind in ("sale", "return"))
    sold = (
        sum((line.amount for line in lines if line.kind in ("sale", "discount")), Decimal(0)) if sales else Decimal(0)
    )
    first = (
        min(sales or refunds or lines, key=lambda line: line.at)
        if sales
        else max(refunds or lines, key=lambda line: line.at)
    )
    refunded = -sum((line.amount for line in refunds), Decimal(0))
    refund_day = max((line.day for line in refunds), default=None)
    return Document("one", number, first.day, first.at, round(sold, 2), round(refunded, 2), refund_day)


def scores(buyers: Mapping[str, Row], column: str, rules: Rules) -> dict[str, int]:
    """1 to 5 for each buyer, 5 best: fewest days, most orders, most spent."""
    sign = -1 if column == "days_since_last_order" else 1
    worth = {who: sign * row[column] for who, row in buyers.items()}
    if rules.rfm_method == "quantile":
        return {
            who: 5 * sum(other < value for other in worth.values()) // len(worth) + 1 for who, value in worth.items()
        }
    if rules.rfm_method == "ntile":
        ranked = sorted(worth, key=lambda who: (worth[who], who))
        size, larger = divmod(len(ranked), 5)
        groups = [group + 1 for group in range(5) for _ in range(size + (group < larger))]
        return dict(zip(ranked, groups, strict=True))
    if column == "days_since_last_order":
        return {who: 5 - sum(-value > limit for limit in rules.recency_days) for who, value in worth.items()}
    limits = rules.frequency_orders if column == "order_count" else [Decimal(x) for x in rules.monetary_amounts]
    return {who: 1 + sum(value >= limit for limit in limits) for who, value in worth.items()}


def segment_rows(label_set: str) -> list[Row]:
    text = (
        resources.files("patron")
        .joinpath("transform", "rules", f"segments_{label_set}.csv")
        .read_text(encoding="utf-8")
    )
    return list(csv.DictReader(io.StringIO(text)))


def segment_of(triple: tuple[int, int, int], rows: list[Row]) -> Row:
    axes = zip(("recency", "frequency", "monetary"), triple, strict=True)
    wanted = list(axes)
    return next(row for row in rows if all(int(row[f"min_{a}"]) <= s <= int(row[f"max_{a}"]) for a, s in wanted))


def percentile_cont(values: list[Decimal], share: Fraction) -> Fraction:
    """Linear between the two nearest, as SQL's percentile_cont."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return Fraction(values[low]) + (place - low) * (Fraction(values[high]) - Fraction(values[low]))


def tier_limits(buyers: Mapping[str, Row], rules: Rules) -> list[Fraction]:
    if rules.tier_by == "amount":
        return [Fraction(cut) for cut in rules.tier_cuts]
    values = sorted(row[rules.tier_measure] for row in buyers.values())
    return [percentile_cont(values, Fraction(cut)) for cut in rules.tier_cuts]


def churn_of(days: int, history_days: int, rules: Rules) -> Row:
    limits = [(rules.low_days, "Low"), (rules.medium_days, "Medium"), (rules.window_days, "High")]
    group = next((name for limit, name in limits if days <= limit), "Churned")
    if history_days <= rules.window_days:
        unknown = "history not longer than the churn window"
        return {"is_churned": None, "is_churned_reason": unknown, "churn_group": group}
    return {"is_churned": days > rules.window_days, "is_churned_reason": None, "churn_group": group}
