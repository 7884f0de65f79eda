"""Shops made by chance from a seed: raw rows in several files a source, their settings, and the good lines in them.

Hand-made dirt: unreadable days and quantities, exact duplicates, late rows, corrected lines, orders that move to
another customer, guests, customers on file who never come, refunds before the first order, prices that move.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shops.building import Row
from transform.measures.reference_customers import Rules
from transform.measures.reference_lines import Line, online_retail_kind

FIRST = dt.date(2023, 11, 20)
BATCHES = 3
TOO_MUCH = 10**13
"""A line of more than ten digits is a slip of the pen, and quarantined."""
WORDS = ["Lamp", "polkadot CHECKED cup", "postage", "Manual", "Adjust bad debt", "???", "stock check", "carriage", None]
CODES = ["POST", "D", "M", "B", "C2", "S", None]
COUNTRIES = {"EIRE": "Ireland", "uk": "United Kingdom", "Unspecified": None, "Peru": "Peru", "": None}
TILL = "Receipt When Who Code What Pieces Price".split()
WEB = "Order Line When Who Code Pieces Price Off".split()
PHONE = "Number When Who Amount Off".split()
MEMBERS = "Id Name Land Changed".split()


@dataclass
class RandomShop:
    """Raw rows of each source, one list a batch, in order of arrival."""

    seed: int
    rules: Rules
    drop_duplicates: bool
    till: list[list[Row]]
    web: list[list[Row]]
    phone: list[list[Row]]
    members: list[list[Row]]

    def files(self, batches: Iterable[int] = range(BATCHES)) -> dict[str, list[Row]]:
        """The files of some batches. Batch 10 follows batch 2 in natural order, as do these."""
        sources = {"till": self.till, "web": self.web, "phone": self.phone, "members": self.members}
        return {
            f"{name}/{batch}.csv": rows[batch] for name, rows in sources.items() for batch in batches if rows[batch]
        }

    def lines(self) -> list[Line]:
        """The good lines: what converts, exact duplicates and replaced versions out."""
        return [*self._till_lines(), *self._web_lines(), *self._phone_lines()]

    def _till_lines(self) -> list[Line]:
        made = []
        for row in self._standing(self.till):
            at, quantity = read_time(row["When"]), read_number(row["Pieces"])
            price = Decimal(row["Price"])
            if at is None or quantity is None or abs(quantity * price) >= TOO_MUCH:
                continue
            kind = online_retail_kind(row["Receipt"], row["Code"], row["What"], quantity, price, row["Who"])
            made.append(Line("till", row["Receipt"], at, row["Who"], row["Code"], quantity, price, Decimal(0), kind))
        return made

    def _web_lines(self) -> list[Line]:
        newest: dict[tuple[str, str], Line] = {}
        for row in flat(self.web):
            at, quantity = read_time(row["When"]), read_number(row["Pieces"])
            price, off = Decimal(row["Price"]), Decimal(row["Off"] or 0)
            if at is None or quantity is None or abs(quantity * price) >= TOO_MUCH:
                continue
            kind = online_retail_kind(row["Order"], row["Code"], None, quantity, price, row["Who"])
            key = (row["Order"], row["Line"])
            newest[key] = Line("web", row["Order"], at, row["Who"], row["Code"], quantity, price, off, kind)
        return list(newest.values())

    def _phone_lines(self) -> list[Line]:
        made = []
        for row in self._standing(self.phone):
            at = read_time(row["When"])
            if at is None:
                continue
            amount, off = Decimal(row["Amount"]), Decimal(row["Off"] or 0)
            kind = online_retail_kind(row["Number"], None, None, Decimal(1), amount, row["Who"])
            made.append(Line("phone", row["Number"], at, row["Who"], None, Decimal(1), amount, off, kind))
        return made

    def _standing(self, batches: list[list[Row]]) -> list[Row]:
        rows = flat(batches)
        return list({tuple(row.values()): row for row in rows}.values()) if self.drop_duplicates else rows

    def on_file(self) -> dict[str, Row]:
        """The newest version of each customer: by its stamp, then by arrival; no stamp is oldest."""
        newest: dict[str, Row] = {}
        for row in flat(self.members):
            held = newest.get(row["Id"])
            if held is None or (row["Changed"] or "") >= (held["Changed"] or ""):
                newest[row["Id"]] = row
        return {
            who: {"customer_name": row["Name"], "country": COUNTRIES[row["Land"] or ""]} for who, row in newest.items()
        }

    def articles(self) -> dict[str, Row]:
        """Names from sold till lines: the newest by the line's time, then by arrival."""
        newest: dict[str, tuple[str, str | None]] = {}
        for row in flat(self.till):
            if row["Code"] is None or Decimal(row["Price"]) <= 0 or read_time(row["When"]) is None:
                continue
            if row["Code"] not in newest or row["When"] >= newest[row["Code"]][0]:
                newest[row["Code"]] = (row["When"], row["What"])
        return {code: {"product_name": what} for code, (_, what) in newest.items()}


def flat(batches: list[list[Row]]) -> list[Row]:
    return [row for batch in batches for row in batch]


def read_time(text: str | None) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None


def read_number(text: str | None) -> Decimal | None:
    return Decimal(text) if text and text != "some" else None


def random_shop(seed: int) -> RandomShop:
    """A shop of a few hundred lines; the same seed gives the same shop."""
    chance = random.Random(seed)
    days = chance.choice([40, 130, 200])
    who = [f"k{number}" for number in range(chance.choice([3, 25, 60]))]
    shop = RandomShop(
        seed=seed,
        rules=_rules(chance, days),
        drop_duplicates=chance.random() < 0.5,
        till=_batched(chance, _till(chance, who, days)),
        web=_batched(chance, _web(chance, who, days)),
        phone=_batched(chance, _phone(chance, who, days)),
        members=_batched(chance, _members(chance, who)),
    )
    shop.web[-1] += _corrections(chance, shop.web, who)
    return shop


def _rules(chance: random.Random, days: int) -> Rules:
    method = chance.choice(["quantile", "ntile", "threshold"])
    limits: Row = {}
    if method == "threshold":
        limits = {
            "recency_days": (5, 20, 21, 60),
            "frequency_orders": (2, 3, 5, 8),
            "monetary_amounts": ("-5", "0", "99.99", "1000"),
        }
    amounts = {"tier_by": "amount", "tier_cuts": ("-10.5", "0.5", "700"), "tier_labels": ("A", "B's", "C", "D")}
    return Rules(
        as_of=chance.choice(["latest", FIRST + dt.timedelta(days - chance.randrange(25))]),
        rfm_method=method,
        gross_margin=chance.choice(["0.3", "1", "0.125"]),
        run_rate_days=days // 2,
        tenure_unit=chance.choice(["days", "weeks", "months", "years"]),
        tier_measure=chance.choice(["formula_clv_profit", "formula_clv_revenue", "historical_clv"]),
        low_days=chance.choice([3, 10]),
        medium_days=chance.choice([20, 29]),
        window_days=chance.choice([30, 45]),
        segments=chance.choice(["nine", "thirteen"]),
        **limits,
        **(amounts if chance.random() < 0.4 else {}),
    )


def _time(chance: random.Random, days: int) -> str:
    """Now and then within a minute of midnight; nobody comes in the middle third."""
    day = chance.randrange(days)
    if days > 100 and days // 3 < day < 2 * days // 3:
        day = chance.randrange(days // 3)
    moment = chance.choice([dt.time(0, 0), dt.time(23, 59, 59), dt.time(chance.randrange(24), chance.randrange(60))])
    return f"{FIRST + dt.timedelta(day)} {moment}"


def _someone(chance: random.Random, who: list[str]) -> str | None:
    """Some come often, most seldom; a sixth are guests."""
    if chance.random() < 1 / 6:
        return None
    return who[min(int(chance.expovariate(4) * len(who)), len(who) - 1)]


def _price(chance: random.Random) -> str:
    return chance.choice(
        ["1.25", "1.25", "2.5", "10", "9.99", "0.0001", "0.3333", "0", "-3.5", "99999.9999", "12345678"]
    )


def _pieces(chance: random.Random) -> str | None:
    return chance.choice(["1", "1", "2", "7", "0.5", "1.3333", "-1", "-2.5", "0", "1000", None, "some"])


def _till(chance: random.Random, who: list[str], days: int) -> list[Row]:
    rows = []
    for number in range(110):
        order = f"{'C' if chance.random() < 0.1 else ''}{number}"
        customer, when = _someone(chance, who), _time(chance, days)
        for _ in range(chance.randrange(1, 5)):
            code = chance.choice(CODES) if chance.random() < 0.15 else f"p{chance.randrange(25)}"
            what = chance.choice(WORDS) if chance.random() < 0.2 else f"Thing {code}"
            day = "31.02.2024" if chance.random() < 0.01 else when
            rows.append([order, day, customer, code, what, _pieces(chance), _price(chance)])
            when = chance.choice([when, _minute_later(when)])
            if chance.random() < 0.05:
                rows.append(rows[-1])
    return [dict(zip(TILL, row, strict=True)) for row in rows]


def _minute_later(when: str) -> str:
    return str(dt.datetime.fromisoformat(when) + dt.timedelta(minutes=1))


def _web(chance: random.Random, who: list[str], days: int) -> list[Row]:
    """Order numbers as at the till: they are other orders."""
    rows = []
    for number in range(50):
        customer, when = _someone(chance, who), _time(chance, days)
        for line in range(chance.randrange(1, 4)):
            off = chance.choice([None, "0.5", "0.0001", "3"])
            rows.append(
                [
                    str(number),
                    str(line),
                    when,
                    customer,
                    f"p{chance.randrange(25)}",
                    _pieces(chance),
                    _price(chance),
                    off,
                ]
            )
    return [dict(zip(WEB, row, strict=True)) for row in rows]


def _corrections(chance: random.Random, batches: list[list[Row]], who: list[str]) -> list[Row]:
    """Lines again with another quantity, and whole orders moved to another customer."""
    rows = flat(batches)
    changed = [{**row, "Pieces": "3"} for row in chance.sample(rows, 8)]
    moved = set(chance.sample(sorted({row["Order"] for row in rows}), 6))
    customers = {order: _someone(chance, who) for order in sorted(moved)}
    return [*changed, *({**row, "Who": customers[row["Order"]]} for row in [*rows, *changed] if row["Order"] in moved)]


def _phone(chance: random.Random, who: list[str], days: int) -> list[Row]:
    rows = []
    for number in range(25):
        amount = chance.choice(["20", "35.5", "0", "-4"])
        rows.append([str(number), _time(chance, days), _someone(chance, who), amount, chance.choice([None, "1.5"])])
        if chance.random() < 0.2:
            rows.append(rows[-1])
    return [dict(zip(PHONE, row, strict=True)) for row in rows]


def _members(chance: random.Random, who: list[str]) -> list[Row]:
    """Some of the customers, several versions each, and two who never come."""
    rows = []
    for customer in [*chance.sample(who, len(who) // 2), "never", "ever"]:
        for version in range(chance.randrange(1, 4)):
            changed = chance.choice([None, "2023-01-01 00:00:00", "2023-06-01 12:00:00"])
            rows.append([customer, f"{customer} {version}", chance.choice(list(COUNTRIES)) or None, changed])
    return [dict(zip(MEMBERS, row, strict=True)) for row in rows]


def _batched(chance: random.Random, rows: list[Row]) -> list[list[Row]]:
    """Each row to some batch: whatever its day, it may come late."""
    batches: list[list[Row]] = [[] for _ in range(BATCHES)]
    for row in rows:
        chance.choice(batches).append(row)
    return batches


def settings(shop: RandomShop) -> Row:
    """patron.yaml of a random shop."""
    rules = shop.rules
    rfm: Row = {"method": rules.rfm_method}
    if rules.rfm_method == "threshold":
        rfm["recency_days"] = list(rules.recency_days)
        rfm["frequency_orders"] = list(rules.frequency_orders)
        rfm["monetary_amounts"] = [float(limit) for limit in rules.monetary_amounts]
    tiers = {
        "measure": rules.tier_measure,
        "by": rules.tier_by,
        "cuts": [float(cut) for cut in rules.tier_cuts],
        "labels": list(rules.tier_labels),
    }
    return {
        "shop": {"name": f"Seed {shop.seed}", "currency": "EUR", "timezone": "Europe/Berlin"},
        "as_of": str(rules.as_of),
        "orders": {"amount": "goods"},
        "sources": _sources(),
        "rules": {
            "line_kinds": "online_retail",
            "segments": rules.segments,
            "exact_duplicates": "drop" if shop.drop_duplicates else "keep",
        },
        "rfm": rfm,
        "clv": {
            "gross_margin": float(rules.gross_margin),
            "tenure_unit": rules.tenure_unit,
            "tiers": tiers,
            "run_rate_least_days": rules.run_rate_days,
        },
        "churn": {"low_days": rules.low_days, "medium_days": rules.medium_days, "window_days": rules.window_days},
    }


def _sources() -> Row:
    till = _columns(order_id="Receipt", product_id="Code", product_name="What", quantity="Pieces", unit_price="Price")
    web = _columns(order_id="Order", line_number="Line", product_id="Code", quantity="Pieces", unit_price="Price")
    names = {"product_id": "Code", "product_name": "What", "updated_at": "When"}
    sold = {"where": "cast(Price as decimal(18, 4)) > 0 and Code is not null", "columns": names}
    people = {"customer_id": "Id", "customer_name": "Name", "country": "Land", "updated_at": "Changed"}
    web["line_discount_amount"] = "Off"
    phone = _columns(order_id="Number", order_amount="Amount", order_discount_amount="Off")
    return {
        "till": {"files": "till/*.csv", "entities": {"order_lines": {"columns": till}, "products": sold}},
        "web": {
            "files": "web/*.csv",
            "entities": {"order_lines": {"key": ["order_id", "line_number"], "columns": web}},
        },
        "phone": {"files": "phone/*.csv", "entities": {"orders": {"columns": phone}}},
        "members": {"files": "members/*.csv", "entities": {"customers": {"columns": people}}},
    }


def _columns(**columns: str) -> dict[str, Any]:
    return {"ordered_at": "When", "customer_id": "Who", **columns}
