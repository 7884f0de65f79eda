"""Five questions in plain Python, written from the words of docs/questions and not from the SQL: slow and easy to read.

Each gives a gold table as {key: row}. Only sale lines make orders; a return is a line with pieces below zero.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import log, sqrt
from statistics import fmean, variance
from typing import Any

from shops.random_grocer import RandomGrocer
from transform.measures.reference_lines import Row, money, ratio

DAY = dt.timedelta(1)
OrderKey = tuple[str, str, str | None]


@dataclass(frozen=True)
class Bought:
    """One line: a sale, or pieces that came back."""

    source: str
    number: str
    at: dt.datetime
    who: str | None
    what: str | None
    pieces: int
    gross: Decimal
    off: Decimal
    place: str | None

    @property
    def is_sale(self) -> bool:
        return self.pieces > 0 and self.gross > 0

    @property
    def is_return(self) -> bool:
        return self.pieces < 0

    @property
    def day(self) -> dt.date:
        return self.at.date()

    @property
    def amount(self) -> Decimal:
        return self.gross - self.off if self.is_sale or self.is_return else Decimal(0)


@dataclass(frozen=True)
class Order:
    """The sale lines of one order that name one customer, or none."""

    key: OrderKey
    lines: tuple[Bought, ...]

    @property
    def who(self) -> str | None:
        return self.key[2]

    @property
    def at(self) -> dt.datetime:
        return min(line.at for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.pieces for line in self.lines)

    @property
    def spent(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def place(self) -> str | None:
        return min((line.place for line in self.lines if line.place), default=None)


def _evidence(seen: int, expected: float) -> float:
    return 2 * (seen * log(seen / expected) - (seen - expected)) if seen > expected else 0.0


def _by_evidence(row: Row) -> tuple[Any, ...]:
    return -row["log_likelihood_ratio"], -row["customer_count"], -row["pair_count"], row["partner_product_id"]


class Questions:
    """The answers of one grocer."""

    def __init__(self, made: RandomGrocer) -> None:
        self.made = made
        self.lines = [_line("till", row) for row in made.till] + [_line("fair", row) for row in made.fair]
        self.sales = [line for line in self.lines if line.is_sale]
        self.first, self.last = min(line.day for line in self.lines), max(line.day for line in self.lines)
        self.as_of = self.last
        self.articles = {row["what"]: row for row in made.articles}

    @cached_property
    def orders(self) -> list[Order]:
        found: dict[OrderKey, list[Bought]] = defaultdict(list)
        for line in self.sales:
            found[line.source, line.number, line.who].append(line)
        return [Order(key, tuple(lines)) for key, lines in found.items()]

    @cached_property
    def counted(self) -> list[Order]:
        """Each order once: of those that name two customers, the one of the last name."""
        once: dict[tuple[str, str], Order] = {}
        for order in sorted(self.orders, key=lambda order: order.who or ""):
            once[order.key[:2]] = order
        return list(once.values())

    @cached_property
    def of_customer(self) -> dict[str, list[Order]]:
        theirs: dict[str, list[Order]] = defaultdict(list)
        for order in sorted(self.orders, key=lambda order: (order.at, order.key[0], order.key[1])):
            if order.who is not None:
                theirs[order.who].append(order)
        return theirs

    def net(self, who: str, first: dt.date, last: dt.date) -> Decimal:
        return sum((line.amount for line in self.lines if line.who == who and first <= line.day <= last), Decimal(0))

    # 4: affinity

    @cached_property
    def baskets(self) -> list[tuple[Any, list[str]]]:
        """Who bought, and the different articles, of each order in the window, the giant ones too. A guest is an order."""
        held: dict[tuple[str, str], list[Bought]] = defaultdict(list)
        for line in self.sales:
            held[line.source, line.number].append(line)
        window = self.made.affinity["window_days"]
        since = self.as_of - window * DAY if window else dt.date.min
        recent = {key: lines for key, lines in held.items() if min(line.day for line in lines) > since}
        every = [
            (
                max((line.who for line in lines if line.who), default=key),
                sorted({line.what for line in lines if line.what}),
            )
            for key, lines in recent.items()
        ]
        return [(who, basket) for who, basket in every if basket]

    def affinity(self) -> tuple[dict[Any, Row], Row]:
        rules = self.made.affinity
        kept_of = [(who, basket) for who, basket in self.baskets if len(basket) <= rules["largest_basket"]]
        kept = [basket for _, basket in kept_of]
        everyone = len({who for who, _ in kept_of})
        in_baskets = Counter(article for basket in kept for article in basket)
        common = {article for article, count in in_baskets.items() if count >= rules["least_product_baskets"]}
        together = Counter(pair for basket in kept for pair in combinations([a for a in basket if a in common], 2))
        frequent = {pair: count for pair, count in together.items() if count >= rules["least_pair_baskets"]}
        buyers: dict[Any, Counter[Any]] = defaultdict(Counter)
        for who, basket in kept_of:
            for pair in combinations(basket, 2):
                buyers[pair][who] += 1
        pieces = sum(len(basket) for basket in kept)
        size_factor = len(kept) * sum(len(b) * (len(b) - 1) for b in kept) / pieces**2
        possible = len(common) * (len(common) - 1) // 2
        limit = 2 * log(possible / rules["significance"])
        partners: dict[str, list[Row]] = defaultdict(list)
        habits = 0
        for (one, other), count in frequent.items():
            expected = in_baskets[one] * in_baskets[other] / len(kept) * max(1.0, size_factor)
            by_baskets, people = round(_evidence(count, expected), 6), buyers[one, other]
            effective = count**2 / sum(theirs**2 for theirs in people.values())
            evidence = round(by_baskets * effective / count, 6)
            is_told = len(people) >= rules["least_pair_customers"] and evidence >= limit
            habits += by_baskets >= limit and not is_told
            if is_told:
                for own, partner in ((one, other), (other, one)):
                    partners[own].append(
                        {
                            "product_id": own,
                            "partner_product_id": partner,
                            "pair_count": count,
                            "product_basket_count": in_baskets[own],
                            "partner_basket_count": in_baskets[partner],
                            "basket_count": len(kept),
                            "support_rate": count / len(kept),
                            "confidence_rate": count / in_baskets[own],
                            "expected_confidence_rate": in_baskets[partner] / len(kept),
                            "lift": count / in_baskets[own] / (in_baskets[partner] / len(kept)),
                            "expected_pair_count": expected,
                            "customer_count": len(people),
                            "effective_customer_count": effective,
                            "log_likelihood_ratio": evidence,
                        }
                    )
        told = {}
        for own, rows in partners.items():
            rows.sort(key=_by_evidence)
            told |= {(own, n): {**row, "partner_rank": n} for n, row in enumerate(rows[: rules["partners"]], start=1)}
        coverage = {
            "seen_basket_count": len(self.baskets),
            "too_big_basket_count": len(self.baskets) - len(kept),
            "basket_count": len(kept),
            "seen_product_count": len({article for _, basket in self.baskets for article in basket}),
            "product_count": len(common),
            "possible_pair_count": possible,
            "basket_pair_count": sum(together.values()),
            "frequent_pair_count": len(frequent),
            "significant_pair_count": sum(len(rows) for rows in partners.values()) // 2,
            "habit_pair_count": habits,
            "customer_count": everyone,
            "size_factor": size_factor,
            "least_log_likelihood_ratio": limit,
        }
        return told, coverage

    # 7: regions

    @cached_property
    def region_of(self) -> dict[str, str]:
        known = {row["who"]: row["region"] for row in self.made.people if row["region"]}
        for who, orders in self.of_customer.items():
            places = Counter(order.place for order in orders if order.place)
            if who not in known and places:
                known[who] = min(places, key=lambda place: (-places[place], place))
        return known

    def _region(self, order: Order) -> str:
        own = self.region_of.get(order.who) if order.who else None
        return own or order.place or "unknown"

    def region_hours(self) -> dict[Any, Row]:
        groups: dict[Any, list[Order]] = defaultdict(list)
        for order in self.counted:
            hour = None if order.key[0] == "fair" else order.at.hour
            groups[self._region(order), order.at.isoweekday(), hour].append(order)
        return {
            key: {
                "order_count": len(orders),
                "guest_order_count": sum(order.who is None for order in orders),
                "spent_amount": sum((order.spent for order in orders), Decimal(0)),
            }
            for key, orders in groups.items()
        }

    def regions(self) -> dict[str, Row]:
        rows = {}
        for region in {self._region(order) for order in self.counted}:
            orders = [order for order in self.counted if self._region(order) == region]
            worth = [
                self.net(who, self.first, self.last)
                for who in self.of_customer
                if self.region_of.get(who, "unknown") == region
            ]
            hours = Counter(order.at.hour for order in orders if order.key[0] != "fair")
            days = Counter(order.at.isoweekday() for order in orders)
            hour = min(hours, key=lambda hour: (-hours[hour], hour), default=None)
            weekday = min(days, key=lambda day: (-days[day], day))
            rows[region] = {
                "customer_count": len(worth),
                "total_historical_clv": sum(worth, Decimal(0)),
                "average_historical_clv": ratio(sum(worth, Decimal(0)), len(worth)),
                "order_count": len(orders),
                "timed_order_count": hours.total(),
                "preferred_hour": hour,
                "preferred_hour_share": hours[hour] / hours.total() if hour is not None else None,
                "preferred_weekday": weekday,
                "preferred_weekday_share": days[weekday] / len(orders),
            }
        return rows

    # 8: loyalty

    def _crossed(self, who: str) -> dt.date | None:
        """The first day by whose end the customer had more orders than the limit; an order's day is its first line's."""
        days = sorted(order.at.date() for order in self.of_customer[who])
        limit = self.made.loyalty["orders"]
        return days[limit] if len(days) > limit else None

    def _early(self, who: str) -> tuple[int, Decimal]:
        first = self.of_customer[who][0].at.date()
        last = first + (self.made.loyalty["early_days"] - 1) * DAY
        return sum(order.at.date() <= last for order in self.of_customer[who]), self.net(who, first, last)

    def _window(self, number: int) -> tuple[dt.date, dt.date]:
        days = self.made.loyalty["window_days"]
        return self.first + number * days * DAY, self.first + ((number + 1) * days - 1) * DAY

    def loyalty_cases(self) -> list[Row]:
        """A customer in a window in which their orders passed the limit, or three quarters of it and not the limit."""
        days, limit, cases = self.made.loyalty["window_days"], self.made.loyalty["orders"], []
        whole = ((self.last - self.first).days + 1) // days
        for who, orders in self.of_customer.items():
            first = orders[0].at.date()
            for number in range(1, whole - 1):
                start, end = self._window(number)
                before = sum(order.at.date() < start for order in orders)
                count = sum(start <= order.at.date() <= end for order in orders)
                crossed = before <= limit < before + count
                reached = before <= limit * 3 // 4 < before + count <= limit
                known = self._window(number - 1)[0] >= first + self.made.loyalty["early_days"] * DAY
                if before and known and (crossed or reached):
                    cell = (number, count, _band((start - first).days // before))
                    cases.append({"who": who, "cell": cell, "crossed": crossed})
        return cases

    def _seen(self, case: Row, measure: str, step: int) -> float:
        first, last = self._window(case["cell"][0] + step)
        if measure == "net_amount":
            seen = float(self.net(case["who"], first, last))
        else:
            seen = float(sum(first <= order.at.date() <= last for order in self.of_customer[case["who"]]))
        return seen * 30 / self.made.loyalty["window_days"]

    def loyalty_summary(self) -> dict[Any, Row]:
        cases, rows = self.loyalty_cases(), {}
        cells = defaultdict(list)
        for case in cases:
            cells[case["cell"]].append(case)
        mixed = [cell for cell in cells.values() if len({case["crossed"] for case in cell}) == 2]
        crossers = [case for case in cases if case["crossed"]]
        for measure in ("net_amount", "order_count"):
            change = {id(case): self._seen(case, measure, 1) - self._seen(case, measure, -1) for case in cases}
            if crossers:
                told = [change[id(case)] for case in crossers]
                spread = sum((value - fmean(told)) ** 2 for value in told)
                error = sqrt(spread / (len(told) - 1) / len(told)) if len(told) > 1 else None
                rows["before and after", measure] = _look(len(told), 0, fmean(told), error)
            if mixed:
                rows["matched on pace", measure] = _matched(mixed, change)
        return rows

    def loyalty(self) -> dict[str, Row]:
        cases = self.loyalty_cases()
        others = Counter(case["cell"] for case in cases if not case["crossed"])
        crossing = {case["who"]: case["cell"] for case in cases if case["crossed"]}
        rows = {}
        for who, orders in self.of_customer.items():
            crossed = self._crossed(who)
            if crossed is None:
                continue
            first = orders[0].at.date()
            before, after = self.net(who, first, crossed - DAY), self.net(who, crossed + DAY, self.last)
            days, later = (crossed - first).days, (self.last - crossed).days
            alike = others[crossing[who]] if who in crossing else 0
            state = "compared" if alike else "no comparable customers" if who in crossing else "incomplete window"
            rows[who] = {
                "first_order_date": first,
                "crossed_date": crossed,
                "days_to_cross": days,
                "order_count": len(orders),
                "early_order_count": self._early(who)[0],
                "early_net_amount": self._early(who)[1],
                "before_net_amount": before,
                "before_amount_per_30_days": ratio(30 * before, days),
                "after_net_amount": after,
                "after_amount_per_30_days": ratio(30 * after, later),
                "alike_count": alike,
                "comparison_state": state,
            }
        return rows

    # 9: categories

    def categories(self) -> dict[Any, Row]:
        groups: dict[Any, list[Bought]] = defaultdict(list)
        sold = {line.what for line in self.sales}
        takes_back = any(line.is_return for line in self.lines if line.what in sold)
        for line in self.lines:
            if line.what is None or line.what not in sold:
                continue
            on_file = self.articles.get(line.what, {})
            department, category = on_file.get("department") or "unknown", on_file.get("category") or "unknown"
            groups["department", department, department].append(line)
            groups["category", department, category].append(line)
        rows = {key: self._category(lines, takes_back) for key, lines in groups.items()}
        for level in ("department", "category"):
            for column in ("margin_amount", "margin_rate"):
                ranked = [key for key in rows if key[0] == level and rows[key][column] is not None]
                ranked.sort(key=lambda key: (-rows[key][column], key[2], key[1]))
                for place, key in enumerate(ranked, start=1):
                    rows[key][f"{column}_rank"] = place
        return rows

    def _category(self, lines: list[Bought], takes_back: bool) -> Row:
        sales, back = [line for line in lines if line.is_sale], [line for line in lines if line.is_return]
        costed = [line for line in lines if self._on_file(line, "cost") is not None]
        gross = sum((line.gross for line in sales), Decimal(0))
        net = sum((line.amount for line in costed), Decimal(0))
        cost = sum(
            (line.pieces * self._on_file(line, "cost") for line in costed if line.is_sale or line.is_return), Decimal(0)
        )
        stated = [(line.pieces, self._on_file(line, "back")) for line in sales if self._states(line)]
        pieces, returned = sum(line.pieces for line in sales), -sum(line.pieces for line in back)
        stated_rate = float(sum(n * rate for n, rate in stated) / sum(n for n, _ in stated)) if stated else None
        return {
            "product_count": len({line.what for line in lines}),
            "unit_count": pieces,
            "gross_amount": gross,
            "net_amount": sum((line.amount for line in lines), Decimal(0)),
            "cost_known_rate": float(sum(line.gross for line in costed if line.is_sale) / gross),
            "margin_amount": net - cost if costed else None,
            "margin_rate": float(net - cost) / float(net) if costed and net else None,
            "margin_amount_rank": None,
            "margin_rate_rank": None,
            "measured_return_rate": returned / pieces,
            "measured_return_amount_rate": float(-sum((line.amount for line in back), Decimal(0)) / gross),
            "stated_return_rate": stated_rate,
            "return_rate": returned / pieces if takes_back else stated_rate,
        }

    def _on_file(self, line: Bought, column: str) -> Decimal | None:
        value = self.articles.get(line.what, {}).get(column)
        return Decimal(value) if value is not None else None

    def _states(self, line: Bought) -> bool:
        rate = self._on_file(line, "back")
        return rate is not None and 0 <= rate <= 1

    # 10: basket shift

    def shifts(self) -> dict[str, Row]:
        rules, rows = self.made.shift, {}
        n, keep = rules["orders"], 1 - Fraction(str(rules["least_drop"]))
        for who, orders in self.of_customer.items():
            if len(orders) < 2 * n:
                continue
            early, recent = orders[:n], orders[-n:]
            pieces = [Fraction(sum(order.pieces for order in part)) for part in (early, recent)]
            spent = [Fraction(sum((order.spent for order in part), Decimal(0))) for part in (early, recent)]
            before, after = pieces if rules["size"] == "pieces" else spent
            rows[who] = {
                "order_count": len(orders),
                "early_last_date": max(order.at.date() for order in early),
                "recent_first_date": min(order.at.date() for order in recent),
                "early_units_per_order": money(pieces[0] / n),
                "recent_units_per_order": money(pieces[1] / n),
                "early_amount_per_order": money(spent[0] / n),
                "recent_amount_per_order": money(spent[1] / n),
                "unit_drop_rate": float(1 - pieces[1] / pieces[0]),
                "amount_drop_rate": float(1 - spent[1] / spent[0]) if spent[0] > 0 else None,
                "is_shrinking": before > 0 and after < before * keep,
                "is_growing": before > 0 and after * keep > before,
            }
        return rows


def _line(source: str, row: Row) -> Bought:
    at = dt.datetime.fromisoformat(row["at"])
    gross = row["pieces"] * Decimal(row["price"])
    place = row["place"] if source == "till" else None
    off = Decimal(row["off"] or 0)
    return Bought(source, row["number"], at, row["who"], row["what"], row["pieces"], gross, off, place)


def _look(cases: int, others: int, difference: float, error: float | None) -> Row:
    reach = error and 1.959963984540054 * error
    return {
        "crosser_count": cases,
        "other_count": others,
        "difference": difference,
        "difference_low": difference - reach if reach is not None else None,
        "difference_high": difference + reach if reach is not None else None,
    }


def _band(days: int) -> int:
    return next((most for most in (0, 3, 7, 14, 21, 30, 45, 60, 90, 135, 180, 270, 365) if days <= most), 366)


def _matched(cells: list[list[Row]], change: dict[int, float]) -> Row:
    """Difference of means within each cell, weighted by crossers, by their variances; one alone has that of the cell."""
    told = [
        ([change[id(c)] for c in cell if c["crossed"]], [change[id(c)] for c in cell if not c["crossed"]])
        for cell in cells
    ]
    n, m = sum(len(own) for own, _ in told), sum(len(others) for _, others in told)
    difference = sum(len(own) * (fmean(own) - fmean(others)) for own, others in told) / n
    spread = 0.0
    for a, b in told:
        own, others = (variance(values if len(values) > 1 else a + b) for values in (a, b))
        spread += len(a) ** 2 * (own / len(a) + others / len(b))
    return _look(n, m, difference, sqrt(spread) / n)
