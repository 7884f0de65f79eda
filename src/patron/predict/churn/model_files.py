"""Stores a churn model as files: churn.json, which is human-readable, and the trees in LightGBM's text format.

    churn.json      features, calibration, examples, how good it was, what it was made with
    trees_30d.txt   one file per window

The folder is written beside and moved into place in one step: a reader finds the old model, the new one, or none.
"""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from patron.errors import PatronError
from patron.predict.churn.features import FeatureColumns
from patron.predict.churn.model import ChurnModel
from patron.predict.churn.training import CalibratedTrees

FORMAT = 1
"""A model of another format is not read: it is trained again."""

_FILE_NAME = "churn.json"


def write_model(model: ChurnModel, folder: Path, state: dict[str, Any] | None = None) -> None:
    """Write the model to `folder`, replacing an older one. state: what a later run needs to know about the fit."""
    beside, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    for leftover in (beside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    beside.mkdir(parents=True)
    for days, trees in model.trees_.items():
        trees.booster.save_model(str(beside / _trees_file(days)))
    content = json.dumps(_to_dict(model, state or {}), indent=1, ensure_ascii=False)
    (beside / _FILE_NAME).write_text(content, encoding="utf-8")
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def read_model(folder: Path, threads: int | None = None) -> tuple[ChurnModel, dict[str, Any]]:
    """Return (the model, the state it was written with). Raises PatronError if it is missing or damaged."""
    from patron.predict.churn.boosting import lightgbm

    try:
        content = json.loads((folder / _FILE_NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise _unreadable(folder, f"it is of format {content['format']}, not {FORMAT}")
        model = ChurnModel(least_leavers=content["least_leavers"], seed=content["seed"], threads=threads)
        model.columns_ = FeatureColumns(tuple(content["columns"]), tuple(content["channels"]))
        for days, knots in content["calibration"].items():
            text = (folder / _trees_file(int(days))).read_text(encoding="utf-8")
            booster = lightgbm.Booster(model_str=text)
            model.trees_[int(days)] = CalibratedTrees(booster, (knots["scores"], knots["probabilities"]))
    except (OSError, ValueError, KeyError, TypeError, lightgbm.basic.LightGBMError) as error:
        raise _unreadable(folder, " ".join(str(error).split()) or type(error).__name__) from error
    model.withheld_ = {int(days): why for days, why in content["withheld"].items()}
    model.data_, model.model_scores_ = content["data"], content["model_scores"]
    model.model_calibration_ = content["model_calibration"]
    return model, content["basis"]


def _to_dict(model: ChurnModel, state: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_with": {name: version(name) for name in ("patron", "lightgbm", "scikit-learn", "numpy")},
        "basis": state,
        "data": model.data_,
        "least_leavers": model.least_leavers,
        "seed": model.seed,
        "columns": list(model.columns_.names),
        "channels": list(model.columns_.channels),
        "withheld": {str(days): why for days, why in model.withheld_.items()},
        "calibration": {
            str(days): {"scores": trees.knots[0], "probabilities": trees.knots[1]}
            for days, trees in model.trees_.items()
        },
        "model_scores": model.model_scores_,
        "model_calibration": model.model_calibration_,
    }


def _trees_file(days: int) -> str:
    return f"trees_{days}d.txt"


def _unreadable(folder: Path, why: str) -> PatronError:
    return PatronError(f"The churn model cannot be read: {why}.", where=str(folder), do="train it again")
