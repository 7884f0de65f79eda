"""The articles: invented names, prices, how popular each is, and how prices change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.simulate.streams import Flags, Floats, Ints, Subject, stream

if TYPE_CHECKING:
    from patron.simulate.spec import ShopSpec

_LOOKS = (
    "amber misty speckled crooked quiet nordic dappled frosted smoky humble midnight coral ribbed woven "
    "tilted pewter mossy lemon brushed copper hollow sturdy slender plum ochre windswept glazed knotted pale"
)
_THEMES = (
    "otter lighthouse meadow heron harbour thistle badger orchard pebble comet kestrel clover tugboat fern "
    "puffin acorn glacier marigold walrus willow beacon hedgehog canyon juniper mackerel barley sparrow"
)
_THINGS = (
    "jug tray bookend apron coaster doorbell tea-strainer planter footstool candle-holder ladle cushion "
    "notebook pencil-case trivet bowl vase hook egg-timer lampshade napkin-ring birdhouse bread-bin thimble "
    "towel kite mug"
)
_CHANGE_FACTORS = (0.8, 0.9, 1.1, 1.25)
_PRICE_SPREAD = 0.8
_POPULARITY = 0.5


@dataclass(frozen=True)
class Catalogue:
    """One entry per article, cheapest first; prices in pence. The last two ids are discount and postage."""

    ids: list[str]
    names: list[str]
    old_price: Ints
    new_price: Ints
    changes_on_day: Ints
    highest_price: Ints
    popularity: Floats
    is_promoted: Flags
    is_promotion_day: Flags
    promotion_cut: float

    @property
    def cheapest(self) -> int:
        """Return the lowest price of any article on any day."""
        return int(self.highest_price[0])

    @property
    def discount(self) -> int:
        return len(self.ids) - 2

    @property
    def postage(self) -> int:
        return len(self.ids) - 1

    def pick(self, budget: Ints, chance: Floats) -> Ints:
        """Pick an article for each budget (pence) that costs no more, popular ones more often."""
        affordable = np.searchsorted(self.highest_price, budget, side="right")
        return np.searchsorted(self.popularity, chance * self.popularity[affordable - 1], side="right")

    def price(self, article: Ints, day: Ints) -> Ints:
        """Return the price of one piece on a day since the start."""
        changed = day >= self.changes_on_day[article]
        price = np.where(changed, self.new_price[article], self.old_price[article])
        cut = np.maximum(np.rint(price * (1 - self.promotion_cut)).astype(np.int64), 1)
        return np.where(self.is_promotion_day[day] & self.is_promoted[article], cut, price)


def draw_catalogue(spec: ShopSpec) -> Catalogue:
    """Draw articles whose typical piece costs a fraction of a typical line."""
    rng, n = stream(spec.seed, Subject.CATALOGUE), spec.products
    typical_line = 100 * spec.mean_spend / spec.lines_per_order
    old = np.exp(rng.normal(np.log(typical_line / 4), _PRICE_SPREAD, n))
    changes = rng.random(n) < spec.price_change_rate
    factor = np.where(changes, rng.choice(_CHANGE_FACTORS, n), 1.0)
    old_pence, new_pence = (np.maximum(np.rint(p), 1).astype(np.int64) for p in (old, old * factor))
    highest = np.maximum(old_pence, new_pence)
    by_price = np.argsort(highest, kind="stable")
    return Catalogue(
        ids=[*_make_ids(rng.permutation(n)), "DISCOUNT", "POSTAGE"],
        names=[*_make_names(n, rng), "Discount", "Postage"],
        old_price=old_pence[by_price],
        new_price=new_pence[by_price],
        changes_on_day=np.where(changes, rng.integers(0, spec.days, n), spec.days)[by_price],
        highest_price=highest[by_price],
        popularity=np.cumsum((rng.permutation(n) + 1.0) ** -_POPULARITY),
        is_promoted=rng.random(n) < spec.promotion_share,
        is_promotion_day=_choose_promotion_days(spec),
        promotion_cut=spec.promotion_cut,
    )


def _make_ids(numbers: Ints) -> list[str]:
    return [f"P{number + 1:05d}" for number in numbers]


def _make_names(count: int, rng: np.random.Generator) -> list[str]:
    """Make distinct names of three words, with a number once the words run out."""
    words = [text.split() for text in (_LOOKS, _THEMES, _THINGS)]
    sizes = [len(some) for some in words]
    order = rng.permutation(math.prod(sizes))
    picked = np.unravel_index(np.resize(order, count), sizes)
    names = (" ".join(some[i] for some, i in zip(words, places, strict=True)) for places in zip(*picked, strict=True))
    return [_number_name(name, number // len(order)) for number, name in enumerate(names)]


def _number_name(name: str, earlier: int) -> str:
    spoken = name.replace("-", " ").capitalize()
    return f"{spoken} no {earlier + 1}" if earlier else spoken


def _choose_promotion_days(spec: ShopSpec) -> Flags:
    days = {(day - spec.start).days for day in spec.promotion_days}
    return np.array([day in days for day in range(spec.days)])
