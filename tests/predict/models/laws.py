"""The papers' formulas as they stand, in mpmath with 60 digits: slow, and right where floats are not."""

from __future__ import annotations

import mpmath as mp

mp.mp.dps = 60


def exact(*values: float) -> list[mp.mpf]:
    return [mp.mpf(float(value)) for value in values]


def beta_geometric_terms(params, history, first_coin):
    """The two terms of the likelihood: alive, and gone after the last purchase."""
    r, alpha, a, b = exact(*params)
    x, last, now = exact(*history)
    shared = mp.gamma(r + x) / mp.gamma(r) * alpha**r
    alive = shared * mp.beta(a, b + x + first_coin) / mp.beta(a, b) / (alpha + now) ** (r + x)
    if x + first_coin == 0:
        return alive, mp.mpf(0)
    return alive, shared * mp.beta(a + 1, b + x + first_coin - 1) / mp.beta(a, b) / (alpha + last) ** (r + x)


def beta_geometric_ahead(params, horizon, history, first_coin):
    """E[Y] of a living customer by the hypergeometric form (Fader, Hardie and Lee 2005, eq. 10)."""
    r, alpha, a, b = exact(*params)
    x, _, now = exact(*history)
    t, k, tails = mp.mpf(float(horizon)), r + x, b + x + first_coin
    z = t / (alpha + now + t)
    form = mp.hyp2f1(k, tails, a + tails - 1, z, maxterms=10**6)
    return (a + tails - 1) / (a - 1) * (1 - ((alpha + now) / (alpha + now + t)) ** k * form)


def pareto_terms(params, history):
    """Alive, and gone between t_x and T: a difference of hypergeometric functions."""
    r, alpha, s, beta = exact(*params)
    x, last, now = exact(*history)
    shared = mp.gamma(r + x) / mp.gamma(r) * alpha**r * beta**s
    gone = s * (_tail(r + x, s + 1, alpha, beta, last) - _tail(r + x, s + 1, alpha, beta, now))
    return shared / (alpha + now) ** (r + x) / (beta + now) ** s, shared * gone


def pareto_buys(params, horizon, history):
    """P(at least one purchase) of a living customer, by a numeric integral."""
    r, alpha, s, beta = exact(*params)
    x, _, now = exact(*history)
    t, e, at_rate, at_leaving = mp.mpf(float(horizon)), r + x, alpha + now, beta + now
    stays = (at_rate / (at_rate + t)) ** e * (at_leaving / (at_leaving + t)) ** s
    gone = _tail(e, s + 1, at_rate, at_leaving, mp.mpf(0)) - _tail(e, s + 1, at_rate, at_leaving, t)
    return 1 - stays - s * at_rate**e * at_leaving**s * gone


def _tail(e, f, alpha, beta, start):
    """The integral of (alpha + u)^-e (beta + u)^-f over u from start on."""
    m = e + f - 1
    if alpha >= beta:
        return (alpha + start) ** -m / m * mp.hyp2f1(m, f, m + 1, (alpha - beta) / (alpha + start))
    return (beta + start) ** -m / m * mp.hyp2f1(m, e, m + 1, (beta - alpha) / (beta + start))


def bg_bb_terms(params, history):
    """Alive at n + 1, and everything that the history leaves possible."""
    alpha, beta, gamma, delta = exact(*params)
    x, last, n = (int(value) for value in history)
    both = mp.beta(alpha, beta) * mp.beta(gamma, delta)
    total = mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n)
    for i in range(n - last):
        total += mp.beta(alpha + x, beta + last - x + i) * mp.beta(gamma + 1, delta + last + i)
    return mp.beta(alpha + x, beta + n - x) * mp.beta(gamma, delta + n + 1) / both, total / both


def bg_bb_ahead(params, horizon, history):
    """Fader, Hardie and Shang (2010), eq. 13, over P(alive)."""
    alpha, beta, gamma, delta = exact(*params)
    x, _, n = exact(*history)

    def ratio(after):
        return mp.gammaprod([1 + delta + after], [gamma + delta + after])

    lived = delta / (gamma - 1) * mp.gamma(gamma + delta) / mp.gamma(1 + delta) * (ratio(n) - ratio(n + horizon))
    scale = mp.beta(gamma, delta) / mp.beta(gamma, delta + n + 1)
    return (alpha + x) / (alpha + beta + n) * lived * scale


def gamma_gamma_log(params, x, m):
    """ln of the density of a mean m of x orders."""
    p, q, gamma, x, m = exact(*params, x, m)
    density = mp.gammaprod([p * x + q], [p * x, q]) * gamma**q * m ** (p * x - 1) * x ** (p * x)
    return mp.log(density / (gamma + x * m) ** (p * x + q))
