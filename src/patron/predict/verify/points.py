"""Compares the papers' closed forms at published parameters, by scipy's hypergeometric function, with patron."""

from __future__ import annotations

from collections.abc import Iterator

from scipy.special import betainc, factorial, hyp2f1, poch

from patron.predict.verify.check import Check

_X, _LAST, _NOW, _AHEAD = 2.0, 30.43, 38.86, 39.0
"""Customer 0001 of the CDNOW sample, in weeks."""

REGULAR = {"k": 3.0, "r": 0.85, "alpha": 1.45, "a": 0.79, "b": 2.42}
"""Parameters that the tests of BTYDplus recover."""

_MOST = 150


def run_checks() -> Iterator[Check]:
    """Check expected purchases and P(alive) of one customer, and of a new one."""
    from patron.predict import BGNBD, ParetoNBD
    from patron.predict.verify.cdnow import PUBLISHED

    history = {"frequency": _X, "recency": _LAST, "age": _NOW}
    bg = BGNBD.from_params(PUBLISHED["BGNBD"][0])
    expected = float(bg.expected_purchases(_AHEAD, **history))
    section = "BG/NBD, Fader, Hardie and Lee 2005"
    yield Check(section, "purchases of customer 0001 in 39 weeks, as published", 1.226, expected, 0.0005)
    yield Check(section, "the same by eq. 10", _bg_nbd_eq_10(**bg.params_), expected, 1e-9)
    new = float(bg.expected_purchases_new(_AHEAD))
    yield Check(section, "purchases of a new customer by eq. 9", _bg_nbd_eq_9(**bg.params_), new, 1e-9)
    pareto = ParetoNBD.from_params(PUBLISHED["ParetoNBD"][0])
    alive = float(pareto.probability_alive(**history))
    section = "Pareto/NBD, Fader and Hardie 2005"
    yield Check(section, "P(alive) of customer 0001 by the note", _pareto_alive(**pareto.params_), alive, 1e-9)
    yield from _check_regular(history)


def _check_regular(history: dict[str, float]) -> Iterator[Check]:
    """Check a customer of the MBG/CNBD-k, at parameters that the authors' package is tested with."""
    from patron.predict import MBGCNBDK

    regular = MBGCNBDK.from_params(REGULAR)
    section = "MBG/CNBD-k, Reutterer, Platzer and Schroeder 2021"
    alive, expected = regular.probability_alive(**history), regular.expected_purchases(_AHEAD, **history)
    by_form, by_sum = _regular_alive(**regular.params_), _regular_purchases(**regular.params_)
    yield Check(section, "P(alive) of customer 0001 by the paper", by_form, float(alive), 1e-9)
    yield Check(section, "purchases of customer 0001, summed one by one", by_sum, float(expected), 1e-9)


def _regular_alive(k: float, r: float, alpha: float, a: float, b: float) -> float:
    """Compute 1 / (1 + a / (b + x) ((alpha + T) / (alpha + t_x))^m / S)."""
    m, w = r + k * _X, (_NOW - _LAST) / (alpha + _NOW)
    stages = sum(poch(m, j) / factorial(j) * w**j for j in range(int(k)))
    return float(1 / (1 + a / (b + _X) * ((alpha + _NOW) / (alpha + _LAST)) ** m / stages))


def _regular_purchases(k: float, r: float, alpha: float, a: float, b: float) -> float:
    """Sum, over stages and purchases, P(stage) x P(so many stages more) x P(they go on)."""
    m, w, tails = r + k * _X, (_NOW - _LAST) / (alpha + _NOW), b + _X + 1
    shares = [poch(m, j) / factorial(j) * w**j for j in range(int(k))]
    share = _AHEAD / (alpha + _NOW + _AHEAD)
    total = sum(
        own * poch(tails, n - 1) / poch(a + tails, n - 1) * betainc(k * n - j, m + j, share)
        for j, own in enumerate(shares)
        for n in range(1, _MOST)
    )
    return float(_regular_alive(k, r, alpha, a, b) * total / sum(shares))


def _bg_nbd_eq_9(r: float, alpha: float, a: float, b: float) -> float:
    t = _AHEAD
    lasting = 1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t))
    return float((a + b - 1) / (a - 1) * lasting)


def _bg_nbd_eq_10(r: float, alpha: float, a: float, b: float) -> float:
    x, last, now, t = _X, _LAST, _NOW, _AHEAD
    share = ((alpha + now) / (alpha + now + t)) ** (r + x)
    lasting = 1 - share * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + now + t))
    odds = a / (b + x - 1) * ((alpha + now) / (alpha + last)) ** (r + x)
    return float((a + b + x - 1) / (a - 1) * lasting / (1 + odds))


def _pareto_alive(r: float, alpha: float, s: float, beta: float) -> float:
    """Compute 1 / (1 + s / (r+s+x) (alpha+T)^(r+x) (beta+T)^s A_0), for alpha < beta."""
    power = r + s + _X

    def one(time: float) -> float:
        form = hyp2f1(power, r + _X, power + 1, (beta - alpha) / (beta + time))
        return float(form / (beta + time) ** power)

    scale = (alpha + _NOW) ** (r + _X) * (beta + _NOW) ** s
    return float(1 / (1 + s / power * scale * (one(_LAST) - one(_NOW))))
