"""Parsed dbt projects: one that holds what another held, to the letter, is not parsed again in the same process.

dbt keeps a parsed project beside it, but takes it for another when the warehouse lies elsewhere, as where a build
aside proves that incremental equals full. Parsing is a third of a small shop's first run.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

_PARSED = Path("target") / "partial_parse.msgpack"
_places: dict[str, Path] = {}
"""Content of a project -> what dbt wrote when it parsed one."""


def remember(folder: Path) -> None:
    """The project has just been parsed by dbt."""
    if (folder / _PARSED).exists():
        _places[_content(folder)] = folder / _PARSED


def manifest(folder: Path) -> Any | None:
    """dbt's manifest of the project, where another of the same content was parsed; None where dbt has to."""
    place = _places.get(_content(folder))
    if place is None or place == folder / _PARSED or not place.exists():
        return None
    from dbt.contracts.graph.manifest import Manifest

    known = Manifest.from_msgpack(place.read_bytes())
    for node in known.nodes.values():
        if node.resource_type == "seed":
            node.root_path = str(folder)
    known.build_flat_graph()
    return known


def _content(folder: Path) -> str:
    found = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if inside.parts[0] not in ("target", "logs") and file.is_file():
            content = file.read_bytes()
            found.update(f"{inside}\0{len(content)}\0".encode() + content)
    return found.hexdigest()
