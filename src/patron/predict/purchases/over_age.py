"""Slow functions of frequency and age, worked out at a few ages for each frequency, and between them by a polynomial.

What a living customer will buy is a smooth function of v = ln(alpha + T): for each frequency, its values at Chebyshev's
points give it between them to some 1e-12, whatever the number of customers or of different ages.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from patron.predict.likelihood.chunks import each
from patron.predict.likelihood.columns import Floats
from patron.predict.likelihood.frequencies import frequencies

_FEWEST, _PER_UNIT = 16, 11
"""Points, and how many more for each unit of v that the ages span."""


def over_age(function: Callable[[Floats, Floats], Floats], alpha: float, frequency: Floats, age: Floats) -> Floats:
    """`function` of frequency and age (flat arrays of one length), at each row of arrays that broadcast."""
    x, now = np.broadcast_arrays(frequency, age)
    shape, x, now = x.shape, np.ascontiguousarray(x).ravel(), np.ascontiguousarray(now).ravel()
    if not x.size:
        return np.zeros(shape)
    met = frequencies(x, None)
    values, place = met.values[met.customers > 0], (np.cumsum(met.customers > 0) - 1)[met.place]
    first, last = np.log(alpha + now.min()), np.log(alpha + now.max())
    points = _FEWEST + int(np.ceil(_PER_UNIT * (last - first)))
    if len(x) <= 2 * points * len(values):
        return function(x, now).reshape(shape)
    middle, half = (first + last) / 2, max((last - first) / 2, 1e-300)
    at: Floats = np.asarray(chebyshev.chebpts1(points), dtype=np.float64)
    ages = np.maximum(np.exp(middle + half * at) - alpha, 0.0)
    known = function(np.repeat(values, points), np.tile(ages, len(values))).reshape(len(values), points)
    terms: Floats = np.asarray(np.linalg.solve(chebyshev.chebvander(at, points - 1), known.T), dtype=np.float64)

    def piece(rows: slice) -> Floats:
        where = place[rows]
        return _sum_of_terms(terms, where, (np.log(alpha + now[rows]) - middle) / half)

    return np.concatenate(each(piece, len(x))).reshape(shape)


def _sum_of_terms(terms: Floats, which: npt.NDArray[np.intp], at: Floats) -> Floats:
    """Clenshaw's recurrence; terms: (degree, functions), which: the function of each row."""
    twice, above, highest = 2 * at, np.zeros(len(at)), np.zeros(len(at))
    for row in terms[:0:-1]:
        above, highest = row[which] + twice * above - highest, above
    found: Floats = terms[0][which] + at * above - highest
    return found
