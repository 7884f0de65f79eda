"""Churn, purchase frequency and repeat purchase by period, in plain Python: sets of customers, and no cleverness."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from transform.measures.reference_lines import Line, Row

DAY = dt.timedelta(1)


class Period(NamedTuple):
    """A day, week or month: its days that the calendar holds, and whether a later one has begun."""

    kind: str
    start: dt.date
    days: list[dt.date]
    is_complete: bool


STARTS: dict[str, Callable[[dt.date], dt.date]] = {
    "day": lambda day: day,
    "week": lambda day: day - day.weekday() * DAY,
    "month": lambda day: day.replace(day=1),
}


class PeriodAnswers:
    """What the lines of a shop say of its periods.

    calendar: every day from the first event to the last. as_of, window_days: as in patron.yaml. measured_on: the as_of
    under which a day would be the last one.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        calendar: list[dt.date],
        as_of: dt.date,
        window_days: int,
        measured_on: Callable[[dt.date], dt.date],
    ) -> None:
        sales = [line for line in lines if line.kind == "sale" and line.customer is not None]
        self.calendar, self.as_of, self.window_days, self.measured_on = calendar, as_of, window_days, measured_on
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
        last = start_of(max(self.as_of, self.calendar[-1]))
        return [Period(kind, start, days, start < last) for start, days in found.items()]

    def bought_in(self, days: list[dt.date]) -> set[str]:
        wanted = set(days)
        return {who for who, bought in self.days.items() if wanted.intersection(bought)}

    def present(self, day: dt.date) -> set[str]:
        """Customers who would not be churned, had the day been the last one."""
        limit = self.measured_on(day)
        return {
            who
            for who, bought in self.days.items()
            if any(one <= day and (limit - one).days <= self.window_days for one in bought)
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
                rows[kind, period.start] = {
                    "period_kind": kind,
                    "period_start_date": period.start,
                    "is_complete": period.is_complete,
                    "previous_customer_count": len(active),
                    "lost_customer_count": len(lost),
                    "churn_rate": _share(lost, active),
                    "window_customer_count": len(opening),
                    "window_lost_customer_count": len(gone),
                    "window_churn_rate": _share(gone, opening),
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
                "is_complete": week.is_complete,
                "customer_count": len(counts),
                "order_count": sum(counts),
                "orders_per_customer": sum(counts) / len(counts) if counts else None,
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
                    "is_complete": period.is_complete,
                    "customer_count": len(counts),
                    "repeat_customer_count": len(repeating),
                    "repeat_purchase_rate": _share(repeating, set(counts)),
                    "returning_customer_count": len(returning),
                    "returning_customer_rate": _share(returning, set(counts)),
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
