"""Reproduces the published results on two cohorts of subscribers (Fader and Hardie 2007), 1,000 customers each."""

from __future__ import annotations

from collections.abc import Iterator

from patron.predict.verify.check import Check, half_unit_of_third_digit

HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394)
REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173)
"""Customers at the start and after each year."""

FITTED_YEARS = 7
_PUBLISHED = {
    "High End": (HIGH_END, {"alpha": 0.668, "beta": 3.806}, -1611.2),
    "Regular": (REGULAR, {"alpha": 0.704, "beta": 1.182}, -1680.3),
}
_PROJECTED = {8: 0.460, 9: 0.436, 10: 0.414, 11: 0.395, 12: 0.378}
"""Of the High End cohort, as published with implementations of the model."""

_LIFETIME = 7.530
"""Of a High End customer after 7 renewals, in years, at 10% a year (2010, eq. 6), likewise."""


def run_checks() -> Iterator[Check]:
    """Check parameters to three digits, log-likelihoods, what years 8 to 12 brought, and the residual lifetime."""
    from patron.predict import ShiftedBetaGeometric

    for segment, (survivors, params, height) in _PUBLISHED.items():
        section = f"sBG, {segment}, Fader and Hardie 2007"
        model = ShiftedBetaGeometric().fit_survivors(survivors[: FITTED_YEARS + 1])
        for name, value in params.items():
            yield Check(section, name, value, model.params_[name], half_unit_of_third_digit(value))
        yield Check(section, "log-likelihood", height, model.log_likelihood_, 0.05)
        for year in range(FITTED_YEARS + 1, len(survivors)):
            found = float(model.survival(year))
            yield Check(section, f"year {year}: share of customers, observed", survivors[year] / 1000, found, 0.02)
            if segment == "High End":
                yield Check(section, f"year {year}: share of customers", _PROJECTED[year], found, 0.0005)
        if segment == "High End":
            lifetime = float(model.discounted_lifetime(0.1, FITTED_YEARS))
            yield Check(section, "discounted residual lifetime", _LIFETIME, lifetime, 0.0005)
