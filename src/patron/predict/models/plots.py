"""Four plots for checking a purchase model, as the literature draws them. Each returns a plotly Figure.

plotly is imported by the first plot. Arguments are arrays as the model takes them, of customers or of weighted cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.errors import HistoryError
from patron.predict.models.bg_bb import BGBB
from patron.predict.models.histories import ONE_UNIT, to_histories
from patron.predict.models.likelihood.arrays import check_numbers, columns, number, numbers

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from patron.predict.models.purchase_model import PurchaseModel

_DRAWS = 20
_ACTUAL, _MODEL = "actual", "model"


def plot_frequency(
    model: PurchaseModel, frequency: Any, recency: Any, age: Any, weights: Any = None, most: int = 10, seed: int = 1
) -> Figure:
    """Plot how many customers made 0, 1, 2, ..., `most` or more repeat purchases: actual and predicted.

    The model's counts are means of `_DRAWS` simulations of new customers, each observed for as long as the actual one.
    """
    seen, most = to_histories(frequency, recency, age, weights), _at_least_1(most)
    rng = np.random.default_rng(seed)
    actual = np.bincount(_capped(seen.frequency, most), weights=seen.weights, minlength=most + 1)
    zeros, drawn = np.zeros(seen.size), np.zeros(most + 1)
    for _ in range(_DRAWS):
        ahead = model.simulate(seen.age, zeros, zeros, zeros, rng)
        drawn += np.bincount(_capped(ahead, most), weights=seen.weights, minlength=most + 1) / _DRAWS
    labels = [*(str(count) for count in range(most)), f"{most} or more"]
    figure = _figure("Customers by number of repeat purchases", "repeat purchases", "customers")
    figure.add_bar(x=labels, y=actual, name=_ACTUAL)
    figure.add_bar(x=labels, y=drawn, name=_MODEL)
    return figure


def plot_recency_frequency(
    model: PurchaseModel, age: float, horizon: float | None = None, most: int = 20, points: int = 40
) -> Figure:
    """Plot P(alive) for each possible history of one age; with a horizon, expected purchases within it."""
    age, most = _time("age", age), _at_least_1(most)
    steps = np.linspace(0, age, points)
    counts = np.arange(1.0, most + 1)
    if isinstance(model, BGBB):  # counts opportunities, each of which is taken or not
        steps, counts = np.arange(0.0, age + 1), np.arange(1.0, min(most, age) + 1)
    x, last = np.meshgrid(counts, steps, indexing="ij")
    possible = x <= last if isinstance(model, BGBB) else last >= 0
    last = np.where(possible, last, age)
    if horizon is None:
        title, values = "Probability that the customer is alive", model.probability_alive(x, last, age)
    else:
        title = f"Expected purchases in the next {horizon:g}"
        values = model.expected_purchases(horizon, x, last, age)
    figure = _figure(title, f"time of the last purchase, of {age:g}", "repeat purchases")
    figure.add_heatmap(x=steps, y=counts, z=np.where(possible, values, np.nan), colorscale="Viridis")
    return figure


def plot_tracking(model: PurchaseModel, first_at: Any, repeat_at: Any, until: float, fitted_until: float) -> Figure:
    """Plot cumulative repeat purchases by unit of time: actual, and expected of customers when they are acquired.

    first_at: each customer's first purchase. repeat_at: each repeat purchase of anybody. Both count from one day, in
    the model's unit. until: how far to draw. fitted_until: where the data that the model was fitted on end.
    """
    given = columns({"first_at": first_at}, None, ONE_UNIT)["first_at"]
    repeats = np.sort(numbers("repeat_at", repeat_at, ONE_UNIT).ravel())
    for name, column in (("first_at", given), ("repeat_at", repeats)):
        check_numbers(name, column, ONE_UNIT)
    until, fitted_until = _time("until", until), _time("fitted_until", fitted_until)
    ends = np.arange(1.0, np.floor(until) + 1)
    starts, customers = np.unique(given, return_counts=True)
    seen = np.maximum(ends[:, None] - starts, 0.0)
    expected = model.expected_purchases_new(seen) @ customers
    figure = _figure("Repeat purchases since the start", "units of time since the start", "repeat purchases, cumulated")
    figure.add_scatter(x=ends, y=np.searchsorted(repeats, ends, side="right"), name=_ACTUAL, mode="lines")
    figure.add_scatter(x=ends, y=expected, name=_MODEL, mode="lines", line={"dash": "dash"})
    figure.add_vline(x=fitted_until, line_dash="dot", annotation_text="fitted up to here")
    return figure


def plot_calibration(
    model: PurchaseModel,
    horizon: float,
    frequency: Any,
    recency: Any,
    age: Any,
    holdout: Any,
    weights: Any = None,
    most: int = 7,
) -> Figure:
    """Plot mean purchases in a holdout of `horizon`, actual and predicted, by customers' earlier purchases.

    holdout: each customer's purchases in the holdout (in a cell, their mean).
    """
    seen = to_histories(frequency, recency, age, weights)
    bought = columns({"holdout": holdout}, None, ONE_UNIT)["holdout"]
    if len(bought) != seen.size:
        raise HistoryError(f"holdout has {len(bought):,} entries, not {seen.size:,}.", do="pass one entry per customer")
    check_numbers("holdout", bought, ONE_UNIT)
    most = _at_least_1(most)
    expected = model.expected_purchases(horizon, seen.frequency, seen.recency, seen.age)
    group = _capped(seen.frequency, most)
    each = np.ones(seen.size) if seen.weights is None else seen.weights
    customers = np.bincount(group, weights=each, minlength=most + 1)
    met = np.flatnonzero(customers)
    labels = [f"{most} or more" if count == most else str(count) for count in met]
    figure = _figure(
        f"Purchases in the {horizon:g} after the fit", "repeat purchases before", "mean purchases per customer"
    )
    for name, values in ((_ACTUAL, bought), (_MODEL, expected)):
        means = np.bincount(group, weights=values * each, minlength=most + 1)[met] / customers[met]
        figure.add_scatter(x=labels, y=means, name=name, mode="lines+markers")
    return figure


def _at_least_1(most: int) -> int:
    if most < 1:
        what = f"A plot of up to {most} purchases would be empty."
        raise HistoryError(what, where="most", do="pass 1 or more")
    return int(most)


def _time(name: str, value: float) -> float:
    time = number(name, value, ONE_UNIT)
    check_numbers(name, np.array([time]), ONE_UNIT)
    return time


def _capped(frequency: Any, most: int) -> Any:
    return np.minimum(np.rint(frequency), most).astype(np.int64)


def _figure(title: str, across: str, up: str) -> Figure:
    from plotly.graph_objects import Figure

    return Figure(layout={"title": title, "xaxis_title": across, "yaxis_title": up, "barmode": "group"})
