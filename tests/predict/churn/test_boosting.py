"""LightGBM is imported without scikit-learn and pandas, and without a trace for others who import it."""

from __future__ import annotations

import subprocess
import sys

import pytest

IMPORT = "import sys; from patron.predict.churn.boosting import lightgbm as ours; "


@pytest.mark.parametrize(
    ("then", "printed"),
    [
        ("print([name for name in ('sklearn', 'pandas', 'lightgbm') if name in sys.modules])", "[]"),
        ("import lightgbm; print(*(one.compat.SKLEARN_INSTALLED for one in (lightgbm, ours)))", "True False"),
        ("import pandas, sklearn; print('imported')", "imported"),
    ],
)
def test_lightgbm_is_imported_alone(then, printed):
    done = subprocess.run([sys.executable, "-c", IMPORT + then], capture_output=True, text=True, check=True)
    assert done.stdout.split() == printed.split()


def test_a_lightgbm_that_is_imported_already_is_used():
    code = f"import lightgbm; {IMPORT} print(ours is lightgbm)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
