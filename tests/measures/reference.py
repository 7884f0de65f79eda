"""Gold in plain Python, written from DESIGN's words and not from the SQL: slow, exact, and easy to read.

`answers(lines, members, articles, rules)` gives every gold table as {key: row}. Money is Decimal rounded half away
from zero to four places, once, at the end; ratios are Fractions until then.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from importlib import resources
from itertools import combinations
from typing import Any

Row = dict[str, Any]
DAY = dt.timedelta(1)
KINDS_IN_NET = ("sale", "discount", "return")
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
    tier_measure: str = "formula_clv_profit"
    tier_by: str = "percentile"
    tier_cuts: tuple[str, ...] = ("0.33", "0.66")
    tier_labels: tuple[str, ...] = ("Low", "Medium", "High")
    low_days: int = 30
    medium_days: int = 60
    window_days: int = 90
    segments: str = "nine"


@dataclass(frozen=True)
class Line:
    """One good line, after keys and duplicates. `kind` is what the line rules call it."""

    source: str
    order_id: str
    at: dt.datetime
    customer: str | None
    product: str | None
    quantity: Decimal
    price: Decimal
    discount: Decimal
    kind: str

    @cached_property
    def day(self) -> dt.date:
        return self.at.date()

    @cached_property
    def gross(self) -> Decimal:
        return money(Fraction(self.quantity) * Fraction(self.price))

    @cached_property
    def amount(self) -> Decimal:
        return self.gross - self.discount


def money(exact: Fraction | int) -> Decimal:
    """To four places, half away from zero."""
    whole = (2 * abs(exact) * 10_000 + 1) // 2
    return Decimal(int(whole) if exact >= 0 else -int(whole)).scaleb(-4)


def ratio(top: Fraction | Decimal | int, bottom: Fraction | int | None) -> Decimal | None:
    return money(Fraction(top) / Fraction(bottom)) if bottom else None


def online_retail_kind(
    order: str, product: str | None, name: str | None, quantity: Decimal, price: Decimal, customer: str | None
) -> str:
    """The six groups of the reference, in the order of their precedence."""
    words = (name or "").lower()

    def says(*some: str) -> bool:
        return any(word in words for word in some)

    code = product or ""
    if says("adjust bad debt"):
        return "bad_debt"
    if code == "D":
        return "discount"
    if code in ("POST", "DOT", "C2", "BANK CHARGES", "CRUK", "AMAZONFEE"):
        return "charge"
    if price != 0 and says("postage", "bank charges", "cruk commission", "mailout", "amazon fee", "carriage"):
        return "charge"
    if code.upper() in ("M", "S"):
        return "adjustment"
    if price == 0 and customer is None:
        return "adjustment" if says("adjust", "manual", "check") else "invalid"
    if price == 0 and says("???", "missing", "wrongly sold"):
        return "invalid"
    if price < 0 or quantity == 0:
        return "invalid"
    if quantity < 0 or order.startswith("C"):
        return "return"
    return "free" if price == 0 else "sale"


def total(lines: Iterable[Line], *, gross: bool = False) -> Decimal:
    return sum(((line.gross if gross else line.amount) for line in lines), Decimal(0))


def parts(lines: list[Line]) -> Row:
    """gross, what was given away, what was given back, and their sum."""
    sales = [line for line in lines if line.kind == "sale"]
    discounts = total(line for line in lines if line.kind == "discount") - sum(line.discount for line in sales)
    refunds = total(line for line in lines if line.kind == "return")
    gross = total(sales, gross=True)
    return {
        "gross_amount": gross,
        "discount_amount": discounts,
        "refund_amount": refunds,
        "net_amount": gross + discounts + refunds,
    }


def orders_of(lines: Iterable[Line]) -> dict[tuple[str, str, str | None], dt.date]:
    """Distinct orders with at least one sale line: the day of the first of these."""
    first: dict[tuple[str, str, str | None], dt.date] = {}
    for line in lines:
        if line.kind == "sale":
            key = (line.source, line.order_id, line.customer)
            first[key] = min(first.get(key, line.day), line.day)
    return first


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
        "average_line_value": ratio(net, len(sales)),
        "as_of_date": as_of,
    }
    absent = (
        "first_order_date last_order_date days_since_last_order tenure_days repeat_count recency_weeks age_weeks "
        "historical_clv formula_clv_revenue formula_clv_profit"
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
            "repeat_count": len(days) - 1,
            "recency_weeks": (days[-1] - days[0]).days / 7,
            "age_weeks": tenure / 7,
            "historical_clv": net,
            "formula_clv_revenue": money(revenue),
            "formula_clv_profit": money(revenue * Fraction(rules.gross_margin)),
        }
    return row


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
    text = resources.files("patron").joinpath("rules", f"segments_{label_set}.csv").read_text(encoding="utf-8")
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


def churn_of(days: int, rules: Rules) -> Row:
    limits = [(rules.low_days, "Low"), (rules.medium_days, "Medium"), (rules.window_days, "High")]
    group = next((name for limit, name in limits if days <= limit), "Churned")
    return {"is_churned": days > rules.window_days, "churn_group": group}


class Answers:
    """All of gold for some lines. `members` and `articles` are the newest row of each customer and product."""

    def __init__(
        self, lines: list[Line], members: Mapping[str, Row], articles: Mapping[str, Row], rules: Rules
    ) -> None:
        self.members, self.articles, self.rules = members, articles, rules
        self.every_line = lines
        latest = max(line.day for line in lines)
        self.as_of = latest + DAY if rules.as_of == "latest" else rules.as_of
        assert isinstance(self.as_of, dt.date)
        self.lines = [line for line in lines if line.day <= self.as_of]
        last = latest if rules.as_of == "latest" else self.as_of
        first = min(line.day for line in self.lines)
        self.calendar = [first + n * DAY for n in range((last - first).days + 1)]

    def measured_on(self, day: dt.date) -> dt.date:
        """The as_of under which a day of the calendar would be the last one."""
        return day + DAY if self.rules.as_of == "latest" else day

    @cached_property
    def customers(self) -> dict[str, Row]:
        """Everyone with a line: measures, and for buyers scores, segment, tier and churn."""
        rows = measured(self.lines, self.as_of, self.rules)
        buyers = {who: row for who, row in rows.items() if row["order_count"]}
        axes = {"recency": "days_since_last_order", "frequency": "order_count", "monetary": "net_amount"}
        scored = {axis: scores(buyers, column, self.rules) for axis, column in axes.items()}
        limits = tier_limits(buyers, self.rules)
        labels = segment_rows(self.rules.segments)
        for who, row in buyers.items():
            triple = (scored["recency"][who], scored["frequency"][who], scored["monetary"][who])
            segment = segment_of(triple, labels)
            value = row[self.rules.tier_measure]
            at_most = sum(other[self.rules.tier_measure] <= value for other in buyers.values())
            row |= dict(zip(("recency_score", "frequency_score", "monetary_score"), triple, strict=True))
            row |= {"segment": segment["segment"], "recommended_action": segment["action"]}
            row |= churn_of(row["days_since_last_order"], self.rules)
            row["clv_tier"] = self.rules.tier_labels[sum(value >= limit for limit in limits)]
            row["clv_percentile_rate"] = at_most / len(buyers)
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
        personal = ("phone", "address", "gender", "birth_date", "clv_percentile_rate")
        every_name = {name for row in self.buyers.values() for name in row}
        rows = {}
        for who, about in self.dim_customer().items():
            row = {**dict.fromkeys(every_name), **dict.fromkeys(counted, 0), "as_of_date": self.as_of}
            row |= self.customers.get(who, {})
            row |= about
            rows[who] = {name: value for name, value in row.items() if name not in personal}
        return rows

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
            rows[day]["stickiness"] = dau / mau if mau else None
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
            }
        return rows

    def kpi_overall(self) -> dict[dt.date, Row]:
        """Each day: the whole shop as it would be measured, had that day been the last."""
        active = self.engagement_daily()
        rows = {}
        for day in self.calendar:
            as_of = self.measured_on(day)
            lines = [line for line in self.lines if line.day <= day]
            buyers = [row for row in measured(lines, as_of, self.rules).values() if row["order_count"]]
            rows[day] = {"kpi_date": day, "active_customer_count": active[day]["mau"], **self._kpi(lines, buyers)}
        return rows

    def _kpi(self, lines: list[Line], buyers: list[Row]) -> Row:
        count = len(buyers)
        orders = orders_of(lines)
        money_parts = parts(lines)
        repeaters = sum(row["order_count"] > 1 for row in buyers)
        churned = sum(row["days_since_last_order"] > self.rules.window_days for row in buyers)
        net = sum((Fraction(row["net_amount"]) for row in buyers), Fraction(0))
        unit = TENURE_UNITS[self.rules.tenure_unit]
        revenue = sum((Fraction(row["net_amount"]) * row["tenure_days"] / unit for row in buyers), Fraction(0))
        return {
            "customer_count": count,
            "repeat_customer_count": repeaters,
            "repeat_customer_rate": repeaters / count if count else None,
            "churned_customer_count": churned,
            "churn_rate": churned / count if count else None,
            "order_count": len(orders),
            "guest_order_count": sum(customer is None for _, _, customer in orders),
            **money_parts,
            "average_order_value": ratio(money_parts["net_amount"], len(orders)),
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
                "week_start_date": day - day.weekday() * DAY,
            }
            for day in self.calendar
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
                **{f"{kind}_amount": total(line for line in lines if line.kind == kind)
                   for kind in ("free", "adjustment", "bad_debt", "charge", "invalid")},
                "raw_amount": total(lines),
            }
            for key, lines in groups.items()
        }  # fmt: skip

    def tables(self) -> dict[str, tuple[tuple[str, ...], dict[Any, Row]]]:
        """Table: its key columns, and its rows by key."""
        fact = (
            "as_of_date segment churn_group clv_tier first_order_date last_order_date days_since_last_order tenure_days "
            "order_count gross_amount discount_amount refund_amount net_amount average_order_value historical_clv "
            "formula_clv_revenue formula_clv_profit recency_score frequency_score monetary_score is_churned"
        ).split()
        triple = ("recency_score", "frequency_score", "monetary_score")
        rfm = ("days_since_last_order", "order_count", "net_amount", "tenure_days", *triple)
        clv = (
            "order_count tenure_days average_order_value historical_clv formula_clv_revenue formula_clv_profit".split()
        )
        churn = ("last_order_date", "days_since_last_order", "is_churned", "churn_group")
        who = ("customer_id",)
        return {
            "gold.customer_360": (who, self.customer_360()),
            "gold.dim_customer": (who, self.dim_customer()),
            "gold.customer_rfm": (who, self.of_buyers(*rfm)),
            "gold.customer_segments": (who, self.of_buyers(*triple, "segment", "recommended_action")),
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
