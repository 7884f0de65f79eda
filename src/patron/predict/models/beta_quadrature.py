"""Computes averages over a beta-distributed p, the probability that a customer stops after each purchase.

BG/NBD and MBG/NBD both expect of a living customer, with k = r + x, u = t / (alpha + T) and p ~ Beta(a, b),

    E[f(p)],  f(p) = (1 - (1 + p u)^-k) / p,

which Fader, Hardie and Lee (2005, eq. 10) write as a hypergeometric function over a - 1: singular at a = 1, and a
difference of nearly equal numbers elsewhere. Here it is an integral over y = logit(p), by the trapezoidal rule, whose
error falls exponentially as the integrand is analytic within |Im y| < pi / 2. A small a or b would make long tails, so
two functions whose averages are known are taken off first: f(0) (1 - p)^m, with the m that has f's slope at 0, and
f(1) p.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.chunks import map_pieces
from patron.predict.models.likelihood.gamma_ratios import log_beta, log_gamma_ratio

Ints = npt.NDArray[np.intp]

Worth = Callable[[slice, Floats], Floats]
"""f of some rows at p, (rows, nodes)."""

_STEP = 0.3
_FEWEST_NODES = 32
_DEPTH = 34.0
"""Nodes reach to where the integrand is e^-34 of its height."""

_NUMBERS_A_PIECE = 1 << 17


@dataclass(frozen=True)
class Nodes:
    """One row of nodes per b, (rows, nodes): p, ln(1 - p), and the weights of a Beta(a, b)."""

    a: float
    b: Floats
    p: Floats
    log_rest: Floats
    weight: Floats


def nodes(a: float, b: Floats, fastest: Floats) -> Nodes:
    """Compute the nodes for each b. fastest: the largest m of f that each will be used for."""
    low, high = _reach(a, b, fastest)
    count = int(max(_FEWEST_NODES, np.ceil((high - low).max() / _STEP)))
    step = (high - low) / count
    y = low[:, None] + step[:, None] * (np.arange(count) + 0.5)
    log_p, log_rest = -np.logaddexp(0, -y), -np.logaddexp(0, y)
    weight = np.exp(a * log_p + b[:, None] * log_rest - log_beta(a, b)[:, None]) * step[:, None]
    return Nodes(a, b, np.exp(log_p), log_rest, weight)


def mean_of(worth: Worth, rate: Floats, which: Ints, at: Nodes, width: int = 1) -> Floats:
    """Compute E[f(p)] of each row.

    worth(rows, p): f of some rows at p (rows, nodes). rate: f's k u and m of each row, (2, rows): f(0) and its slope.
    which: the row of nodes that each uses. width: numbers that `worth` holds at once for one node. Several functions of
    each row, (functions, rows, nodes) with a rate of (2, functions, rows), are averaged together: (functions, rows).
    """
    first, speed = rate

    def piece(rows: slice) -> Floats:
        node = which[rows]
        p, log_rest, weight = at.p[node], at.log_rest[node], at.weight[node]
        b, m, start = at.b[node], speed[..., rows], first[..., rows]
        end = worth(rows, np.ones((len(node), 1)))[..., 0]
        rest = worth(rows, p) - start[..., None] * np.exp(m[..., None] * log_rest) - end[..., None] * p
        known = start * np.exp(log_gamma_ratio(b, at.a) - log_gamma_ratio(b + m, at.a)) + end * at.a / (at.a + b)
        mean: Floats = known + np.einsum("...ij,ij->...i", rest, weight)
        return mean

    held = max(1, _NUMBERS_A_PIECE // (at.p.shape[1] * width))
    found = map_pieces(piece, len(which), held)
    return np.concatenate(found, axis=-1) if found else np.zeros(first.shape)


def _reach(a: float, b: Floats, fastest: Floats) -> tuple[Floats, Floats]:
    """Find the range in which the integrand matters, in logits.

    Left of the beta's bulk it falls as p^(a + 1), and left of 1/m, where f turns, as p^(a + 2); right of it as
    (1 - p)^(b + 1).
    """
    powers_a, powers_b = np.array([[a + 1], [a]]), np.stack([b + 1, b])
    (low, farthest), (high, _) = _level(powers_a, powers_b)
    turned = np.minimum(low, -np.log(np.maximum(fastest, 1)) - _DEPTH / (a + 2))
    return np.maximum(turned, farthest), high


def _level(a: Floats, b: Floats) -> Floats:
    """Find where a ln p + b ln(1 - p) is _DEPTH below its maximum, on both sides: shape (2, *b.shape), by bisection.

    a, b: shapes that broadcast to b's. Searches for all ends at once, as the arrays are small and calls are not free.
    """
    top = np.log(a) - np.log(b)

    def height(y: Floats) -> Floats:
        found: Floats = -a * np.logaddexp(0, -y) - b * np.logaddexp(0, y)
        return found

    floor, far = height(top) - _DEPTH, _DEPTH * (1 / a + 1 / b + 1)
    inside, outside = np.stack([top, top]), np.stack([top - far - 40, top + far + 40])
    for _ in range(50):
        middle = (inside + outside) / 2
        is_above = height(middle) > floor
        np.copyto(inside, middle, where=is_above)
        np.copyto(outside, middle, where=~is_above)
    return outside
