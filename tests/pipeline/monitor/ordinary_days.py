"""Row counts and prices of ordinary simulated sources: weekdays, growth, seasons, noise, nothing odd."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter

FIRST = dt.date(2025, 1, 6)


def draw_counts(
    seed: int, days: int = 200, noise: float | None = None, level: float | None = None
) -> dict[dt.date, int]:
    """Rows by day. noise: of a day, as a standard deviation on a logarithmic scale; level: rows a day."""
    draw = random.Random(seed)
    level = level or 10 ** draw.uniform(1.8, 4)
    week = [draw.uniform(0.6, 1.6) for _ in range(7)]
    week[6] *= draw.random() > 0.35
    growth, season = draw.uniform(-0.002, 0.004), draw.uniform(0, 0.4)
    noise = draw.uniform(0.03, 0.3) if noise is None else noise
    counts = {}
    for number in range(days):
        day = FIRST + dt.timedelta(days=number)
        mean = level * week[day.weekday()] * math.exp(growth * number + draw.gauss(0, noise))
        mean *= 1 + season * math.sin(2 * math.pi * number / 365)
        rows = round(draw.gauss(mean, math.sqrt(3 * mean)))
        if rows > 0:
            counts[day] = rows
    return counts


def draw_prices(seed: int, days: int = 100, rows: int = 200) -> dict[dt.date, Counter]:
    """Day -> bins of prices that double, whose mean moves a little from day to day."""
    draw = random.Random(seed)
    found = {}
    for number in range(days):
        middle = draw.gauss(2, 0.1)
        prices = (draw.lognormvariate(middle, 0.8) for _ in range(rows))
        found[FIRST + dt.timedelta(days=number)] = Counter(str(math.floor(math.log2(price))) for price in prices)
    return found


def draw_channels(seed: int, days: int = 100, rows: int = 200) -> dict[dt.date, Counter]:
    """Day -> channel -> rows; some are without."""
    draw = random.Random(seed)
    names, weights = ["web", "shop", "phone", None], [60, 30, 8, 2]
    return {FIRST + dt.timedelta(days=number): Counter(draw.choices(names, weights, k=rows)) for number in range(days)}
