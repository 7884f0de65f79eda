"""Which reading of a table's amounts its numbers bear out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from patron.examples.first_mapping.levels import Lines

Floats = NDArray[np.float64]
Proof = Literal["rate", "line", "order", "piece"]
DiscountKind = Literal["rate", "percent", "amount", "amount of a piece"]

TOLERANCE = 0.011
"""Half a hundredth of rounding on either side, and the dust of floating point."""

ENOUGH = 0.95
_TELLING = 0.6
"""How much less one reading must scatter than the other to be the right one."""

_FEWEST_PAIRS = 5
_LARGE_PRICE = 4
_FEW = 20


@dataclass(frozen=True)
class Identity:
    """How a total follows from quantity and price. share: of the rows that could tell, those that agree.

    discount: how a discount enters, None where the total is before it.
    """

    discount: DiscountKind | None
    share: float


def find_identity(quantity: Floats, price: Floats, total: Floats, discount: Floats | None) -> Identity:
    """Find how a total follows from quantity x price and a discount: the reading that most telling rows bear out."""
    gross = quantity * price
    known = ~np.isnan(gross) & ~np.isnan(total)
    if discount is None:
        return Identity(None, _share_equal(gross, total, known))
    off = np.nan_to_num(discount)
    telling = known & (off != 0)
    if not telling.any():
        return Identity(None, _share_equal(gross, total, known))
    tried = [Identity(None, _share_equal(gross, total, telling))]
    tried += [Identity(kind, _share_equal(net, total, telling)) for kind, net in _deduct(gross, quantity, off)]
    return max(tried, key=lambda identity: identity.share)


def _deduct(gross: Floats, quantity: Floats, off: Floats) -> Iterator[tuple[DiscountKind, Floats]]:
    if off.max() <= 1:
        yield "rate", gross * (1 - off)
    if off.max() <= 100:
        yield "percent", gross * (1 - off / 100)
    yield "amount", gross - np.abs(off) * np.sign(gross)
    yield "amount of a piece", gross - quantity * np.abs(off)


def _share_equal(one: Floats, other: Floats, rows: NDArray[np.bool_]) -> float:
    if not rows.any():
        return 0.0
    allowed = np.maximum(TOLERANCE, 1e-6 * np.abs(other[rows]))
    return float((np.abs(one[rows] - other[rows]) <= allowed).mean())


def prove_by_totals(
    lines: Lines, gross: Floats, discount: Floats, totals: list[Floats], extras: Floats, pieces: Floats | None = None
) -> Proof | None:
    """Find how a discount enters the totals that orders state on their lines; None where they prove nothing.

    discount: by row, as a positive number. extras: tax, shipping and tips of each order. pieces: by row, where the
    discount may be on each piece.
    """
    off = np.nan_to_num(discount)
    telling = lines.add_up(off) != 0
    sums = lines.add_up(gross)
    tried: list[tuple[Proof, Floats]] = [
        ("order", sums - lines.take_once(np.where(off != 0, off, np.nan))),
        ("line", sums - lines.add_up(off)),
    ]
    if off.max(initial=0) <= 1:
        tried.append(("rate", lines.add_up(gross * (1 - off))))
    if pieces is not None:
        tried.append(("piece", lines.add_up(gross - pieces * off)))
    for kind, net in tried:
        for total in totals:
            stated = lines.take_once(total)
            if any(_share_equal(net + extra, stated, telling) >= ENOUGH for extra in (np.zeros(lines.count), extras)):
                return kind
    return None


def is_after(before: Floats, discount: Floats, after: Floats) -> bool:
    """Return whether one total is another less the discount, on the rows that have one."""
    off = np.abs(np.nan_to_num(discount))
    return _share_equal(before - off * np.sign(before), after, off != 0) >= ENOUGH


def find_what_it_is_off(discount: Floats, price: Floats, pieces: Floats) -> Literal["line", "piece"] | None:
    """Find whether an amount is off the line or off each of its pieces; None where it may be either.

    An amount above the price is off the line. Of the price, or of the line, discounts are round percentages.
    """
    off, pieces = np.abs(np.nan_to_num(discount)), np.abs(np.nan_to_num(pieces))
    telling = (off > 0) & (pieces > 1) & (price > 0)
    if not telling.any() or (off[telling] > price[telling] + TOLERANCE).any():
        return "line"
    of_line = _share_of_round_percentages(off[telling], price[telling] * pieces[telling])
    of_piece = _share_of_round_percentages(off[telling], price[telling])
    if telling.sum() < _FEWEST_PAIRS or max(of_line, of_piece) < ENOUGH or min(of_line, of_piece) > ENOUGH / 2:
        return None
    return "line" if of_line > of_piece else "piece"


def _share_of_round_percentages(off: Floats, base: Floats) -> float:
    """The share of discounts that are 5, 10, 15, ... percent of a base, to the penny."""
    percent = np.round(off / base * 20) / 20
    return float((np.abs(percent * base - off) <= TOLERANCE / 2).mean())


def is_rate(discount: Floats, price: Floats | None) -> bool | None:
    """Whether a discount is a share of the price: never above 1, while prices are larger; None where both may be.

    Shares are round and few. Amounts below 1 are neither.
    """
    off = np.abs(discount[~np.isnan(discount)])
    if not len(off) or off.max() > 1 or off.max() == 0:
        return False
    if price is None:
        return None
    present = price[~np.isnan(price)]
    typical = float(np.median(np.abs(present))) if len(present) else 0.0
    return True if typical > _LARGE_PRICE and _is_of_few_round(off, 0.05) else None if typical > 0 else False


def may_be_percent(discount: Floats) -> bool:
    """Whether a discount, such as 5, 10 or 20, may be a percentage as well as an amount."""
    off = np.abs(discount[~np.isnan(discount)])
    return bool(len(off) and 1 < off.max() <= 100 and (off == np.round(off)).all() and _is_of_few_round(off, 5))


def _is_of_few_round(off: Floats, step: float) -> bool:
    values = np.unique(off[off != 0])
    is_round = np.abs(values / step - np.round(values / step)) < 1e-6
    hundredths = np.abs(values / step * 5 - np.round(values / step * 5)) < 1e-6
    return bool(hundredths.all() and (len(values) <= _FEW or is_round.mean() > 0.8))


def choose_steadiest(groups: NDArray[np.int64], readings: dict[str, Floats]) -> str | None:
    """Choose the reading by which the prices of a product scatter least; None where none is clearly the steadiest.

    groups: the product of each row. readings: name -> the price of a piece of each row.
    """
    known = groups >= 0
    for values in readings.values():
        known &= np.isfinite(values) & (values > 0)
    if known.sum() < _FEWEST_PAIRS or len(readings) < 2:
        return None
    spreads = [(_scatter(groups[known], np.log(values[known])), name) for name, values in readings.items()]
    found = sorted((spread, name) for spread, name in spreads if spread is not None)
    if len(found) < 2 or found[1][0] < 1e-9:
        return None
    return found[0][1] if found[0][0] < _TELLING * found[1][0] else None


def _scatter(groups: NDArray[np.int64], values: Floats) -> float | None:
    """The mean distance from the median of a row's product, over products with several rows."""
    order = np.lexsort((values, groups))
    groups, values = groups[order], values[order]
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sizes = np.diff(np.r_[starts, len(groups)])
    medians = values[starts + (sizes - 1) // 2]
    several = np.repeat(sizes > 1, sizes)
    if several.sum() < _FEWEST_PAIRS:
        return None
    return float(np.abs(values - np.repeat(medians, sizes))[several].mean())
