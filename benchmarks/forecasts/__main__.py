"""Writes docs/forecasts.md: python -m benchmarks.forecasts [SHOPS]

The figures depend on seeds and not on the machine. 20 shops of each kind take some minutes. Those of public data
sets are measured anew where PATRON_REAL_DATA names the folder that they are in; otherwise they stay as stored.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

from benchmarks.forecasts.old_shops import CUSTOMERS as OLD_CUSTOMERS
from benchmarks.forecasts.old_shops import OLD_KINDS, OldKind, OldResult, compare, compute_truth
from benchmarks.forecasts.real import SILENT, Rows, measure
from benchmarks.forecasts.shops import AHEAD_DAYS, CUSTOMERS, KINDS, KNOWN_DAYS
from benchmarks.forecasts.trials import Forecast, average, forecast
from benchmarks.page import save, saved

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

"""

_OLD = """
## Shops older than their data

Shops five years old, of which the receipts of the last year are known: repeat purchases of a new customer in the first
year, estimated / true, as if everybody seen for the first time were new, and as published. Means of {shops} shops of
{customers:,} customers ever, with the standard deviation of single shops:

| shop | true purchases | as if all were new | as published |
|---|---:|---:|---:|
{rows}
"""


_REAL = """
## Public data sets

The model that is chosen, as fitted, corrected by the windows before it ("recalibrated"), and with what
[learned from those windows](evaluation.md#a-regression-on-the-model), from each origin: a regression of purchases, and
a learner of amounts. 90 days ahead, unless the name says otherwise. Errors are sums of absolute errors of customers as
a share of what came; the last columns say whether the total, and how many top customers, were inside their intervals.

| data | model | origin | total | RMSE | error, purchases | error, money | Brier | in 80% (95%) | top |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|
{rows}
"""

_SILENT = """
Customers of Online Retail who bought once, more than 180 days before the origin: what the fitted MBG/NBD says of them,
and who bought in the next 90 days. Its P(alive) is [not shown](decisions/0125-no-p-alive-of-who-never-leaves.md): the
model sees nobody leave. Its probability of a purchase is another matter.

| origin | customers | P(alive), not shown | P(purchase in 90 days) | bought |
|---|---:|---:|---:|---:|
{rows}
"""


def write_page(
    found: Mapping[str, Sequence[Forecast]],
    old: Mapping[str, Sequence[OldResult]],
    shops: int,
    real: Mapping[str, Rows],
) -> str:
    """Return the page as Markdown. found, old: results by kind of shop. real: as real.measure returns them."""
    kinds = {kind.name: kind for kind in KINDS}
    rows = [_write_row(f"{name}: {kinds[name].words}", own) for name, own in found.items()]
    words = "\n".join(f"* **{name}** ({own[0].model}): {own[0].words}." for name, own in found.items())
    introduction = _INTRODUCTION.format(customers=CUSTOMERS, known=KNOWN_DAYS, ahead=AHEAD_DAYS, shops=shops)
    page = introduction + "\n".join(rows) + "\n" + _READING.format(shops=shops, words=words)
    page += _OLD.format(shops=shops, customers=OLD_CUSTOMERS, rows="\n".join(map(_write_old_row, old, old.values())))
    if not real:
        return page
    rows = [_write_real_row(name, row) for name, own in real.items() if name != SILENT for row in own]
    return (
        page
        + _REAL.format(rows="\n".join(rows))
        + _SILENT.format(rows="\n".join(_write_silent_row(row) for row in real[SILENT]))
    )


def _write_old_row(name: str, own: Sequence[OldResult]) -> str:
    words = next(kind.words for kind in OLD_KINDS if kind.name == name)
    before, now = ([getattr(one, part) / one.truth for one in own] for part in ("before", "now"))
    return f"| {name}: {words} | {own[0].truth:.2f} | {mean(before):.2f} | {mean(now):.2f} ± {pstdev(now):.2f} |"


def _write_silent_row(row: Mapping[str, Any]) -> str:
    shares = (f"{row[name]:.1%}" for name in ("probability_alive", "probability_of_purchase", "came_back"))
    return f"| {row['origin']} | {row['customers']:,.0f} | {' | '.join(shares)} |"


def _write_real_row(name: str, row: Mapping[str, Any]) -> str:
    def number(measure: str, digits: int = 2) -> str:
        return f"{row[measure]:.{digits}f}" if measure in row else "–"

    inside = "–"
    if "is_total_within_80" in row:
        inside = "{} ({})".format(*("yes" if row[f"is_total_within_{per_cent}"] else "no" for per_cent in (80, 95)))
    top = f"{row['top_tenth_within_80']:.0%}" if "top_tenth_within_80" in row else "–"
    cells = (
        *(name, row["model"], row["origin"], number("total_ratio"), number("rmse", 3), number("error_share", 3)),
        *(number("amount_error_share", 3), number("brier", 3), inside, top),
    )
    return f"| {' | '.join(cells)} |"


def _write_row(name: str, own: Sequence[Forecast]) -> str:
    ratios = " | ".join(f"{average(own, ratio):.2f}" for ratio in ("before", "total", "amount"))
    return f"| {name} | {ratios} | {sum(one.is_total_inside for one in own)} | {average(own, 'top_inside'):.0%} |"


def main(shops: int) -> None:
    """Simulate so many shops of each kind (0: keep those stored), store what was found, and write the page."""
    if shops:
        found = {kind.name: [forecast(kind, seed) for seed in range(shops)] for kind in KINDS}
        old = {kind.name: _compare_old(kind, shops) for kind in OLD_KINDS}
    else:
        stored = saved("forecasts") or {"shops": 0, "found": {}}
        shops = stored["shops"]
        found = {name: [Forecast(**one) for one in own] for name, own in stored["found"].items()}
        old = {name: [OldResult(**one) for one in own] for name, own in stored.get("old", {}).items()}
    real = _measure_real()
    content = {"shops": shops, "found": {name: [asdict(one) for one in own] for name, own in found.items()}}
    content["old"] = {name: [asdict(one) for one in own] for name, own in old.items()}
    save("forecasts", content | {"real": real})
    PAGE.write_text(write_page(found, old, shops, real), encoding="utf-8")


def _compare_old(kind: OldKind, shops: int) -> list[OldResult]:
    truth = compute_truth(kind)
    return [compare(kind, seed, truth) for seed in range(shops)]


def _measure_real() -> dict[str, Rows]:
    """Measure the public data sets, or return what was stored of them."""
    folder = os.environ.get("PATRON_REAL_DATA")
    if folder:
        with tempfile.TemporaryDirectory() as scratch:
            return measure(Path(folder), Path(scratch))
    stored: dict[str, Rows] = (saved("forecasts") or {}).get("real", {})
    return stored


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SHOPS)
