"""Writes docs/placebo.md: python -m benchmarks.placebo [SHOPS]

The figures depend on seeds and not on the machine. 200 shops of each kind take some minutes.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.page import save
from benchmarks.placebo.trials import EFFECTS, NAMES, PLACEBO, Found, count_false_alarms, find_effect

PAGE = Path(__file__).parents[2] / "docs" / "placebo.md"
SHOPS = 200

_INTRODUCTION = """# Comparisons where nothing has an effect

Written by `python -m benchmarks.placebo` from simulated shops, drawn by fixed seeds, through the shipped
models; the tests run the same (`tests/transform/measures/test_placebo.py`). [Comparisons](comparisons.md) has
the rules that these figures check.

Customers of a shop buy at rates of their own, arrive over a year, and leave (2,500 customers, some 14,000
orders). Promotions fall on 15% of the orders by chance (5% in the shops of few promotions), contacts with
support on 10%, and every order is a delivery with a weather, a courier and so on. A seasonal shop's customers
buy four times as often in summer as in winter, when it rains; a growing one wins four times as many new
customers at the end as at the start.

## No effect

Shops of {shops} in which a table calls any difference higher or lower, though nothing has an effect. 5% is
{expected}; more than {most} would be more than chance.
"""
_BEFORE = """
Before readings were adjusted, and groups fixed at time zero, any difference was called clear in this many
of 200 such shops (steady, seasonal, growing):
{before}.
The matched comparisons alone, which claim to be of like with like: promotions in 60 of 60 shops of every kind;
regulars in 14, 24 and 9 of 60.
"""
_POWER = """
## A known effect

Shops of {shops} in which a table tells a true effect, and the mean of what it finds: relative to customers
without it, or for survey_segments as a difference of two shares.

| table | the truth | found | mean size |
|---|---|---:|---:|
{rows}

Sizes are not the truth's own numbers. Promoted customers are compared with those who ordered as often in the
promotion's window, so what a promotion adds within its own window is not counted, and others may be promoted
later: the size is understated. Support is compared among customers whose last order is as old, so what a
contact has changed before time zero is hardly counted.
"""
_WAS = {
    "promotion_impact": (200, 200, 200),
    "support_impact": (200, 200, 200),
    "delivery_impact": (200, 200, 192),
    "survey_segments": (130, 138, 129),
    "loyalty_uplift_summary": (78, 183, 62),
}
"""Of 200 shops, as version 0.1.0 read them."""


def write_page(alarms: dict[str, dict[str, int]], found: dict[str, Found], shops: int) -> str:
    """Return the page as Markdown."""
    from scipy import stats

    most = int(stats.binom.isf(0.001, shops, 0.05))
    lines = [f"| table | {' | '.join(alarms)} |", "|---|" + "---:|" * len(alarms)]
    lines += [f"| {name} | {' | '.join(str(counts[name]) for counts in alarms.values())} |" for name in NAMES]
    before = ";\n".join(f"{name} {', '.join(map(str, counts))}" for name, counts in _WAS.items())
    rows = [f"| {n} | {EFFECTS[n].truth} | {one.count} | {_write_size(n, one)} |" for n, one in found.items()]
    return "\n".join(
        [
            _INTRODUCTION.format(shops=shops, expected=round(0.05 * shops), most=most),
            *lines,
            _BEFORE.format(before=before),
            _POWER.format(shops=shops, rows="\n".join(rows)).lstrip("\n"),
        ]
    )


def _write_size(name: str, found: Found) -> str:
    return f"{found.mean:+.0%}" if EFFECTS[name].relative_to else f"{found.mean:+.3f}"


def main(shops: int) -> None:
    """Draw the shops, store what was found, and write the page."""
    alarms = {kind: dict(count_false_alarms(spec, shops)) for kind, spec in PLACEBO.items()}
    found = {name: find_effect(name, shops) for name in NAMES}
    save("placebo", {"shops": shops, "alarms": alarms, "found": {name: asdict(one) for name, one in found.items()}})
    PAGE.write_text(write_page(alarms, found, shops), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SHOPS)
