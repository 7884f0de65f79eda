"""Shops and feeds drawn by hypothesis: what may arrive in a batch, and what may change between two."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

TILL = "op,order,line,at,who,what,name,pieces,price,off,land,via,state,offer\n"
WEB = "order,at,who,what,pieces,price\n"
MEMBERS = "id,name,land,changed,gone\n"
DESK = "op,ticket,at,who,about,state\n"
CLICKS = "at,who,campaign,pieces,price,sure,back\n"
CARDS = "card,who,tier,points,joined\n"
DAYS = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in (1, 2, 9, 17, 28)]

orders = st.integers(1, 9).map(lambda n: f"o{n}")
people = st.sampled_from(["ann", "bob", "cat", "dan", "", "ANN"])
articles = st.sampled_from(["p1", "p2", "p3", "POST", ""])
times = st.builds(lambda day, hour: f"{day} {hour:02}:30:00", st.sampled_from(DAYS), st.integers(0, 23))
pieces = st.sampled_from(["1", "2", "-1", "3", "0", "1.5"])
prices = st.sampled_from(["1.00", "2.50", "0.3333", "0", "19.99", "-5"])
lands = st.sampled_from(["UK", "United Kingdom", "France", "", "Atlantis"])
spoilt = st.sampled_from([None] * 7 + ["pieces", "at", "price", "order"])


@st.composite
def till_row(draw: Any) -> str:
    """A line of the till: its key is order and line, so drawing the same again corrects, moves or deletes it."""
    cells = {
        "op": draw(st.sampled_from(["u", "u", "u", "u", "d"])),
        "order": draw(orders),
        "line": str(draw(st.integers(1, 3))),
        "at": draw(times),
        "who": draw(people),
        "what": draw(articles),
        "name": draw(st.sampled_from(["Mug", "Plate", "POSTAGE", "Discount", ""])),
        "pieces": draw(pieces),
        "price": draw(prices),
        "off": draw(st.sampled_from(["0", "0.25"])),
        "land": draw(lands),
        "via": draw(st.sampled_from(["web", "shop", "shop", ""])),
        "state": draw(st.sampled_from(["completed", "Completed", "", "failed"])),
        "offer": draw(st.sampled_from(["", "", "", "spring"])),
    }
    bad = draw(spoilt)
    if bad:
        cells[bad] = "" if bad == "order" else "no such"
    return ",".join(cells.values()) + "\n"


web_row = st.builds(
    lambda *cells: ",".join(cells) + "\n", orders, times, people, articles, pieces, st.one_of(prices, st.just("free"))
)
member_row = st.builds(
    lambda *cells: ",".join(cells) + "\n",
    people,
    st.sampled_from(["Ann", "Bob", "Zoë", ""]),
    lands,
    st.one_of(times, st.just("")),
    st.sampled_from(["", "", "", "yes"]),
)


desk_row = st.builds(
    lambda *cells: ",".join(cells) + "\n",
    st.sampled_from(["u", "u", "u", "d"]),
    st.integers(1, 5).map(str),
    times,
    people,
    st.sampled_from(["Billing", "Late delivery", ""]),
    st.sampled_from(["Resolved", "Escalated", "Pending", ""]),
)
click_row = st.builds(
    lambda *cells: ",".join(cells) + "\n",
    times,
    people,
    st.sampled_from(["ads", "mail", ""]),
    pieces,
    prices,
    st.sampled_from(["yes", "no", ""]),
    st.sampled_from(["yes", "no", ""]),
)
card_row = st.builds(
    lambda *cells: ",".join(cells) + "\n",
    st.integers(1, 4).map(str),
    people.filter(bool),
    st.sampled_from(["Gold", "silver", "Tin", ""]),
    st.sampled_from(["10", "0.5", ""]),
    st.one_of(st.sampled_from(DAYS), st.just("")),
)


@dataclass(frozen=True)
class Batch:
    """What arrives, and what patron.yaml says from then on."""

    till: list[str]
    web: list[str]
    members: list[str]
    desk: list[str]
    clicks: list[str]
    cards: list[str]
    copies: bool
    changes: dict[str, Any] = field(default_factory=dict)


changes = st.fixed_dictionaries(
    {},
    optional={
        "as_of": st.sampled_from(["latest", "2024-02-09", "2024-03-28", "2024-01-05", "2023-06-01", "2025-01-01"]),
        "who": st.sampled_from(["who", "lower(who)"]),
        "margin": st.sampled_from([0.25, 0.5]),
        "web_where": st.sampled_from([None, "price <> '19.99'"]),
        "kinds": st.sampled_from(["default", "online_retail"]),
        "window": st.sampled_from([40, 90]),
        "duplicates": st.sampled_from(["keep", "drop"]),
        "counts": st.sampled_from([["completed"], ["completed", "failed"]]),
        "credit": st.sampled_from(["touches", "orders"]),
        "promotion_days": st.sampled_from([3, 14]),
        "dominant": st.sampled_from([0.7, 0.55]),
    },
)


@st.composite
def batches(draw: Any, most: int) -> list[Batch]:
    """Up to `most` batches; settings change in some of them. The first has lines, so that there is a shop."""
    found = []
    for number in range(draw(st.integers(2, most))):
        least = 1 if number == 0 else 0
        found.append(
            Batch(
                till=draw(st.lists(till_row(), min_size=least, max_size=8)),
                web=draw(st.lists(web_row, min_size=least, max_size=5)),
                members=draw(st.lists(member_row, min_size=least, max_size=3)),
                desk=draw(st.lists(desk_row, min_size=least, max_size=3)),
                clicks=draw(st.lists(click_row, min_size=least, max_size=4)),
                cards=draw(st.lists(card_row, min_size=least, max_size=3)),
                copies=draw(st.booleans()),
                changes=draw(st.one_of(st.just({}), st.just({}), changes)),
            )
        )
    return found


def deliver(folder: Path, number: int, batch: Batch) -> None:
    """Put the batch's files into the data folder; copies: the same content once more under another name."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, header, rows in (
        ("till", TILL, batch.till),
        ("web", WEB, batch.web),
        ("members", MEMBERS, batch.members),
        ("desk", DESK, batch.desk),
        ("clicks", CLICKS, batch.clicks),
        ("cards", CARDS, batch.cards),
    ):
        if rows:
            text = header + "".join(rows)
            (data / f"{name}-{number}.csv").write_text(text, encoding="utf-8")
            if batch.copies:
                (data / f"{name}-{number}-copy.csv").write_text(text, encoding="utf-8")


def write_settings(folder: Path, changes: dict[str, Any]) -> None:
    """patron.yaml, after all changes so far."""
    customer = changes.get("who", "who")
    till = {
        "files": "till-*.csv",
        "entities": {
            "order_lines": {
                "key": ["order_id", "line_number"],
                "deleted_when": "op = 'd'",
                "columns": {
                    **{"order_id": "order", "line_number": "line", "ordered_at": "at", "customer_id": customer},
                    **{"product_id": "what", "product_name": "name", "quantity": "pieces", "unit_price": "price"},
                    **{"line_discount_amount": "off", "country": "land"},
                    **{"channel": "via", "status": "state", "promotion_id": "offer"},
                },
            },
            "products": {
                "where": "what <> ''",
                "columns": {"product_id": "what", "product_name": "name", "updated_at": "at"},
            },
        },
    }
    web_lines = {
        "columns": {
            **{"order_id": "order", "ordered_at": "at", "customer_id": customer, "product_id": "what"},
            **{"quantity": "pieces", "unit_price": "price"},
        }
    }
    if changes.get("web_where"):
        web_lines["where"] = changes["web_where"]
    buyers = {"columns": {"customer_id": customer, "updated_at": "at"}, "where": "who <> ''"}
    members = {
        "columns": {"customer_id": "id", "customer_name": "name", "country": "land", "updated_at": "changed"},
        "where": "id <> ''",
        "deleted_when": "gone = 'yes'",
    }
    desk = {
        "key": ["interaction_id"],
        "deleted_when": "op = 'd'",
        "columns": {
            **{"interaction_id": "ticket", "contacted_at": '"at"', "customer_id": "who"},
            **{"issue_type": "about", "resolution_status": "state"},
        },
    }
    clicks = {
        "columns": {
            **{"touched_at": '"at"', "customer_id": "who", "campaign": "campaign", "quantity": "pieces"},
            **{"unit_price": "price", "is_confirmed": "sure", "is_returned": "back"},
        }
    }
    cards = {
        "columns": {
            **{"loyalty_id": "card", "customer_id": "who", "tier": "tier"},
            **{"points_earned": "points", "joined_date": "joined"},
        }
    }
    content = {
        "quarantine": {"stop_above_rate": 1},
        "shop": {"name": "Drawn", "currency": "EUR"},
        "as_of": changes.get("as_of", "latest"),
        "sources": {
            "till": till,
            "web": {"files": "web-*.csv", "entities": {"order_lines": web_lines, "customers": buyers}},
            "members": {"files": "members-*.csv", "entities": {"customers": members}},
            "desk": {"files": "desk-*.csv", "entities": {"service_interactions": desk}},
            "clicks": {"files": "clicks-*.csv", "entities": {"campaign_touches": clicks}},
            "cards": {"files": "cards-*.csv", "entities": {"loyalty_accounts": cards}},
        },
        "rules": {"line_kinds": changes.get("kinds", "default"), "exact_duplicates": changes.get("duplicates", "keep")},
        "orders": {"spend_statuses": changes.get("counts", ["completed"])},
        "campaigns": {"credit": changes.get("credit", "touches")},
        "promotions": {"window_days": changes.get("promotion_days", 14)},
        "channels": {"dominant_share": changes.get("dominant", 0.7)},
        "clv": {"gross_margin": changes.get("margin", 0.3)},
        "churn": {"window_days": changes.get("window", 90), "low_days": 20, "medium_days": 30},
    }
    (folder / "patron.yaml").write_text(json.dumps(content, indent=1), encoding="utf-8")
