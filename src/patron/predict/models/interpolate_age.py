"""Evaluates slow functions of frequency and age at a few points, and interpolates between them.

What a living customer will buy is a smooth function of v = ln(alpha + T) and, from some frequency on, of ln(x): its
values at Chebyshev's points give it between them to about 1e-12, whatever the number of customers, of different ages or
of different frequencies.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.chunks import map_pieces
from patron.predict.models.likelihood.frequencies import count_frequencies
from patron.predict.models.pairs import evaluate_distinct

_FEWEST, _PER_UNIT = 16, 11
"""Points, and how many more for each unit of a logarithm that is spanned."""

_BY_ITSELF = 32
"""Each frequency below this is evaluated by itself: there the function is not smooth in ln(x)."""


def interpolate(function: Callable[[Floats, Floats], Floats], alpha: float, frequency: Floats, age: Floats) -> Floats:
    """Evaluate `function` of frequency and age (flat arrays of one length) at arrays that broadcast."""
    found: Floats = interpolate_all(lambda x, now: function(x, now)[None], 1, alpha, frequency, age)[0]
    return found


def interpolate_all(
    functions: Callable[[Floats, Floats], Floats],
    count: int,
    alpha: float,
    frequency: Floats,
    age: Floats,
    per_unit: int = _PER_UNIT,
) -> Floats:
    """Evaluate `count` functions at once, which return (count, points); returns (count, *shape).

    per_unit: how many more points for each unit of a logarithm; less smooth functions need more.
    """
    x, now = np.broadcast_arrays(frequency, age)
    shape, x, now = x.shape, np.ascontiguousarray(x).ravel(), np.ascontiguousarray(now).ravel()
    if not x.size:
        return np.zeros((count, *shape))
    met = count_frequencies(x, None)
    values, place = met.values[met.customers > 0], (np.cumsum(met.customers > 0) - 1)[met.place]
    middle, half, at = place_points(np.log(alpha + now.min()), np.log(alpha + now.max()), per_unit)
    points, between = _frequencies(values, per_unit)
    if len(x) <= 2 * len(at) * len(points):
        return evaluate_distinct(functions, x, now).reshape(count, *shape)
    ages = np.maximum(np.exp(middle + half * at) - alpha, 0.0)
    known = functions(np.repeat(points, len(at)), np.tile(ages, len(points))).reshape(count, len(points), len(at))
    terms = [fit_series(at, between(one).T) for one in known]

    def piece(rows: slice) -> Floats:
        where, position = place[rows], (np.log(alpha + now[rows]) - middle) / half
        return np.stack([_sum_of_terms(one, where, position) for one in terms])

    return np.concatenate(map_pieces(piece, len(x)), axis=-1).reshape(count, *shape)


def _frequencies(values: Floats, per_unit: int) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Choose the frequencies to evaluate, and a function that interpolates from them to all (ascending) `values`."""
    alone = int(np.searchsorted(values, _BY_ITSELF))
    many = values[alone:]
    middle, half, at = place_points(np.log(many[0]), np.log(many[-1]), per_unit) if len(many) else (0.0, 1.0, many)
    if len(many) <= len(at):
        return values, lambda known: known
    positions = (np.log(many) - middle) / half

    def between(known: Floats) -> Floats:
        by_log: Floats = chebyshev.chebvander(positions, len(at) - 1) @ fit_series(at, known[alone:])
        return np.concatenate([known[:alone], by_log])

    return np.concatenate([values[:alone], np.exp(middle + half * at)]), between


def place_points(first: float, last: float, per_unit: int) -> tuple[float, float, Floats]:
    """Return the middle and half-width of a range, and Chebyshev's points on it, from -1 to 1."""
    count = _FEWEST + int(np.ceil(per_unit * (last - first)))
    at: Floats = np.asarray(chebyshev.chebpts1(count), dtype=np.float64)
    return (first + last) / 2, max((last - first) / 2, 1e-300), at


def fit_series(at: Floats, known: Floats) -> Floats:
    """Compute the coefficients of the Chebyshev series with the values `known` (points, functions) at the points."""
    found: Floats = np.asarray(np.linalg.solve(chebyshev.chebvander(at, len(at) - 1), known), dtype=np.float64)
    return found


def _sum_of_terms(terms: Floats, which: npt.NDArray[np.intp], at: Floats) -> Floats:
    """Evaluate Chebyshev series (Clenshaw's recurrence). terms: (degree, functions). which: each row's function."""
    twice, above, highest = 2 * at, np.zeros(len(at)), np.zeros(len(at))
    for row in terms[:0:-1]:
        above, highest = row[which] + twice * above - highest, above
    found: Floats = terms[0][which] + at * above - highest
    return found
