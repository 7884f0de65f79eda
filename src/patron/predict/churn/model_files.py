"""A churn model as files: churn.json, which anybody can read, and trees in LightGBM's own text.

    churn.json      columns, calibration, examples, how good it was, what it was made with
    trees_30d.txt   one file a window

A folder is made aside and put in its place in one step: a reader sees the old model, the new one, or none.
"""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from patron.errors import PatronError
from patron.predict.churn.features import Columns
from patron.predict.churn.training import Learnt

if TYPE_CHECKING:
    from patron.predict.churn.model import ChurnModel

FORMAT = 1
"""Of another format, or with other features, nothing is read: it is learnt again."""

_NAME = "churn.json"
_Model = TypeVar("_Model", bound="ChurnModel")


def write_model(model: ChurnModel, folder: Path, basis: dict[str, Any]) -> None:
    """Put the model into `folder`, in the place of an older one."""
    aside, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    for leftover in (aside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    aside.mkdir(parents=True)
    for days, learnt in model.learnt_.items():
        learnt.booster.save_model(str(aside / _trees(days)))
    (aside / _NAME).write_text(json.dumps(_content(model, basis), indent=1, ensure_ascii=False), encoding="utf-8")
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def read_model(kind: type[_Model], folder: Path, threads: int | None) -> tuple[_Model, dict[str, Any]]:
    """(the model, its basis). Raises PatronError."""
    import lightgbm

    try:
        content = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise _unreadable(folder, f"it is of format {content['format']}, not {FORMAT}")
        model = kind(least_leavers=content["least_leavers"], seed=content["seed"], threads=threads)
        model.columns_ = Columns(tuple(content["columns"]), tuple(content["channels"]))
        for days, knots in content["calibration"].items():
            text = (folder / _trees(int(days))).read_text(encoding="utf-8")
            booster = lightgbm.Booster(model_str=text)
            model.learnt_[int(days)] = Learnt(booster, (knots["scores"], knots["probabilities"]))
    except (OSError, ValueError, KeyError, TypeError, lightgbm.basic.LightGBMError) as error:
        raise _unreadable(folder, " ".join(str(error).split()) or type(error).__name__) from error
    model.withheld_ = {int(days): why for days, why in content["withheld"].items()}
    model.data_, model.model_scores_ = content["data"], content["model_scores"]
    model.model_calibration_ = content["model_calibration"]
    return model, content["basis"]


def _content(model: ChurnModel, basis: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_with": {name: version(name) for name in ("patron", "lightgbm", "scikit-learn", "numpy")},
        "basis": basis,
        "data": model.data_,
        "least_leavers": model.least_leavers,
        "seed": model.seed,
        "columns": list(model.columns_.names),
        "channels": list(model.columns_.channels),
        "withheld": {str(days): why for days, why in model.withheld_.items()},
        "calibration": {
            str(days): {"scores": learnt.knots[0], "probabilities": learnt.knots[1]}
            for days, learnt in model.learnt_.items()
        },
        "model_scores": model.model_scores_,
        "model_calibration": model.model_calibration_,
    }


def _trees(days: int) -> str:
    return f"trees_{days}d.txt"


def _unreadable(folder: Path, why: str) -> PatronError:
    return PatronError(f"The churn model cannot be read: {why}.", where=str(folder), do="learn it again")
