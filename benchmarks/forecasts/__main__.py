"""Writes docs/forecasts.md: python -m benchmarks.forecasts [SHOPS]

The figures depend on seeds and not on the machine. 20 shops of each kind take some minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.forecasts.shops import AHEAD_DAYS, CUSTOMERS, KINDS, KNOWN_DAYS
from benchmarks.forecasts.trials import Forecast, average, forecast
from benchmarks.page import save

PAGE = Path(__file__).parents[2] / "docs" / "forecasts.md"
SHOPS = 20

_INTRODUCTION = """# Forecasts of shops that break the rules

Written by `python -m benchmarks.forecasts` from simulated shops, drawn by fixed seeds; the tests run a part of them
(`tests/predict/evaluation/test_shops_that_break_the_rules.py`). [Evaluation](evaluation.md) says what the
measures are and how forecasts learn from past windows.

{customers:,} customers come over {known} days, buy at rates of their own, and stop after a purchase with a
probability of their own; each kind of shop breaks one assumption of the purchase models. The last {ahead} days are
forecast as a run would have: the model is chosen and corrected by the windows before. Means of {shops} shops:

| shop | purchases, as fitted | purchases | money | 80% interval of the total | 80% intervals of top customers |
|---|---:|---:|---:|---:|---:|
"""
_READING = """
Purchases and money are predicted / actual; "as fitted" is without the correction. The interval of the total is met in
so many of {shops} shops: more than 80%, because with three past windows it allows for what shops typically miss by.
Top customers are the tenth with the highest predicted value, counted by whether the money of each lies within its own
interval.

## What is said

What the first shop of each kind says of itself:

{words}

A season is not modelled: a shop before its peak is told by how much its windows differ, and its intervals are wide,
but its total is too low.
"""


def write_page(found: Mapping[str, Sequence[Forecast]], shops: int) -> str:
    """Return the page as Markdown. found: the forecasts by name of their kind of shop."""
    kinds = {kind.name: kind for kind in KINDS}
    rows = [_write_row(f"{name}: {kinds[name].words}", own) for name, own in found.items()]
    words = "\n".join(f"* **{name}** ({own[0].model}): {own[0].words}." for name, own in found.items())
    introduction = _INTRODUCTION.format(customers=CUSTOMERS, known=KNOWN_DAYS, ahead=AHEAD_DAYS, shops=shops)
    return introduction + "\n".join(rows) + "\n" + _READING.format(shops=shops, words=words)


def _write_row(name: str, own: Sequence[Forecast]) -> str:
    ratios = " | ".join(f"{average(own, ratio):.2f}" for ratio in ("before", "total", "amount"))
    return f"| {name} | {ratios} | {sum(one.is_total_inside for one in own)} | {average(own, 'top_inside'):.0%} |"


def main(shops: int) -> None:
    """Simulate the shops, store what was found, and write the page."""
    found = {kind.name: [forecast(kind, seed) for seed in range(shops)] for kind in KINDS}
    save("forecasts", {"shops": shops, "found": {name: [asdict(one) for one in own] for name, own in found.items()}})
    PAGE.write_text(write_page(found, shops), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SHOPS)
