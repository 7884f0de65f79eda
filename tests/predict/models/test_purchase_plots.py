"""Pictures hold the numbers that they are to show."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from patron.predict import BGBB, MBGNBD
from patron.predict.errors import HistoryError
from patron.predict.models import plots
from patron.simulate import histories

PARAMS = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
MODEL = MBGNBD.from_params(PARAMS)


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(1)
    return histories.mbg_nbd(PARAMS, rng.integers(7, 300, 4000) / 7, rng)


def test_frequency(customers):
    figure = plots.plot_frequency(MODEL, *customers)
    really, model = (np.array(bar.y) for bar in figure.data)
    assert really.sum() == 4000
    assert model.sum() == pytest.approx(4000)
    assert (np.abs(really - model) < 5 * np.sqrt(model) + 5).all()
    assert figure.layout.xaxis.title.text == "repeat purchases"


def test_recency_by_frequency():
    alive = plots.plot_recency_frequency(MODEL, 52).data[0]
    assert ((np.array(alive.z) >= 0) & (np.array(alive.z) <= 1)).all()
    assert alive.z[3][-1] == pytest.approx(float(MODEL.probability_alive(4, 52, 52)))
    assert "next 10" in plots.plot_recency_frequency(MODEL, 52, horizon=10).layout.title.text
    donors = BGBB.from_params({"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8})
    assert np.isnan(plots.plot_recency_frequency(donors, 6).data[0].z[4][2])


def test_tracking():
    first, repeats = np.zeros(500), np.random.default_rng(2).uniform(0, 52, 300)
    figure = plots.plot_tracking(MODEL, first, repeats, 52, 26)
    really, model = (np.array(line.y) for line in figure.data)
    assert really[-1] == (repeats <= 52).sum()
    assert model[-1] == pytest.approx(500 * float(MODEL.expected_purchases_new(52)))
    assert (np.diff(model) > 0).all()


def test_calibration(customers):
    later = MODEL.simulate(20, *customers, np.random.default_rng(3))
    figure = plots.plot_calibration(MODEL, 20, *customers, later)
    really, model = (np.array(line.y) for line in figure.data)
    assert figure.data[0].x[-1] == "7 or more"
    np.testing.assert_allclose(really, model, atol=0.5)
    with pytest.raises(HistoryError):
        plots.plot_calibration(MODEL, 20, *customers, later[:5])


def test_plotly_and_scipy_wait_until_they_are_needed():
    script = "import sys, patron.predict; print(sorted({'scipy', 'numpy', 'plotly'} & set(sys.modules)));"
    script += "from patron.predict import BGNBD; print('plotly' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]
