"""The coffee shop's tills: visits become receipts, promotions bring people back, and some lines go wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from patron.examples.cafe.cards import Card
from patron.examples.cafe.menu import OUTLETS, Article, staff_of

UPLIFT = 0.35
"""How much more often a customer visits once they have had a promoted article."""

NO_CARD = 0
OPENS, CLOSES = 7, 20
_MORNING_RUSH = 0.4
_MOST_LINES, _MOST_PIECES = 3, 6
_FAVOURITE = 0.55
_AT_HOME = 0.9
_SECOND_ORDER = 0.1
_PROMOTION_DAYS = range(10, 18)  # of each month
_TAKES_PROMOTED = 0.2
_MISMATCHED = 0.005
_UNKNOWN = 0.0005
_BLANK_INSTORE = 0.02


class Visit(NamedTuple):
    """A visit: customer, time and cents per line. customer: the number in the simulation; None is a guest."""

    at: datetime
    customer: int | None
    is_first: bool
    budgets: list[int]


class Line(NamedTuple):
    """One line of a receipt; money in cents."""

    at: datetime
    transaction_id: int
    outlet: int
    staff_id: int
    customer_id: int
    instore: str
    order: int
    line_item_id: int
    product_id: int
    quantity: int
    amount: int
    price: int
    is_promoted: bool


class Till:
    """Rings up the visits of one shop, in the order of time.

    A customer's visits are drawn as often as they come once a promotion has reached them. Until then each one is
    left out by the chance UPLIFT / (1 + UPLIFT), so that what remains is a Poisson process of the lower rate; who
    takes a promoted article is chance alone.
    """

    def __init__(self, cards: dict[int, Card], articles: list[Article], rng: random.Random) -> None:
        self._cards, self._rng = cards, rng
        self._articles = articles
        self._weights = list(accumulate(article.weight for article in articles))
        self._promoted = [article for article in articles if article.is_promoted]
        self._favourites: dict[int, Article] = {}
        self._reached: set[int] = set()
        self._receipts: Counter[tuple[date, int]] = Counter()

    def lines(self, visits: Iterable[Visit]) -> Iterator[Line]:
        """Ring up the lines of each visit that takes place."""
        for visit in visits:
            if not self._is_skipped(visit):
                yield from self._ring_up(visit)

    def _is_skipped(self, visit: Visit) -> bool:
        may_stay_away = not (visit.customer is None or visit.is_first or visit.customer in self._reached)
        return may_stay_away and self._rng.random() < UPLIFT / (1 + UPLIFT)

    def _ring_up(self, visit: Visit) -> Iterator[Line]:
        rng, card = self._rng, None if visit.customer is None else self._cards[visit.customer]
        outlet = card.home if card and rng.random() < _AT_HOME else rng.choice(OUTLETS)
        at = _move_to_rush(visit.at)
        self._receipts[at.date(), outlet] += 1
        first = Line(
            at=at,
            transaction_id=self._receipts[at.date(), outlet],
            outlet=outlet,
            staff_id=rng.choice(staff_of(outlet)),
            customer_id=card.customer_id if card else NO_CARD,
            instore=" " if outlet == OUTLETS[-1] and rng.random() < _BLANK_INSTORE else rng.choice("YN"),
            order=1,
            line_item_id=0,
            product_id=0,
            quantity=0,
            amount=0,
            price=0,
            is_promoted=False,
        )
        budgets = visit.budgets[:_MOST_LINES]
        takes_promoted = at.day in _PROMOTION_DAYS and rng.random() < _TAKES_PROMOTED
        splits = len(budgets) > 1 and rng.random() < _SECOND_ORDER
        if takes_promoted and visit.customer is not None:
            self._reached.add(visit.customer)
        for number, budget in enumerate(budgets, 1):
            is_promoted, is_split = takes_promoted and number == 1, splits and number == len(budgets)
            article = rng.choice(self._promoted) if is_promoted else self._choose_article(visit.customer, number)
            price = article.promotion_price if is_promoted else article.price
            quantity = min(max(round(budget / price), 1), _MOST_PIECES)
            yield first._replace(
                order=2 if is_split else 1,
                line_item_id=1 if is_split else number,
                product_id=article.product_id,
                quantity=quantity,
                amount=quantity * price,
                price=price,
                is_promoted=is_promoted,
            )

    def _choose_article(self, customer: int | None, number: int) -> Article:
        """Choose an article; customers with a card have a favourite, which usually comes first."""
        if customer is None or number > 1 or self._rng.random() > _FAVOURITE:
            return self._draw_article()
        return self._favourites.setdefault(customer, self._draw_article())

    def _draw_article(self) -> Article:
        return self._rng.choices(self._articles, cum_weights=self._weights)[0]


def add_slips(lines: list[Line], unknown_ids: list[int], rng: random.Random) -> list[Line]:
    """Add errors of tills: amounts that are not quantity x price, and ids of cards that do not exist."""
    slipped = [_mistype(line, rng) if rng.random() < _MISMATCHED else line for line in lines]
    guests = [place for place, line in enumerate(slipped) if line.customer_id == NO_CARD and line.line_item_id == 1]
    alone = [place for place in guests if not _has_more(slipped, place)]
    for number, place in enumerate(rng.sample(alone, k=min(len(alone), 3 + round(_UNKNOWN * len(lines))))):
        slipped[place] = slipped[place]._replace(customer_id=unknown_ids[number % len(unknown_ids)])
    return slipped


def _has_more(lines: list[Line], place: int) -> bool:
    """Return whether the receipt at `place` has a line before or after it."""
    receipt = _get_receipt(lines[place])
    beside = lines[max(place - 1, 0) : place] + lines[place + 1 : place + 2]
    return any(_get_receipt(line) == receipt for line in beside)


def _get_receipt(line: Line) -> tuple[date, int, int]:
    return line.at.date(), line.outlet, line.transaction_id


def _mistype(line: Line, rng: random.Random) -> Line:
    """Mistype a line: a piece forgotten, a dollar for an amount, or nothing."""
    wrong = [line.amount - line.price, 100, 0]
    return line._replace(amount=rng.choice([amount for amount in wrong if amount != line.amount]))


def _move_to_rush(at: datetime) -> datetime:
    """Move a moment into a day that is busier in the morning; the order of the day's visits stays."""
    day = at.replace(hour=0, minute=0, second=0)
    passed = ((at - day).total_seconds() / 3600 - OPENS) / (CLOSES - OPENS)
    drawn_early = passed * (1 - _MORNING_RUSH + _MORNING_RUSH * passed)
    return day + timedelta(seconds=int((OPENS + (CLOSES - OPENS) * drawn_early) * 3600))
