"""Runs one task of benchmarks.purchases, as a file: pymc-marketing's environment does not have patron.

python purchases_peers.py TASK HISTORIES.npz: prints seconds, parameters and the library's version as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

WEEKS_A_MONTH = 365 / 12 / 7
MONTHS, ANNUAL_RATE = 36, 0.1
Columns = tuple[Any, Any, Any]


def patron_model(name: str, **settings: Any) -> Callable[[Columns], dict[str, float]]:
    from patron import predict

    return lambda columns: getattr(predict, name)(**settings).fit(*columns).params_


def lifetimes_bg_nbd(columns: Columns) -> dict[str, float]:
    from lifetimes import BetaGeoFitter

    return dict(BetaGeoFitter().fit(*columns).params_)


def pymc_model(name: str, params: str) -> Callable[[Columns], dict[str, float]]:
    import pandas as pd
    from pymc_extras.prior import Prior
    from pymc_marketing import clv

    def fit(columns: Columns) -> dict[str, float]:
        frequency, recency, age = columns
        customers = np.arange(len(age))
        data = pd.DataFrame({"customer_id": customers, "frequency": frequency, "recency": recency, "T": age})
        flat = {param: Prior("HalfFlat") for param in params.split()}  # so that the MAP is the maximum likelihood
        model = getattr(clv, name)(data=data, model_config=flat)
        model.fit(method="map", progressbar=False)
        return {param: float(model.fit_result[param].mean()) for param in params.split()}

    return fit


def patron_clv(columns: Columns) -> dict[str, float]:
    from patron.predict import BGNBD
    from patron.predict.models.lifetime_value import continuous_rate

    model = BGNBD.from_params({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259})
    horizon = MONTHS * WEEKS_A_MONTH
    value = model.discounted_purchases(horizon, continuous_rate(ANNUAL_RATE), *columns, step=WEEKS_A_MONTH)
    return {"total": float(value.sum())}


def lifetimes_clv(columns: Columns) -> dict[str, float]:
    import pandas as pd
    from lifetimes import BetaGeoFitter
    from lifetimes.utils import _customer_lifetime_value

    model = BetaGeoFitter()
    model.params_ = pd.Series({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259})
    model.predict = model.conditional_expected_number_of_purchases_up_to_time
    series = [pd.Series(column) for column in columns]
    monthly = (1 + ANNUAL_RATE) ** (1 / 12) - 1
    ones = pd.Series(np.ones(len(series[0])))
    value = _customer_lifetime_value(model, *series, ones, time=MONTHS, discount_rate=monthly, freq="W")
    return {"total": float(value.sum())}


TASKS: dict[str, tuple[str, Callable[[], Callable[[Columns], dict[str, float]]]]] = {
    "patron BGNBD": ("patron", lambda: patron_model("BGNBD")),
    "patron BGNBD binned": ("patron", lambda: patron_model("BGNBD", exact=False)),
    "patron ParetoNBD": ("patron", lambda: patron_model("ParetoNBD")),
    "patron clv": ("patron", lambda: patron_clv),
    "lifetimes BGNBD": ("lifetimes", lambda: lifetimes_bg_nbd),
    "lifetimes clv": ("lifetimes", lambda: lifetimes_clv),
    "pymc BGNBD": ("pymc-marketing", lambda: pymc_model("BetaGeoModel", "r alpha a b")),
    "pymc ParetoNBD": ("pymc-marketing", lambda: pymc_model("ParetoNBDModel", "r alpha s beta")),
}


def main(task: str, file: str) -> None:
    """Run on 1,000 customers first, then on all of them with the clock running."""
    library, make = TASKS[task]
    work, seen = make(), np.load(file)
    columns = seen["frequency"], seen["recency"], seen["age"]
    work(tuple(column[:1000] for column in columns))
    start, cpu = time.perf_counter(), time.process_time()
    found = work(columns)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    result = {"seconds": seconds, "cpu_seconds": cpu_seconds, "params": found, "version": version(library)}
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
