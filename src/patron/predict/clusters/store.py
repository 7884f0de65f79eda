"""The fitted clusters as readable JSON in the models' folder, with what they were fitted on, or why there are none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.predict.clusters.window import Window

if TYPE_CHECKING:
    from patron.predict.clusters.model import ClusterModel

FILE_NAME = "clusters.json"


@dataclass(frozen=True)
class Stored:
    """One attempt to fit. settings: `predictions.clusters` of that time; withheld: why there is no model."""

    window: Window
    settings: dict[str, Any]
    model: ClusterModel | None
    withheld: str = ""


def read(folder: Path) -> Stored | None:
    """The last attempt; None where there is none, or none that this version can read."""
    from patron.predict.clusters.model import METHOD, ClusterModel

    try:
        content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        told = content["model"]
        if told is not None and told["method"] != METHOD:
            return None
        model = None if told is None else ClusterModel.from_dict(told)
        return Stored(Window.from_dict(content["window"]), content["settings"], model, content["withheld"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it is fitted anew


def write(folder: Path, stored: Stored) -> None:
    """Put it in the place of the last one, in one step."""
    content = {
        "withheld": stored.withheld,
        "window": stored.window.to_dict(),
        "settings": stored.settings,
        "model": None if stored.model is None else stored.model.to_dict(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f"{FILE_NAME}.new"
    scratch.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    scratch.replace(folder / FILE_NAME)
