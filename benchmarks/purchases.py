"""Compares purchase models with lifetimes and pymc-marketing's MAP: python -m benchmarks.purchases [CUSTOMERS ...]

The same simulated histories (days, as weeks) for all, each fit in a process of its own that first fits 1,000 customers,
so that no library pays for its start or its compiler. pymc-marketing runs in a virtual environment of its own, made by
pip in the temporary folder (or given by PATRON_PYMC_PYTHON). Writes benchmarks/results/purchases.json.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import measure
from benchmarks.page import machine, save
from patron.predict import BGNBD, ParetoNBD
from patron.simulate import histories

SIZES = (100_000, 1_000_000, 10_000_000)
LARGEST = {"pymc ParetoNBD": 1_000_000, "lifetimes clv": 1_000_000, "patron clv": 1_000_000}
"""Largest number of customers for peers that would take hours beyond it."""

PARAMS = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}
TASKS = ("patron BGNBD", "patron BGNBD binned", "lifetimes BGNBD", "pymc BGNBD", "patron ParetoNBD")
TASKS += ("pymc ParetoNBD", "patron clv", "lifetimes clv")
_SCRIPT = Path(__file__).parent / "purchases_peers.py"


def write_histories(customers: int, file: Path) -> None:
    """Simulate customers of the last two years; purchases and first days are rounded to days."""
    rng = np.random.default_rng(1)
    age = rng.integers(1, 731, customers) / 7
    x, last, age = histories.bg_nbd(PARAMS, age, rng)
    np.savez(file, frequency=x, recency=np.minimum(np.ceil(last * 7) / 7, age), age=age)


def peer_python() -> tuple[str | None, str]:
    """Return a Python that has pymc-marketing, or why there is none."""
    given = os.environ.get("PATRON_PYMC_PYTHON")
    if given:
        return given, ""
    folder = Path(tempfile.gettempdir()) / "patron-bench-pymc"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    install = [python, "-m", "pip", "install", "-q", "pymc-marketing"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    return (None, done.stderr.strip().splitlines()[-1]) if done.returncode else (str(python), "")


def run(task: str, file: Path, python: str) -> dict[str, Any]:
    """Run one task in its own process: its seconds without start-up, parameters, peak memory; or why it failed."""
    try:
        once = measure([python, "-W", "ignore", str(_SCRIPT), task, str(file)])
    except (RuntimeError, OSError) as error:
        return {"task": task, "failed": str(error).strip().splitlines()[-1]}
    found = json.loads(once.output.strip().splitlines()[-1])
    return {"task": task, "peak_mb": once.peak_mb, **found}


def judged(rows: list[dict[str, Any]], file: Path) -> list[dict[str, Any]]:
    """Add each fit's log-likelihood below patron's exact one, and its distance from it in standard errors."""
    seen = np.load(file)
    columns = [seen[name] for name in ("frequency", "recency", "age")]
    for kind in (BGNBD, ParetoNBD):
        best = kind().fit(*columns)
        of = best._likelihood(best._prepare(_histories(*columns)))
        for row in rows:
            if kind.__name__ in row["task"] and "params" in row:
                logs = np.log([row["params"][name] for name in kind.parameter_names])
                row["below_best"] = best.log_likelihood_ - of(logs).value
                row["standard_errors_off"] = _farthest(row["params"], best.params_, best.standard_errors_)
    return rows


def _histories(x: Any, last: Any, now: Any) -> Any:
    from patron.predict.models.histories import to_histories

    return to_histories(x, last, now)


def _farthest(found: Mapping[str, float], best: Mapping[str, float], errors: Mapping[str, float]) -> float:
    return max(abs(found[name] - best[name]) / errors[name] for name in best)


def main(sizes: list[int]) -> None:
    """Measure every task at every size that it can handle."""
    python, why_not = peer_python()
    load, found = os.getloadavg()[0], []
    for customers in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "histories.npz"
            write_histories(customers, file)
            rows = []
            for task in TASKS:
                if customers > LARGEST.get(task, customers) or ("pymc" in task and python is None):
                    continue
                rows.append(run(task, file, (python or "") if "pymc" in task else sys.executable))
                print(customers, rows[-1], flush=True)
            found.append({"customers": customers, "rows": judged(rows, file)})
    save("purchases", {"machine": machine(), "load_before": load, "pymc_missing": why_not, "sizes": found})


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
