"""Sessions of the web shop: the campaign that led there, the cart, and whether it became an order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from patron.examples.customer360.orders import BEGIN, END, after, is_skipped

HEADER = (
    "SessionStart",
    "CustomerID",
    "FullName",
    "Gender",
    "Age",
    "CreditScore",
    "MonthlyIncome",
    "Country",
    "State",
    "City",
    "Category",
    "Product",
    "Cost",
    "Price",
    "Quantity",
    "CampaignSchema ",
    "CartAdditionTime",
    "OrderConfirmation",
    "OrderConfirmationTime",
    "PaymentMethod",
    "SessionEnd",
    "OrderReturn",
    "ReturnReason",
)
CONVERSION_RATES = {
    "Billboard-QR code": 0.25,
    "E-mails": 0.65,
    "Facebook-ads": 0.4,
    "Google-ads": 0.55,
    "Instagram-ads": 0.5,
    "Twitter-ads": 0.3,
}
"""How likely a session that a campaign led to ends in an order."""

_PLACES = (
    ("Austria", "Styria", "Graz"),
    ("Austria", "Tyrol", "Innsbruck"),
    ("Brazil", "Bahia", "Salvador"),
    ("Brazil", "Parana", "Curitiba"),
    ("Canada", "Nova Scotia", "Halifax"),
    ("Canada", "Manitoba", "Winnipeg"),
    ("Kenya", "Kisumu", "Kisumu"),
    ("Norway", "Vestland", "Bergen"),
    ("Norway", "Rogaland", "Stavanger"),
    ("Portugal", "Norte", "Porto"),
    ("UK", "Scotland", "Dundee"),
    ("UK", "Wales", "Swansea"),
    ("USA", "Oregon", "Portland"),
    ("USA", "Vermont", "Burlington"),
)
_WARES = (
    ("kitchen", "kettle", 22, 40),
    ("kitchen", "chopping board", 9, 18),
    ("kitchen", "coffee grinder", 34, 65),
    ("sports", "yoga mat", 10, 24),
    ("sports", "badminton set", 16, 30),
    ("sports", "running vest", 14, 35),
    ("audio", "headphones", 70, 120),
    ("audio", "turntable", 150, 240),
    ("audio", "desk speaker", 28, 55),
    ("clothes", "rain jacket", 38, 85),
    ("clothes", "scarf", 6, 16),
    ("clothes", "boots", 45, 95),
    ("stationery", "sketchbook", 4, 9),
    ("stationery", "fountain pen", 18, 32),
)
_PAYMENTS = ("Cash On Delivery", "Credit Card", "Debit Card", "Paypal")
_RETURN_REASONS = ("Wrong size", "Came too late", "Broken on arrival", "Not as pictured", "Changed my mind")
_RETURNED = {"clothes": 0.28}
_RETURNED_ELSE = 0.1
_JOURNEYS = (0.35, 0.3, 0.2, 0.15)
_GIVES_UP = 0.25
_DAYS_BETWEEN_SESSIONS = 3.0


class Visitor(NamedTuple):
    """A visitor of the web shop. since: the earliest time of a session."""

    customer_id: int
    name: str
    gender: str
    since: datetime = BEGIN


class Session(NamedTuple):
    """A session. price: in whole currency units. is_confirmed, is_returned: its outcome."""

    at: datetime
    customer_id: int
    price: int
    quantity: int
    is_confirmed: bool
    is_returned: bool
    row: tuple[object, ...]


def draw_sessions(visitors: list[Visitor], escalated: dict[int, datetime], rng: random.Random) -> list[Session]:
    """Draw all sessions in the order of time; no visitor starts two at once."""
    drawn = (session for visitor in visitors for session in _draw_journeys(visitor, escalated, rng))
    return sorted({session[:2]: session for session in drawn}.values())


def _draw_journeys(visitor: Visitor, escalated: dict[int, datetime], rng: random.Random) -> Iterator[Session]:
    """Draw one to four journeys: sessions of some campaigns until one ends in an order or the visitor gives up."""
    place = rng.choice(_PLACES)
    who = (visitor.customer_id, visitor.name, {"F": "Female", "M": "Male"}[visitor.gender], rng.randint(18, 75))
    visitor_values = (*who, rng.randint(560, 820), rng.randint(2500, 8500), *place)
    days = (END - visitor.since).total_seconds() / 86_400
    for _ in range(rng.choices([1, 2, 3, 4], _JOURNEYS)[0]):
        at = visitor.since + timedelta(days=rng.random() * days)
        if not is_skipped(visitor.customer_id, at, escalated, rng):
            yield from _draw_journey(at.replace(second=0, microsecond=0), visitor_values, rng)


def _draw_journey(at: datetime, visitor_values: tuple[object, ...], rng: random.Random) -> Iterator[Session]:
    ware = rng.choice(_WARES)
    while at < END - timedelta(hours=2):
        session = _draw_session(at, visitor_values, ware, rng)
        yield session
        if session.is_confirmed or rng.random() < _GIVES_UP:
            return
        at = after(at + timedelta(hours=2), _DAYS_BETWEEN_SESSIONS, rng).replace(second=0)


def _draw_session(
    at: datetime, visitor_values: tuple[object, ...], ware: tuple[str, str, int, int], rng: random.Random
) -> Session:
    """Draw a session; its order is often confirmed minutes after its end, and columns of the order may be blank."""
    category, product, cost, price = ware
    campaign, quantity = rng.choice(list(CONVERSION_RATES)), rng.choice([1, 1, 1, 2, 2, 3, 4])
    is_confirmed = rng.random() < CONVERSION_RATES[campaign]
    is_returned = is_confirmed and rng.random() < _RETURNED.get(category, _RETURNED_ELSE)
    in_cart = at + timedelta(minutes=rng.randint(3, 20))
    ended, confirmed = (in_cart + timedelta(minutes=rng.randint(*within)) for within in ((1, 12), (3, 14)))
    row = (
        *(at, *visitor_values, category, product, cost, price, quantity, campaign, in_cart, is_confirmed),
        confirmed if is_confirmed else "",
        rng.choice(_PAYMENTS) if is_confirmed else "",
        ended,
        is_returned if is_confirmed else "",
        rng.choice(_RETURN_REASONS) if is_returned else "",
    )
    return Session(at, int(str(visitor_values[0])), price, quantity, is_confirmed, is_returned, row)
