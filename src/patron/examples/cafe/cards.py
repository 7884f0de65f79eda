"""The coffee shop's loyalty cards: who holds one, since when, and the text of customer.csv."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from patron.examples.cafe.menu import OUTLETS
from patron.simulate.people import Person, draw_people

HEADER = (
    "customer_id",
    "home_store",
    "customer_first-name",
    "customer_email",
    "customer_since",
    "loyalty_card_number",
    "birthdate",
    "gender",
    "birth_year",
)
_HOMES = (0.36, 0.42, 0.22)
_SAME_DAY, _LONGEST_WAIT_DAYS = 0.7, 20
_UNTOLD_GENDER = 0.25


class Card(NamedTuple):
    """One holder. customer_id starts with the home store's number, as in 5001; the first outlet's with none."""

    customer_id: int
    home: int
    person: Person
    since: date
    number: str
    born: date
    gender: str


def deal_cards(joined: dict[int, date], rng: random.Random) -> dict[int, Card]:
    """Give each simulated customer a card, issued on the day of their first visit or some days before it."""
    thousand, dealt = _choose_power_of_ten(len(joined)), Counter[int]()
    cards = {}
    for (customer, first_visit), person in zip(joined.items(), draw_people(len(joined), rng), strict=True):
        home = rng.choices(OUTLETS, _HOMES)[0]
        dealt[home] += 1
        waited = 0 if rng.random() < _SAME_DAY else rng.randint(1, _LONGEST_WAIT_DAYS)
        cards[customer] = Card(
            customer_id=_find_first_id(home, thousand) + dealt[home],
            home=home,
            person=person,
            since=first_visit - timedelta(days=waited),
            number=f"{rng.randint(0, 999):03d}-555-{customer % 10_000:04d}",
            born=date(1950, 1, 1) + timedelta(days=rng.randint(0, 50 * 365)),
            gender="N" if rng.random() < _UNTOLD_GENDER else person.gender,
        )
    return cards


def list_unknown_ids(cards: dict[int, Card]) -> list[int]:
    """List ids just below the first of an outlet, which tills write although no card has them."""
    return [_find_first_id(home, _choose_power_of_ten(len(cards))) for home in OUTLETS[1:]]


def card_text(cards: Iterable[Card]) -> str:
    """Write the text of customer.csv, where the names of the columns and the card's number are quoted, and no more."""
    lines = [",".join(f'"{name}"' for name in HEADER)]
    for card in sorted(cards):
        who = f"{card.customer_id},{card.home},{card.person.name},{card.person.email},{card.since}"
        lines.append(f'{who},"{card.number}",{card.born},{card.gender},{card.born.year}')
    return "".join(f"{line}\r\n" for line in lines)


def _choose_power_of_ten(customers: int) -> int:
    """Return the power of ten, at least 1000, that tells the outlets' ids apart however many customers there are."""
    return max(1000, int(10 ** len(str(customers))))


def _find_first_id(home: int, thousand: int) -> int:
    return 0 if home == OUTLETS[0] else home * thousand
