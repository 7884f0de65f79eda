"""The measure of value that the page shows; the choice is kept in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.escape import markdown
from patron.serve.dashboard.widgets.predictions import get_prediction

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View


@dataclass(frozen=True)
class Measure:
    """A measure of customer value. column: of gold.customer_360. name: as a label. short: within a sentence."""

    column: str
    name: str
    short: str


SPENT = Measure("historical_clv", "Lifetime value to date", "lifetime value to date")
EXPECTED = Measure("predicted_clv_1y", "Expected margin, next year", "expected margin")
TOTAL = Measure("total_clv", "Total margin, to date and expected", "total margin")


def choose_measure(view: View) -> Measure:
    """Let the user choose among the measures that are available.

    A caption says why expected margin is not, or what is to be known of it.
    """
    purchases = get_prediction(view.data, "purchases")
    if not purchases.is_made:
        st.caption(markdown(f"Showing lifetime value to date. Expected margin: {purchases.missing}"))
        return SPENT
    measures = {"spent": SPENT, "expected": EXPECTED, "total": TOTAL}
    measure = measures[choose("value", "Measure of value", list(measures), lambda name: measures[name].name)]
    if purchases.cautions and measure is not SPENT:
        st.caption(markdown(purchases.cautions))
    return measure
