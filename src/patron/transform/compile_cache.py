"""The compiled project: the SQL of every model and rule, kept so that dbt is asked only when the project changed.

.patron/dbt/compiled holds a readable file for each, which `patron check` runs again, and nodes.json, which says how
they hang together.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import OrderedDict
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from patron.transform.dbt import Dbt

SINCE_BATCH, AS_OF_DATE = ":since_batch", ":as_of_date"
"""What stands in the SQL of a part for the last landing, and the day, of the last complete build."""


@dataclass(frozen=True)
class Node:
    """One model, seed or rule.

    kind: model, seed or test. place: its file in the project, without the ending. code: the SQL of all its rows, or a
    seed's text. in_part: the SQL of the groups that new rows touch; empty where it is the same. parents: the models
    and seeds that it reads. sources: what else it reads, as bronze.receipts. refreshed_by, follows, keeps_removed:
    see sql/macros/refresh.sql. rules_of: the model whose rules these are; empty for all but rules.
    """

    name: str
    kind: str
    place: str
    schema: str = ""
    code: str = ""
    parents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    materialized: str = "table"
    refreshed_by: tuple[str, ...] = ()
    follows: str = ""
    keeps_removed: bool = False
    rules_of: str = ""
    column_types: Mapping[str, str] = field(default_factory=dict)
    in_part: str = ""

    @property
    def definition(self) -> str:
        """The same for the same code, and only for that."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:32]

    @property
    def seal(self) -> str:
        """The same for the same SQL, whole and in part."""
        return hashlib.sha256(f"{self.code}\0{self.in_part}".encode()).hexdigest()

    @property
    def place_and_name(self) -> tuple[str, str]:
        """What no two nodes share."""
        return self.place, self.name


def compiled(dbt: Dbt, folder: Path, rendered: str) -> list[Node]:
    """Every node of a rendered project, from FOLDER where it was compiled before. rendered: its fingerprint.

    Raises EngineError where dbt cannot compile it.
    """
    nodes = _read(folder, rendered)
    if nodes is None:
        nodes = _in_process.get(rendered) or dbt.compiled()
        _write(folder, rendered, nodes)
    _in_process[rendered] = nodes
    _in_process.move_to_end(rendered)
    while len(_in_process) > _HELD:
        _in_process.popitem(last=False)
    return nodes


def kept(folder: Path) -> list[Node]:
    """The nodes that were compiled there last; none where none were."""
    return _read(folder, None) or []


def is_compiled(folder: Path) -> bool:
    """Whether some project was compiled there: then it may not have to be again."""
    return (folder / _NODES).is_file()


def with_ancestors(nodes: Iterable[Node], names: Iterable[str]) -> set[str]:
    """These models and all that they are made of."""
    reads = {node.name: node.parents for node in nodes if node.kind != "test"}
    found, left = set[str](), [name for name in names if name in reads]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [parent for parent in reads[name] if parent in reads]
    return found


def reading_predictions(nodes: Iterable[Node]) -> list[Node]:
    """Those that cannot be made before it is predicted, however many others lie between."""
    nodes = list(nodes)
    found, names, grown = list[Node](), set[str](), True
    while grown:
        grown = False
        for node in nodes:
            if node not in found and (names.intersection(node.parents) or any(map(_is_predicted, node.sources))):
                found.append(node)
                names |= {node.name} if node.kind != "test" else set()
                grown = True
    return found


def _is_predicted(source: str) -> bool:
    return source.startswith("predictions.")


_NODES = "nodes.json"
_PARTS = "in_part"
_HELD = 8
_in_process: OrderedDict[str, list[Node]] = OrderedDict()
"""Fingerprint -> nodes: a build aside, or a second shop with the same mapping, asks dbt nothing."""


def _write(folder: Path, rendered: str, nodes: list[Node]) -> None:
    """nodes.json comes last: where it stands, everything does."""
    shutil.rmtree(folder, ignore_errors=True)
    for node in nodes:
        if node.kind != "seed":
            _write_text(folder / f"{node.place}.sql", node.code)
        if node.in_part:
            _write_text(folder / _PARTS / f"{node.place}.sql", node.in_part)
    kept = [
        {**asdict(node), "code": node.code if node.kind == "seed" else "", "in_part": "", "seal": node.seal}
        for node in nodes
    ]
    write_atomically(folder / _NODES, json.dumps({"rendered": rendered, "nodes": kept}, indent=1))


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _read(folder: Path, rendered: str | None) -> list[Node] | None:
    """None where another project than rendered, or none, was compiled there, or a file is gone or was changed."""
    try:
        said = json.loads((folder / _NODES).read_text(encoding="utf-8"))
        if rendered not in (said["rendered"], None):
            return None
        nodes = [_node(folder, one) for one in said["nodes"]]
        return nodes if [node.seal for node in nodes] == [one["seal"] for one in said["nodes"]] else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


_TUPLES = ("parents", "sources", "refreshed_by")


def _node(folder: Path, said: dict[str, Any]) -> Node:
    known: dict[str, Any] = {
        key: tuple(value) if key in _TUPLES else value for key, value in said.items() if key in _FIELDS
    }
    if known["kind"] != "seed":
        known["code"] = (folder / f"{known['place']}.sql").read_text(encoding="utf-8")
        part = folder / _PARTS / f"{known['place']}.sql"
        known["in_part"] = part.read_text(encoding="utf-8") if part.exists() else ""
    return Node(**known)


_FIELDS = {one.name for one in fields(Node)}
