"""Reproduces the published results on the 1995 cohort of donors (Fader, Hardie and Shang 2010): 11,104 people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from patron.predict.verify.check import Check, half_unit_of_third_digit

# Gifts made, year of the last one, and how many people did so.
DONORS = (
    *((0, 0, 3464), (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129), (2, 2, 613)),
    *((2, 3, 255), (2, 4, 155), (2, 5, 173), (2, 6, 234), (3, 3, 322), (3, 4, 181), (3, 5, 225), (3, 6, 357)),
    *((4, 4, 240), (4, 5, 284), (4, 6, 512), (5, 5, 335), (5, 6, 728), (6, 6, 1203)),
)
APPEALS = 6
PUBLISHED = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
_HEIGHT = -33225.6
_SECTION = "BG/BB, Fader, Hardie and Shang 2010"


def run_checks() -> Iterator[Check]:
    """Check parameters to three significant digits, the log-likelihood, and gifts expected in the next five years."""
    from patron.predict import BGBB

    frequency, recency, people = np.array(DONORS, dtype=np.float64).T
    model = BGBB().fit(frequency, recency, np.full(len(people), APPEALS), people)
    for name, value in PUBLISHED.items():
        yield Check(_SECTION, name, value, model.params_[name], half_unit_of_third_digit(value))
    yield Check(_SECTION, "log-likelihood", _HEIGHT, model.log_likelihood_, 0.05)
    for x, last, gifts in ((6, 6, 3.75), (0, 0, 0.07)):
        found = float(model.expected_purchases(5, x, last, APPEALS))
        yield Check(_SECTION, f"gifts in 5 years after {x} of 6", gifts, found, 0.005)
