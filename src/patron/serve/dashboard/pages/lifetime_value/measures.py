"""By which measure of value the page is read: the choice stands in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from patron.serve.dashboard.widgets.choosers import chosen
from patron.serve.dashboard.widgets.escape import markdown
from patron.serve.dashboard.widgets.predictions import prediction

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View


@dataclass(frozen=True)
class Measure:
    """column: of gold.customer_360. name: as a reader calls it. short: within a sentence."""

    column: str
    name: str
    short: str


SPENT = Measure("historical_clv", "Spent to date", "spent to date")
EXPECTED = Measure("predicted_clv_1y", "Expected margin, next year", "expected margin")
TOTAL = Measure("total_clv", "Margin to date and expected", "margin in all")


def chosen_measure(view: View) -> Measure:
    """What is spent, or what is expected where that is predicted; a line says why where it is not."""
    purchases = prediction(view.data, "purchases")
    if not purchases.is_made:
        st.caption(markdown(f"By what customers spent to date. What they will be worth: {purchases.missing}"))
        return SPENT
    measures = {"spent": SPENT, "expected": EXPECTED, "total": TOTAL}
    return measures[chosen("value", "Value is", list(measures), lambda name: measures[name].name)]
