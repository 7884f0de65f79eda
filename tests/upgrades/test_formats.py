"""What a stored file looks like changes only together with its format number, by which other versions tell it apart."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from faults.projects import built
from patron.lake import offsets
from patron.lake.offsets import LandedPosition, Position
from patron.predict import model_store
from patron.predict.churn import model_files
from patron.predict.models.likelihood import serialize
from patron.predict.models.likelihood.fit import Convergence
from patron.project.project import Project
from patron.publish.snapshot import POINTER, Snapshot
from patron.transform import state

KNOWN = Path(__file__).with_name("formats.json")
WHAT_TO_DO = (
    "the stored {name} has other keys than format {number} had. Can an older file still be read (new keys with a "
    "default)? Then add the keys to tests/upgrades/formats.json. Otherwise raise its FORMAT, and migrate or refuse "
    "files of the one before."
)


def describe_formats() -> dict[str, dict[str, Any]]:
    """Name of a stored file -> its format number and its keys, as this version writes them."""
    record = json.loads(Project.load(built()).built.read_text(encoding="utf-8"))
    entry = next((built() / ".patron" / "lake" / "receipts" / "_delta_log").glob("*.json"))
    commits = [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines()]
    (landing,) = [commit["commitInfo"]["patron"] for commit in commits if "commitInfo" in commit]
    return {
        "build record": {"format": state.FORMAT, "keys": [*record, *(f"complete.{key}" for key in record["complete"])]},
        "landing": {
            "format": offsets.FORMAT,
            "keys": [*landing, *(f"positions.{key}" for key in asdict(Position("")))],
        },
        "fitted model": {"format": model_store.FORMAT, "keys": ["format", "window", "content", *_fit_window()]},
        "churn model": {"format": model_files.FORMAT, "keys": list(model_files._to_dict(_trained(), {}))},
        "purchase model": {"format": serialize._FORMAT, "keys": list(serialize.to_dict(_purchase_model()))},
        "pointer": {"format": 1, "keys": [field.name for field in fields(Snapshot)]},
    }


def _trained() -> Any:
    """As much of a churn model as its file needs."""
    columns = SimpleNamespace(names=[], channels=[])
    told: dict[str, Any] = {
        "withheld_": {},
        "learners_": {},
        "names_": {},
        "model_scores_": [],
        "model_calibration_": [],
    }
    return SimpleNamespace(data_={}, least_leavers=1, seed=1, columns_=columns, **told)


def _purchase_model() -> serialize.SavedModel:
    found = SimpleNamespace(**{field.name: 0 for field in fields(Convergence)})
    estimates = serialize.Estimates({}, np.zeros((1, 1)), 0.0, 1.0, found)  # type: ignore[arg-type]
    effect = {"name": "a"}
    return serialize.SavedModel("BGNBD", 0.0, True, {}, estimates, (effect,))


def _fit_window() -> list[str]:
    return [f"window.{field.name}" for field in fields(model_store.FitWindow)]


@pytest.mark.parametrize("name", sorted(json.loads(KNOWN.read_text(encoding="utf-8"))))
def test_a_stored_file_with_other_keys_has_another_format(name):
    known, now = json.loads(KNOWN.read_text(encoding="utf-8"))[name], describe_formats()[name]
    assert sorted(now["keys"]) == sorted(known["keys"]), WHAT_TO_DO.format(name=name, number=known["format"])
    assert now["format"] == known["format"]


def test_every_stored_format_is_known():
    assert set(describe_formats()) == set(json.loads(KNOWN.read_text(encoding="utf-8")))


def test_what_the_first_release_wrote_of_a_landing_is_read_today():
    wrote = {"id": "a", "version": 1, "origin": "a.csv", "rows": 2, "rejected_rows": 0, "key": [], "cursor": {}}
    read = LandedPosition(**wrote, batch_id=1, landed_at=None)  # type: ignore[arg-type]
    assert (read.rows, read.size) == (2, 0)


def test_a_pointer_of_the_first_release_is_read_today(tmp_path):
    from patron.publish.snapshot import load_current

    wrote = {"name": "s", "fingerprint": "f", "published_at": "2024-01-01T00:00:00+00:00", "as_of": "", "tables": {}}
    (tmp_path / "s").mkdir()
    (tmp_path / POINTER).write_text(json.dumps(wrote), encoding="utf-8")
    assert load_current(tmp_path) == Snapshot("s", "f", "2024-01-01T00:00:00+00:00", "", {})


@pytest.mark.parametrize("number", [model_store.FORMAT - 1, model_store.FORMAT + 1])
def test_a_model_of_another_format_is_fitted_again(tmp_path, number):
    path = tmp_path / "model.json"
    model_store.save(path, model_store.FitWindow("2024-01-01", 3, {}), {"a": 1})
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert model_store.load(path) is not None
    path.write_text(json.dumps({**stored, "format": number}), encoding="utf-8")
    assert model_store.find_reason_to_fit(model_store.load(path), None, None) == "no model was stored"  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [None, state.FORMAT - 1, state.FORMAT + 1])
def test_a_build_record_of_another_format_is_not_built_upon(tmp_path, number):
    path = tmp_path / "built.json"
    state.BuildRecord(path).end(state.Built("w", 1, "f", 1, "2024-01-01", {}, {}))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert state.BuildRecord(path).complete is not None
    del content["format"]
    path.write_text(json.dumps(content if number is None else {**content, "format": number}), encoding="utf-8")
    other = state.BuildRecord(path)
    assert (other.complete, other.is_unreadable) == (None, True)


def test_the_reason_names_the_other_version(tmp_path):
    from patron.transform.plan import explain_full_build

    path = tmp_path / "built.json"
    path.write_text(json.dumps({"format": 99, "version": "9.0.0"}), encoding="utf-8")
    reason = explain_full_build(state.BuildRecord(path), {}, 1, None)
    assert reason == "the last build was recorded by another version, 9.0.0"
