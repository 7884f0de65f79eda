"""Churn, purchase frequency and repeat purchase by period, in plain Python: sets of customers, and no cleverness."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from transform.measures.reference_lines import Line, Row

DAY = dt.timedelta(1)


class Period(NamedTuple):
    """A day, week or month: its days that the calendar holds, and why they are not all of its days."""

    kind: str
    start: dt.date
    days: list[dt.date]
    incomplete_reason: str | None

    @property
    def is_over(self) -> bool:
        return self.incomplete_reason != "not over yet"

    @property
    def completeness(self) -> Row:
        return {"is_complete": self.incomplete_reason is None, "incomplete_reason": self.incomplete_reason}


STARTS: dict[str, Callable[[dt.date], dt.date]] = {
    "day": lambda day: day,
    "week": lambda day: day - day.weekday() * DAY,
    "month": lambda day: day.replace(day=1),
}


class PeriodAnswers:
    """What the lines of a shop say of its periods.

    calendar: every day from the first that counts to as_of. window_days: as in patron.yaml.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        calendar: list[dt.date],
        window_days: int,
    ) -> None:
        sales = [line for line in lines if line.kind == "sale" and line.customer is not None]
        self.calendar, self.window_days = calendar, window_days
        self.days: dict[str, list[dt.date]] = {}
        orders: dict[tuple[str, str, str], dt.date] = {}
        for line in sorted(sales, key=lambda one: one.day):
            self.days.setdefault(str(line.customer), []).append(line.day)
            orders.setdefault((line.source, line.order_id, str(line.customer)), line.day)
        self.orders = [(who, day) for (_, _, who), day in orders.items()]

    def periods(self, kind: str) -> list[Period]:
        start_of = STARTS[kind]
        found: dict[dt.date, list[dt.date]] = {}
        for day in self.calendar:
            found.setdefault(start_of(day), []).append(day)
        return [Period(kind, start, days, self._incomplete_reason(kind, start)) for start, days in found.items()]

    def _incomplete_reason(self, kind: str, start: dt.date) -> str | None:
        if STARTS[kind](self.calendar[-1] + DAY) == start:
            return "not over yet"
        return "began before the data" if start < self.calendar[0] else None

    def bought_in(self, days: list[dt.date]) -> set[str]:
        wanted = set(days)
        return {who for who, bought in self.days.items() if wanted.intersection(bought)}

    def present(self, day: dt.date) -> set[str]:
        """Customers who would not be churned, had the day been the last one."""
        return {
            who
            for who, bought in self.days.items()
            if any(one <= day and (day - one).days <= self.window_days for one in bought)
        }

    def churn_by_period(self) -> dict[tuple[str, dt.date], Row]:
        rows = {}
        for kind in STARTS:
            before: list[dt.date] = []
            for period in self.periods(kind):
                active = self.bought_in(before)
                lost = active - self.bought_in(period.days)
                opening = self.present(period.days[0] - DAY)
                gone = opening - self.present(period.days[-1])
                back = {who for who in gone if max(self.days[who]) > period.days[-1]}
                is_known = (period.days[0] - self.calendar[0]).days > self.window_days
                reason = None if opening else "no customers"
                reason = reason if period.is_over else "not over yet"
                rows[kind, period.start] = {
                    "period_kind": kind,
                    "period_start_date": period.start,
                    **period.completeness,
                    "previous_customer_count": len(active),
                    "lost_customer_count": len(lost),
                    "returned_customer_count": sum(max(self.days[who]) > period.days[-1] for who in lost),
                    "churn_rate": _share(lost, active) if period.is_over else None,
                    "window_customer_count": len(opening) if is_known else None,
                    "window_lost_customer_count": len(gone) if is_known else None,
                    "window_returned_customer_count": len(back) if is_known else None,
                    "window_churn_rate": _share(gone, opening) if is_known and period.is_over else None,
                    "window_churn_rate_reason": reason if is_known else "history not longer than the churn window",
                }
                before = period.days
        return rows

    def orders_in(self, period: Period) -> Counter[str]:
        days = set(period.days)
        return Counter(who for who, day in self.orders if day in days)

    def purchase_frequency_weekly(self) -> dict[dt.date, Row]:
        rows = {}
        for week in self.periods("week"):
            counts = list(self.orders_in(week).values())
            rows[week.start] = {
                "week_start_date": week.start,
                **week.completeness,
                "customer_count": len(counts),
                "order_count": sum(counts),
                "orders_per_customer": sum(counts) / len(counts) if counts and not week.incomplete_reason else None,
                "one_order_customer_count": counts.count(1),
                "two_order_customer_count": counts.count(2),
                "three_order_customer_count": counts.count(3),
                "more_order_customer_count": sum(count > 3 for count in counts),
                "most_order_count": max(counts, default=0),
            }
        return rows

    def repeat_purchase_rate(self) -> dict[tuple[str, dt.date], Row]:
        rows = {}
        for kind in ("week", "month"):
            for period in self.periods(kind):
                counts = self.orders_in(period)
                repeating = {who for who, count in counts.items() if count > 1}
                returning = {who for who in counts if min(self.days[who]) < period.start}
                rows[kind, period.start] = {
                    "period_kind": kind,
                    "period_start_date": period.start,
                    **period.completeness,
                    "customer_count": len(counts),
                    "repeat_customer_count": len(repeating),
                    "repeat_purchase_rate": None if period.incomplete_reason else _share(repeating, set(counts)),
                    "returning_customer_count": len(returning),
                    "returning_customer_rate": (
                        _share(returning, set(counts)) if period.start > self.calendar[0] else None
                    ),
                }
        return rows

    def tables(self) -> dict[str, tuple[tuple[str, ...], dict]]:
        """Table: its key columns, and its rows by key."""
        period = ("period_kind", "period_start_date")
        return {
            "gold.churn_by_period": (period, self.churn_by_period()),
            "gold.purchase_frequency_weekly": (("week_start_date",), self.purchase_frequency_weekly()),
            "gold.repeat_purchase_rate": (period, self.repeat_purchase_rate()),
        }


def _share(some: set[str], everybody: set[str]) -> float | None:
    return len(some) / len(everybody) if everybody else None
