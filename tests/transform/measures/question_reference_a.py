"""Five of the business questions in plain Python, from the words of docs/questions/ and not from the SQL."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from transform.measures.reference import Answers
from transform.measures.reference_customers import percentile_cont
from transform.measures.reference_lines import Line, Row, parts, ratio, total
from transform.measures.reference_wash_out import find_wash_out

Tables = dict[str, tuple[tuple[str, ...], dict[Any, Row]]]


@dataclass(frozen=True)
class Order:
    """The sale lines of one order of one customer, or of a guest."""

    at: dt.datetime
    key: tuple[str, str]
    customer: str | None
    spent: Decimal

    @property
    def month(self) -> dt.date:
        return self.at.date().replace(day=1)


def months_between(first: dt.date, later: dt.date) -> int:
    return (later.year - first.year) * 12 + later.month - first.month


def at_least_percentile(values: Mapping[str, Decimal], rate: float) -> tuple[list[str], Decimal | None]:
    """Who is at or above percentile_cont, and the least value among them."""
    if not values:
        return [], None
    cut = percentile_cont(sorted(values.values()), Fraction(str(rate)))
    reached = [who for who, value in values.items() if value >= cut]
    return reached, min(values[who] for who in reached)


class QuestionAnswers:
    """The tables of the five questions. departments: article -> department, for those that have one."""

    def __init__(self, answers: Answers, departments: Mapping[str, str], limits: Mapping[str, Any]) -> None:
        self.answers, self.departments, self.limits = answers, departments, limits
        self.lines, self.as_of = answers.lines, answers.as_of
        self.months = sorted({day.replace(day=1) for day in answers.calendar})

    def completeness(self, month: dt.date) -> Row:
        reason = "began before the data" if month < self.answers.calendar[0] else None
        if (self.as_of + dt.timedelta(1)).replace(day=1) == month:
            reason = "not over yet"
        return {"is_complete": reason is None, "incomplete_reason": reason}

    @cached_property
    def orders(self) -> list[Order]:
        """In order of time; of one moment, by source and id."""
        groups: dict[tuple[str, str, str | None], list[Line]] = defaultdict(list)
        for line in self.lines:
            if line.kind == "sale":
                groups[line.source, line.order_id, line.customer].append(line)
        made = [Order(min(line.at for line in lines), key[:2], key[2], total(lines)) for key, lines in groups.items()]
        return sorted(made, key=lambda order: (order.at, order.key))

    @cached_property
    def orders_of(self) -> dict[str, list[Order]]:
        found: dict[str, list[Order]] = defaultdict(list)
        for order in self.orders:
            if order.customer is not None:
                found[order.customer].append(order)
        return found

    def order_gaps(self) -> dict[str, Row]:
        rows = {}
        for who, buyer in self.answers.buyers.items():
            days = [order.at.date() for order in self.orders_of[who]]
            gaps = [(later - day).days for day, later in pairwise(days)]
            silent = buyer["days_since_last_order"]
            usual = float(statistics.median(gaps)) if gaps else None
            rows[who] = {
                "customer_id": who,
                "order_count": len(days),
                "first_order_date": buyer["first_order_date"],
                "last_order_date": buyer["last_order_date"],
                "gap_count": len(gaps),
                "average_gap_days": sum(gaps) / len(gaps) if gaps else None,
                "median_gap_days": usual,
                "longest_gap_days": max(gaps, default=None),
                "days_since_last_order": silent,
                "silence_ratio": silent / usual if usual else None,
                "silence_reading": _reading(silent, usual, max(gaps, default=None)),
            }
        return rows

    def retention(self) -> dict[tuple[dt.date, int], Row]:
        cohorts: dict[dt.date, set[str]] = defaultdict(set)
        for who, buyer in self.answers.buyers.items():
            cohorts[buyer["first_order_date"].replace(day=1)].add(who)
        rows = {}
        for cohort, members in cohorts.items():
            first = self._net(cohort, members)
            for month in (month for month in self.months if month >= cohort):
                is_over = self.completeness(month)["incomplete_reason"] != "not over yet"
                net, active = self._net(month, members), len(self._buyers_in(month) & members)
                rows[cohort, months_between(cohort, month)] = {
                    "cohort_month_date": cohort,
                    "is_new": self.new_since is None or cohort >= self.new_since,
                    "new_since_date": self.new_since,
                    "months_since": months_between(cohort, month),
                    "activity_month_date": month,
                    **self.completeness(month),
                    "customer_count": len(members),
                    "active_customer_count": active,
                    "retention_rate": active / len(members) if is_over else None,
                    "first_month_net_amount": first,
                    "net_amount": net,
                    "revenue_retention_rate": (
                        float(Fraction(net) / Fraction(first)) if first > 0 and is_over else None
                    ),
                }
        return rows

    @cached_property
    def new_since(self) -> dt.date | None:
        calendar, buyers = self.answers.calendar, self.answers.buyers.values()
        first_days = [(buyer["first_order_date"] - calendar[0]).days for buyer in buyers]
        found, _ = find_wash_out(first_days, len(calendar))
        return None if found is None else calendar[0] + dt.timedelta(days=found)

    def _net(self, month: dt.date, members: set[str]) -> Decimal:
        theirs = [line for line in self.lines if line.customer in members and line.day.replace(day=1) == month]
        return parts(theirs)["net_amount"]

    def _buyers_in(self, month: dt.date) -> set[str | None]:
        return {line.customer for line in self.lines if line.kind == "sale" and line.day.replace(day=1) == month}

    def pivoted(self) -> dict[tuple[dt.date, str], Row]:
        cells, last = self.retention(), self.limits["cohort_retention"]["pivoted_months"]
        rows = {}
        for (cohort, _), cell in cells.items():
            for measure, rate in (("customers", "retention_rate"), ("revenue", "revenue_retention_rate")):
                rows[cohort, measure] = {
                    "cohort_month_date": cohort,
                    "is_new": cell["is_new"],
                    "measure": measure,
                    "customer_count": cell["customer_count"],
                    "first_month_net_amount": cell["first_month_net_amount"],
                    **{f"month_{n:02d}": cells.get((cohort, n), {}).get(rate) for n in range(last + 1)},
                }
        return rows

    def lapsed(self) -> dict[str, Row]:
        buyers, limits = self.answers.buyers, self.limits["lapsed_top_spenders"]
        spent = {who: buyer["net_amount"] for who, buyer in buyers.items()}
        top, least = at_least_percentile(spent, limits["percentile"])
        gaps = self.order_gaps()
        copied = "customer_id net_amount order_count average_order_value last_order_date days_since_last_order".split()
        copied += "segment churn_risk churn_group is_churned recommended_action".split()
        return {
            who: {
                **{name: buyers[who][name] for name in copied},
                "top_from_net_amount": least,
                "median_gap_days": gaps[who]["median_gap_days"],
                "silence_ratio": gaps[who]["silence_ratio"],
            }
            for who in top
            if buyers[who]["days_since_last_order"] >= limits["inactive_days"]
        }

    def monthly(self) -> dict[dt.date, Row]:
        firsts = {(orders[0].key, who) for who, orders in self.orders_of.items()}
        rows = {}
        for month in self.months:
            kinds: dict[str, list[Decimal]] = {"first": [], "returning": [], "guest": []}
            for order in (order for order in self.orders if order.month == month):
                is_first = (order.key, order.customer) in firsts
                kind = "guest" if order.customer is None else "first" if is_first else "returning"
                kinds[kind].append(order.spent)
            net = parts([line for line in self.lines if line.day.replace(day=1) == month])["net_amount"]
            row: Row = {"order_month_date": month, **self.completeness(month), "net_amount": net}
            for kind, amounts in kinds.items():
                row[f"{kind}_order_count"] = len(amounts)
                row[f"{kind}_spent_amount"] = sum(amounts, Decimal(0))
                row[f"amount_per_{kind}_order"] = ratio(sum(amounts, Decimal(0)), len(amounts))
            row["unassigned_amount"] = net - sum(sum(amounts, Decimal(0)) for amounts in kinds.values())
            first, later = row["amount_per_first_order"], row["amount_per_returning_order"]
            both = first is not None and later is not None
            row["difference_amount"] = later - first if both else None
            row["difference_rate"] = float(Fraction(later - first) / Fraction(first)) if both and first else None
            rows[month] = row
        return rows

    def golden(self) -> dict[str, Row]:
        limits, buyers = self.limits["golden_baskets"], self.answers.buyers
        values = {
            who: buyer["average_order_value"]
            for who, buyer in buyers.items()
            if buyer["order_count"] >= limits["least_orders"]
        }
        reached, least = at_least_percentile(values, limits["percentile"])
        bought: dict[str | None, set[str]] = defaultdict(set)
        for line in self.lines:
            if line.kind == "sale" and line.product in self.departments:
                bought[line.customer].add(self.departments[line.product])
        copied = "customer_id average_order_value order_count net_amount last_order_date".split()
        copied += "days_since_last_order segment clv_tier".split()
        return {
            who: {
                **{name: buyers[who][name] for name in copied},
                "golden_from_order_value": least,
                "department_count": len(bought[who]),
            }
            for who in reached
            if len(bought[who]) >= limits["least_departments"]
        }

    def tables(self) -> Tables:
        """Table: its key columns, and its rows by key."""
        return {
            "gold.cohort_retention": (("cohort_month_date", "months_since"), self.retention()),
            "gold.cohort_retention_pivoted": (("cohort_month_date", "measure"), self.pivoted()),
            "gold.customer_order_gaps": (("customer_id",), self.order_gaps()),
            "gold.lapsed_top_spenders": (("customer_id",), self.lapsed()),
            "gold.monthly_order_value": (("order_month_date",), self.monthly()),
            "gold.golden_baskets": (("customer_id",), self.golden()),
        }


def _reading(silent: int, usual: float | None, longest: int | None) -> str:
    if usual is None or longest is None:
        return "one order"
    return "longer than any previous gap" if silent > longest else "longer than usual" if silent > usual else "as usual"
