"""Stores a churn model as files: churn.json, which is human-readable, its record, and trees in LightGBM's text format.

    churn.json      features, learners, examples, how good it was, what it was made with
    record.parquet  what its learners had predicted at past cutoffs
    trees_30d.txt   one file per window for which LightGBM was chosen

The folder is written beside and moved into place in one step: a reader finds the old model, the new one, or none.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import PatronError
from patron.predict.churn.evaluation import RECENCY, collect_measures
from patron.predict.churn.features import FeatureColumns
from patron.predict.churn.learners import LIGHTGBM, NAMES, Learner
from patron.predict.churn.logistic import LogisticRegression
from patron.predict.churn.model import ChurnModel
from patron.predict.churn.training import CalibratedTrees

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 2
"""A model of another format is not read: it is trained again."""

_FILE_NAME, _RECORD_NAME = "churn.json", "record.parquet"


def write_model(model: ChurnModel, folder: Path, state: dict[str, Any] | None = None) -> None:
    """Write the model to `folder`, replacing an older one. state: what a later run needs to know about the fit."""
    import pyarrow.parquet as pq

    beside, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    for leftover in (beside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    beside.mkdir(parents=True)
    for days, learner in model.learners_.items():
        if isinstance(learner, CalibratedTrees):
            learner.booster.save_model(str(beside / _trees_file(days)))
    if model.record_ is not None:
        pq.write_table(model.record_, beside / _RECORD_NAME)
    content = json.dumps(_to_dict(model, state or {}), indent=1, ensure_ascii=False)
    (beside / _FILE_NAME).write_text(content, encoding="utf-8")
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def read_model(folder: Path, threads: int | None = None) -> tuple[ChurnModel, dict[str, Any]]:
    """Return (the model, the state it was written with). Raises PatronError if it is missing or damaged."""
    import pyarrow.parquet as pq

    try:
        content = json.loads((folder / _FILE_NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise _unreadable(folder, f"it is of format {content['format']}, not {FORMAT}")
        model = ChurnModel(least_leavers=content["least_leavers"], seed=content["seed"], threads=threads)
        model.columns_ = FeatureColumns(tuple(content["columns"]), tuple(content["channels"]))
        for days, learner in content["learners"].items():
            model.names_[int(days)] = learner["name"]
            model.learners_[int(days)] = _read_learner(folder, int(days), learner)
        model.record_ = pq.read_table(folder / _RECORD_NAME) if model.learners_ else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(folder, " ".join(str(error).split()) or type(error).__name__) from error
    model.withheld_ = {int(days): why for days, why in content["withheld"].items()}
    model.data_, model.model_scores_ = content["data"], content["model_scores"]
    model.model_calibration_ = content["model_calibration"]
    return model, content["basis"]


@dataclass(frozen=True)
class Summary:
    """What is stored of a model, without its learners.

    basis: the state it was written with. learners: days -> the learner's name for people. baselines: days -> measures
    of plain recency.
    """

    basis: dict[str, Any]
    learners: dict[int, str]
    baselines: dict[int, dict[str, float]]


def read_summary(folder: Path) -> Summary | None:
    """Read what is stored of the model in `folder`; None if there is none that can be read."""
    try:
        content = json.loads((folder / _FILE_NAME).read_text(encoding="utf-8"))
        learners = {int(days): NAMES[one["name"]] for days, one in content["learners"].items()}
        scores = content["model_scores"]
        baselines = {days: collect_measures(scores, RECENCY, days) for days in learners}
        return Summary(content["basis"], learners, baselines) if content["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_record(folder: Path) -> pa.Table:
    """Read the record (record.py) of the model in `folder`. Raises OSError."""
    import pyarrow.parquet as pq

    return pq.read_table(folder / _RECORD_NAME)


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
        "learners": {
            str(days): {"name": model.names_[days], **_describe_learner(learner)}
            for days, learner in model.learners_.items()
        },
        "model_scores": model.model_scores_,
        "model_calibration": model.model_calibration_,
    }


def _describe_learner(learner: Learner) -> dict[str, Any]:
    if isinstance(learner, CalibratedTrees):
        return {"calibration": {"scores": learner.knots[0], "probabilities": learner.knots[1]}}
    assert isinstance(learner, LogisticRegression)
    return {"regression": learner.to_dict()}


def _read_learner(folder: Path, days: int, content: dict[str, Any]) -> Learner:
    """Restore a learner. Raises OSError, ValueError, KeyError, TypeError if it is damaged."""
    if content["name"] != LIGHTGBM:
        return LogisticRegression.from_dict(content["regression"])
    from patron.predict.churn.boosting import lightgbm

    knots = content["calibration"]
    try:
        booster = lightgbm.Booster(model_str=(folder / _trees_file(days)).read_text(encoding="utf-8"))
    except lightgbm.basic.LightGBMError as error:
        raise ValueError(str(error)) from error
    return CalibratedTrees(booster, (knots["scores"], knots["probabilities"]))


def _trees_file(days: int) -> str:
    return f"trees_{days}d.txt"


def _unreadable(folder: Path, why: str) -> PatronError:
    return PatronError(f"The churn model cannot be read: {why}.", where=str(folder), do="train it again")
