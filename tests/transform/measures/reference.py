"""Gold in plain Python, written from DESIGN's words and not from the SQL: slow, exact, and easy to read.

`Answers(lines, members, articles, rules).tables()` gives every gold table as {key: row}. Money is Decimal rounded
half away from zero to four places, once, at the end; ratios are Fractions until then.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

from transform.measures.reference_customers import (
    TENURE_UNITS,
    Rules,
    churn_of,
    measured,
    scores,
    segment_of,
    segment_rows,
    tier_limits,
)
from transform.measures.reference_lines import Line, Row, before_refunds, money, orders_of, parts, ratio, total

DAY = dt.timedelta(1)
KINDS_IN_NET = ("sale", "discount", "return")
OTHER_KINDS = ("free", "adjustment", "bad_debt", "charge", "gift_card", "invalid", "not_completed", "test")


class Answers:
    """All of gold for some lines. `members` and `articles` are the newest row of each customer and product."""

    def __init__(
        self, lines: list[Line], members: Mapping[str, Row], articles: Mapping[str, Row], rules: Rules
    ) -> None:
        self.members, self.articles, self.rules = members, articles, rules
        self.every_line = lines
        counted = [line for line in lines if line.kind not in ("invalid", "not_completed", "test")]
        latest = max(line.day for line in counted)
        self.as_of = latest if rules.as_of == "latest" else rules.as_of
        assert isinstance(self.as_of, dt.date)
        self.lines = [line for line in lines if line.day <= self.as_of]
        first = min(line.day for line in counted if line.day <= self.as_of)
        self.calendar = [first + n * DAY for n in range((self.as_of - first).days + 1)]

    @cached_property
    def customers(self) -> dict[str, Row]:
        """Everyone with a line: measures, and for buyers scores, segment, tier and churn."""
        rows = measured(self.lines, self.as_of, self.rules)
        buyers = {who: row for who, row in rows.items() if row["order_count"]}
        axes = {"recency": "days_since_last_order", "frequency": "order_count", "monetary": "net_amount"}
        scored = {axis: scores(buyers, column, self.rules) for axis, column in axes.items()}
        limits = tier_limits(buyers, self.rules)
        labels = segment_rows(self.rules.segments)
        for who, buyer in buyers.items():
            triple = (scored["recency"][who], scored["frequency"][who], scored["monetary"][who])
            segment = segment_of(triple, labels)
            value = buyer[self.rules.tier_measure]
            at_most = sum(other[self.rules.tier_measure] <= value for other in buyers.values())
            buyer.update(zip(("recency_score", "frequency_score", "monetary_score"), triple, strict=True))
            buyer.update({"segment": segment["segment"], "recommended_action": segment["action"]})
            buyer["churn_risk"] = segment["churn_risk"]
            history = (self.calendar[-1] - self.calendar[0]).days
            buyer.update(churn_of(buyer["days_since_last_order"], history, self.rules))
            buyer["clv_tier"] = self.rules.tier_labels[sum(value >= limit for limit in limits)]
            buyer["clv_percentile_rate"] = at_most / len(buyers)
        return rows

    @cached_property
    def buyers(self) -> dict[str, Row]:
        return {who: row for who, row in self.customers.items() if row["order_count"]}

    def dim_customer(self) -> dict[str, Row]:
        by_now = {line.customer for line in self.lines}
        later = {line.customer for line in self.every_line} - by_now
        known = set(self.customers) | (set(self.members) - later)
        blank = dict.fromkeys("customer_name email phone address country region city gender birth_date".split())
        blank |= dict.fromkeys(["signed_up_at", "is_loyalty_member"])
        return {
            who: {
                "customer_id": who,
                **blank,
                **self.members.get(who, {}),
                "first_seen_date": self.customers.get(who, {}).get("first_seen_date"),
            }
            for who in known
        }

    def customer_360(self) -> dict[str, Row]:
        counted = ["order_count", "purchase_day_count", "unit_count"]
        counted += ["gross_amount", "discount_amount", "refund_amount", "net_amount"]
        personal = ("phone", "address", "birth_date")
        every_name = {name for row in self.buyers.values() for name in row}
        rows = {}
        for who, about in self.dim_customer().items():
            row = {**dict.fromkeys(every_name), **dict.fromkeys(counted, 0), "as_of_date": self.as_of}
            row |= self.customers.get(who, {})
            row |= about
            row |= self._habits(who)
            elsewhere = {*personal, "is_churned_reason"}  # which is in gold.customer_churn alone
            rows[who] = {name: value for name, value in row.items() if name not in elsewhere}
        return rows

    def _habits(self, who: str) -> Row:
        """Visits (which are orders here), promoted orders, and whether the customer still comes."""
        theirs = [line for line in self.lines if line.customer == who]
        days, buyer = orders_of(theirs), self.buyers.get(who)
        promoted = orders_of(line for line in theirs if line.discount > 0)
        weeks = max(buyer["tenure_days"], 7) / 7 if buyer else None
        return {
            "is_active": buyer is not None and not buyer["is_churned"],
            "visit_count": len(days),
            "last_year_visit_count": sum(day > self.as_of - 365 * DAY for day in days.values()),
            "visits_per_week": len(days) / weeks if weeks else None,
            "promoted_order_count": len(promoted),
            "discount_usage_rate": len(promoted) / len(days) if days else None,
            "first_promotion_date": min((days[key] for key in promoted), default=None),
        }

    def of_buyers(self, *names: str) -> dict[str, Row]:
        return {who: {name: row[name] for name in ("customer_id", *names)} for who, row in self.buyers.items()}

    def engagement_daily(self) -> dict[dt.date, Row]:
        bought: dict[dt.date, set[str]] = defaultdict(set)
        for line in self.lines:
            if line.kind == "sale" and line.customer is not None:
                bought[line.day].add(line.customer)

        def within(day: dt.date, days: int) -> int:
            return len(set().union(*(bought.get(day - n * DAY, set()) for n in range(days))))

        rows = {}
        for day in self.calendar:
            dau, mau = within(day, 1), within(day, 30)
            rows[day] = {"activity_date": day, "dau": dau, "wau": within(day, 7), "mau": mau}
            early = (day - self.calendar[0]).days < 29
            rows[day]["stickiness"] = dau / mau if mau and not early else None
            unknown = None if mau else "no customers in 30 days"
            rows[day]["stickiness_reason"] = "fewer than 30 days of data" if early else unknown
        return rows

    def daily_metrics(self) -> dict[dt.date, Row]:
        by_day: dict[dt.date, list[Line]] = defaultdict(list)
        for line in self.lines:
            by_day[line.day].append(line)
        order_days: dict[dt.date, list[str | None]] = defaultdict(list)
        for (_, _, customer), day in orders_of(self.lines).items():
            order_days[day].append(customer)
        rows = {}
        for day in self.calendar:
            lines = by_day.get(day, [])
            sales = [line for line in lines if line.kind == "sale"]
            money_parts = parts(lines)
            orders = order_days.get(day, [])
            rows[day] = {
                "activity_date": day,
                "order_count": len(orders),
                "guest_order_count": orders.count(None),
                "customer_count": len({line.customer for line in sales} - {None}),
                "new_customer_count": sum(row["first_order_date"] == day for row in self.buyers.values()),
                "sale_line_count": len(sales),
                "unit_count": sum((line.quantity for line in sales), Decimal(0)),
                **money_parts,
                "other_amount": total(line for line in lines if line.kind not in KINDS_IN_NET),
                "average_order_value": ratio(money_parts["net_amount"], len(orders)),
                "average_order_value_before_refunds": ratio(before_refunds(money_parts), len(orders)),
            }
        return rows

    def kpi_overall(self) -> dict[dt.date, Row]:
        """Each day: the whole shop as it would be measured, had that day been the last."""
        active = self.engagement_daily()
        rows = {}
        for day in self.calendar:
            lines = [line for line in self.lines if line.day <= day]
            buyers = [row for row in measured(lines, day, self.rules).values() if row["order_count"]]
            rows[day] = {"kpi_date": day, "active_customer_count": active[day]["mau"], **self._kpi(lines, buyers)}
            if (day - self.calendar[0]).days <= self.rules.window_days:
                unknown = "history not longer than the churn window"
                rows[day] |= {"churned_customer_count": None, "churn_rate": None, "churn_rate_reason": unknown}
        return rows

    def _kpi(self, lines: list[Line], buyers: list[Row]) -> Row:
        count = len(buyers)
        orders = orders_of(lines)
        money_parts = parts(lines)
        repeaters = sum(row["order_count"] > 1 for row in buyers)
        on_two_days = sum(row["purchase_day_count"] > 1 for row in buyers)
        churned = sum(row["days_since_last_order"] > self.rules.window_days for row in buyers)
        net = sum((Fraction(row["net_amount"]) for row in buyers), Fraction(0))
        unit = TENURE_UNITS[self.rules.tenure_unit]
        revenue = sum((Fraction(row["net_amount"]) * row["tenure_days"] / unit for row in buyers), Fraction(0))
        return {
            "customer_count": count,
            "repeat_customer_count": repeaters,
            "repeat_customer_rate": repeaters / count if count else None,
            "repeat_day_customer_count": on_two_days,
            "repeat_day_customer_rate": on_two_days / count if count else None,
            "churned_customer_count": churned,
            "churn_rate": churned / count if count else None,
            "churn_rate_reason": None if count else "no customers",
            "order_count": len(orders),
            "guest_order_count": sum(customer is None for _, _, customer in orders),
            **money_parts,
            "average_order_value": ratio(money_parts["net_amount"], len(orders)),
            "average_order_value_before_refunds": ratio(before_refunds(money_parts), len(orders)),
            "total_historical_clv": money(net),
            "average_historical_clv": ratio(net, count),
            "average_formula_clv_revenue": ratio(revenue, count),
            "average_formula_clv_profit": ratio(revenue * Fraction(self.rules.gross_margin), count),
        }

    def product_price_behaviour(self) -> dict[str, Row]:
        by_product: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            if line.product is not None:
                by_product[line.product].append(line)
        return {product: _price_row(product, lines) for product, lines in by_product.items()}

    def dim_product(self) -> dict[str, Row]:
        days: dict[str, list[dt.date]] = defaultdict(list)
        for line in self.lines:
            if line.product is not None:
                days[line.product].append(line.day)
        blank = dict.fromkeys("product_name category subcategory department brand list_price unit_cost".split())
        return {
            product: {
                "product_id": product,
                **blank,
                **self.articles.get(product, {}),
                "first_line_date": min(days[product], default=None),
                "last_line_date": max(days[product], default=None),
            }
            for product in {*days, *self.articles}
        }

    def dim_date(self) -> dict[dt.date, Row]:
        return {
            day: {
                "calendar_date": day,
                "calendar_year": day.year,
                "calendar_quarter": (day.month + 2) // 3,
                "calendar_month": day.month,
                "day_of_month": day.day,
                "day_of_week": day.isoweekday(),
                "is_weekend": day.isoweekday() > 5,
                "month_start_date": day.replace(day=1),
                "quarter_start_date": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
                "year_start_date": day.replace(month=1, day=1),
                "week_start_date": day - day.weekday() * DAY,
            }
            for day in sorted({*self.calendar, self.as_of})
        }

    def dim_rfm_segment(self) -> dict[str, Row]:
        labels = segment_rows(self.rules.segments)
        triples = [(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]
        taken = [segment_of(triple, labels)["segment"] for triple in triples]
        return {
            row["segment"]: {
                "segment": row["segment"],
                "segment_order": order,
                "description": row["description"],
                "recommended_action": row["action"],
                "churn_risk": row["churn_risk"],
                "score_triple_count": taken.count(row["segment"]),
            }
            for order, row in enumerate(labels, start=1)
        }

    def ledger(self) -> dict[tuple[str, dt.date], Row]:
        """Per source and day, of all lines: as_of cuts measures, not the ledger."""
        groups: dict[tuple[str, dt.date], list[Line]] = defaultdict(list)
        for line in self.every_line:
            groups[line.source, line.day].append(line)
        return {
            key: {
                "source_name": key[0],
                "ledger_date": key[1],
                "line_count": len(lines),
                "raw_line_count": len(lines),
                **{name: value for name, value in parts(lines).items() if name != "net_amount"},
                **{f"{kind}_amount": total(line for line in lines if line.kind == kind) for kind in OTHER_KINDS},
                "raw_amount": total(lines),
                "shared_amount": Decimal(0),
            }
            for key, lines in groups.items()
        }

    def revenue_bridge(self) -> dict[str, Row]:
        """Per source, of all lines: what counts by as_of, what does not, and what came later."""
        groups: dict[str, list[Line]] = defaultdict(list)
        for line in self.every_line:
            groups[line.source].append(line)
        beside = ("tax_amount", "shipping_amount", "tip_amount", "gift_card_paid_amount", "shared_amount")
        bridge = {}
        for source, lines in groups.items():
            by_now = [line for line in lines if line.day <= self.as_of]
            later = [line for line in lines if line.day > self.as_of and line.kind in KINDS_IN_NET]
            kinds = {kind: total(line for line in lines if line.kind == kind) for kind in OTHER_KINDS}
            bridge[source] = {
                "source_name": source,
                "line_count": len(lines),
                "raw_amount": total(lines),
                **{
                    f"{'gift_card_sold' if kind == 'gift_card' else kind}_amount": amount
                    for kind, amount in kinds.items()
                },
                "later_amount": total(later),
                **parts(by_now),
                **dict.fromkeys(beside, Decimal(0)),
            }
        return bridge

    def tables(self) -> dict[str, tuple[tuple[str, ...], dict[Any, Row]]]:
        """Table: its key columns, and its rows by key."""
        fact = (
            "as_of_date segment churn_group clv_tier first_order_date last_order_date days_since_last_order "
            "tenure_days order_count gross_amount discount_amount refund_amount net_amount average_order_value "
            "average_order_value_before_refunds historical_clv formula_clv_revenue formula_clv_profit recency_score frequency_score monetary_score "
            "is_churned"
        ).split()
        triple = ("recency_score", "frequency_score", "monetary_score")
        rfm = ("days_since_last_order", "order_count", "net_amount", "tenure_days", *triple)
        clv = (
            "order_count tenure_days average_order_value historical_clv formula_clv_revenue formula_clv_profit "
            "run_rate_clv_1y run_rate_clv_3y run_rate_clv_5y"
        ).split()
        churn = ("last_order_date", "days_since_last_order", "is_churned", "is_churned_reason", "churn_group")
        who = ("customer_id",)
        return {
            "gold.customer_360": (who, self.customer_360()),
            "gold.dim_customer": (who, self.dim_customer()),
            "gold.customer_rfm": (who, self.of_buyers(*rfm)),
            "gold.customer_segments": (who, self.of_buyers(*triple, "segment", "recommended_action", "churn_risk")),
            "gold.customer_clv": (who, self.of_buyers(*clv, "clv_tier", "clv_percentile_rate")),
            "gold.customer_churn": (who, self.of_buyers(*churn)),
            "gold.fct_customer_metrics": (who, self.of_buyers(*fact)),
            "gold.engagement_daily": (("activity_date",), self.engagement_daily()),
            "gold.daily_metrics": (("activity_date",), self.daily_metrics()),
            "gold.kpi_overall": (("kpi_date",), self.kpi_overall()),
            "gold.product_price_behaviour": (("product_id",), self.product_price_behaviour()),
            "gold.dim_product": (("product_id",), self.dim_product()),
            "gold.dim_date": (("calendar_date",), self.dim_date()),
            "gold.dim_rfm_segment": (("segment",), self.dim_rfm_segment()),
            "gold.revenue_bridge": (("source_name",), self.revenue_bridge()),
            "measures.ledger": (("source_name", "ledger_date"), self.ledger()),
        }


def _price_row(product: str, lines: list[Line]) -> Row:
    sales = [line for line in lines if line.kind == "sale"]
    prices = {line.price for line in sales}
    zeros = sum(line.price == 0 for line in lines)
    manual = sum(line.kind == "adjustment" for line in lines)
    return {
        "product_id": product,
        "price_behaviour": _price_behaviour(sales, zeros + manual),
        "price_count": len(prices),
        "lowest_price": min(prices, default=None),
        "highest_price": max(prices, default=None),
        "zero_price_line_count": zeros,
        "manual_line_count": manual,
        "sale_line_count": len(sales),
        "unit_count": sum((line.quantity for line in sales), Decimal(0)),
        "gross_amount": total(sales, gross=True),
        "first_sale_date": min((line.day for line in sales), default=None),
        "last_sale_date": max((line.day for line in sales), default=None),
    }


def _price_behaviour(sales: list[Line], zero_or_manual: int) -> str:
    days: dict[Decimal, set[dt.date]] = defaultdict(set)
    for line in sales:
        days[line.price].add(line.day)
    if zero_or_manual:
        return "zero_or_manual"
    if len(days) <= 1:
        return "normal"

    def overlap(some: set[dt.date], others: set[dt.date]) -> bool:
        return min(some) <= max(others) and min(others) <= max(some)

    if len(days) == 2 and not overlap(*days.values()):
        return "one_off_price_change"
    lasting = [sold for sold in days.values() if len(sold) > 1]
    if any(overlap(some, others) for some, others in combinations(lasting, 2)):
        return "oscillating_or_promotional"
    return "complex"
