"""The compiled project on disk: a project is compiled again only when something in it changed.

.patron/dbt/compiled holds a readable file of SQL for each node, which `patron check` runs again, and nodes.json, which
says how they depend on each other.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from patron.files import write_atomically
from patron.transform.node import Node


def load_compiled(folder: Path, fingerprint: str, compile_nodes: Callable[[], list[Node]]) -> list[Node]:
    """Load every node of a rendered project: from the folder if it was compiled there, else from `compile_nodes`.

    fingerprint: the hash of the rendered project.
    """
    nodes = _read(folder, fingerprint)
    if nodes is None:
        nodes = compile_nodes()
        _write(folder, fingerprint, nodes)
    return nodes


def read_compiled(folder: Path) -> list[Node]:
    """Read the nodes that were compiled there last; none if there are none, or a file was changed since."""
    return _read(folder, None) or []


_NODES = "nodes.json"
_INCREMENTAL = "incremental"


def _write(folder: Path, fingerprint: str, nodes: list[Node]) -> None:
    """Write nodes.json last: if it exists, every file does."""
    shutil.rmtree(folder, ignore_errors=True)
    folders = {(folder / node.place).parent for node in nodes} | {
        (folder / _INCREMENTAL / node.place).parent for node in nodes if node.incremental
    }
    for each in folders:
        each.mkdir(parents=True, exist_ok=True)
    for node in nodes:
        if node.kind != "seed":
            (folder / f"{node.place}.sql").write_text(node.code, encoding="utf-8")
        if node.incremental:
            (folder / _INCREMENTAL / f"{node.place}.sql").write_text(node.incremental, encoding="utf-8")
    entries = [
        {
            **vars(node),
            "code": node.code if node.kind == "seed" else "",
            "incremental": "",
            "has_incremental": bool(node.incremental),
            "seal": node.seal,
        }
        for node in nodes
    ]
    write_atomically(folder / _NODES, json.dumps({"fingerprint": fingerprint, "nodes": entries}))


def _read(folder: Path, fingerprint: str | None) -> list[Node] | None:
    """Read the nodes; None if another project, or none, was compiled there, or a file is missing or was changed."""
    try:
        content = json.loads((folder / _NODES).read_text(encoding="utf-8"))
        if fingerprint not in (content["fingerprint"], None):
            return None
        nodes = [_read_node(folder, entry) for entry in content["nodes"]]
        return nodes if [node.seal for node in nodes] == [entry["seal"] for entry in content["nodes"]] else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


_TUPLES = ("parents", "sources", "refreshed_by", "tags")


def _read_node(folder: Path, entry: dict[str, Any]) -> Node:
    known: dict[str, Any] = {
        key: tuple(value) if key in _TUPLES else value for key, value in entry.items() if key in _FIELDS
    }
    if known["kind"] != "seed":
        known["code"] = (folder / f"{known['place']}.sql").read_text(encoding="utf-8")
    if entry["has_incremental"]:
        known["incremental"] = (folder / _INCREMENTAL / f"{known['place']}.sql").read_text(encoding="utf-8")
    return Node(**known)


_FIELDS = {one.name for one in fields(Node)}
