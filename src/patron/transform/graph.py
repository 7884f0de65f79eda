"""Which models read which: what a model is built from, what is built from it, and what `--select` selects."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from patron.errors import SettingsError
from patron.transform.node import Node


def with_ancestors(nodes: Iterable[Node], names: Iterable[str], depth: int | None = None) -> set[str]:
    """These models and all that they are built from. depth: through how many steps; all of them if None."""
    reads = {node.name: node.parents for node in nodes}
    return _find_reachable(names, reads, depth)


def with_descendants(nodes: Iterable[Node], names: Iterable[str], depth: int | None = None) -> set[str]:
    """These models and all that are built from them. depth: through how many steps; all of them if None."""
    read_by: dict[str, list[str]] = {}
    for node in nodes:
        if node.kind != "test":
            read_by.setdefault(node.name, [])
            for parent in (*node.parents, *(f"source:{source}" for source in node.sources)):
                read_by.setdefault(parent, []).append(node.name)
    return _find_reachable(names, read_by, depth)


def _find_reachable(names: Iterable[str], steps: Mapping[str, Collection[str]], depth: int | None) -> set[str]:
    found, edge = set[str](), {name for name in names if name in steps}
    while edge and (depth is None or depth >= 0):
        found |= edge
        edge = {other for name in edge for other in steps[name] if other in steps} - found
        depth = None if depth is None else depth - 1
    return found


def find_prediction_readers(nodes: Iterable[Node]) -> list[Node]:
    """Find the nodes that need predictions, directly or through other models."""
    nodes = list(nodes)
    models = [node for node in nodes if node.kind != "test"]
    first = [node.name for node in models if any(map(_is_predicted, node.sources))]
    names = with_descendants(models, first)
    return [node for node in nodes if node.name in names or (node.kind == "test" and _reads(node, names))]


def _reads(test: Node, names: Collection[str]) -> bool:
    return any(parent in names for parent in test.parents) or any(map(_is_predicted, test.sources))


def _is_predicted(source: str) -> bool:
    return source.startswith("predictions.")


_TERM = re.compile(r"(?P<up>\d*\+)?(?P<what>[^+@]+)(?P<down>\+\d*)?")


def select_nodes(nodes: Collection[Node], select: str) -> set[str]:
    """Find the names of the models, seeds and data tests of a selection, as dbt's `--select` understands it.

    select: terms with blanks between, each adding to the others; a comma within a term keeps what is on both sides. A
    term is a name, with * for any letters; a folder, such as gold or gold.customers; a path; path:, source:, tag: and
    one of these. +name is also what it is built from, name+ also what is built from it, 2+name at most two steps
    away. A data test is selected with any model that it reads.

    Raises SettingsError for a term that is none of these.
    """
    found = set[str]()
    for term in select.split():
        parts = [_select_term(nodes, part) for part in term.split(",")]
        found |= set.intersection(*parts)
    tests = {node.name for node in nodes if node.kind == "test" and found.intersection(node.parents)}
    return {name for name in found if not name.startswith(_SOURCE)} | tests


def _select_term(nodes: Collection[Node], term: str) -> set[str]:
    read = _TERM.fullmatch(term)
    if read is None:
        do = "write names with blanks between them, such as +customer_360 or gold.customers"
        raise SettingsError(f"{term!r} is no selection of models.", where="--select", do=do)
    start = _find_term(nodes, read["what"])
    found = set(start)
    if read["up"]:
        found |= with_ancestors(nodes, start, _depth(read["up"]))
    if read["down"]:
        found |= with_descendants(nodes, start, _depth(read["down"]))
    return found


def _depth(plus: str) -> int | None:
    return int(plus.strip("+")) if plus != "+" else None


_SOURCE = "source:"


def _find_term(nodes: Collection[Node], what: str) -> set[str]:
    """Find the names that one term matches. Sources have names such as `source:bronze.receipts`."""
    method, _, value = what.partition(":")
    if not value:
        method, value = "path" if "/" in what or what.endswith((".sql", ".csv")) else "fqn", what
    if method == "source":
        wanted = value.removeprefix("patron.")
        return {f"{_SOURCE}{source}" for node in nodes for source in node.sources if _is_source(source, wanted)}
    if method not in _METHODS:
        do = f"choose one of {', '.join(f'{name}:' for name in [*_METHODS, 'source'])}"
        raise SettingsError(f"Models cannot be selected by {method}:.", where=f"--select {what}", do=do)
    return {node.name for node in nodes if _METHODS[method](node, value)}


def _is_source(source: str, wanted: str) -> bool:
    return fnmatchcase(source, wanted) or fnmatchcase(source.split(".", maxsplit=1)[0], wanted)


def _has_folder(node: Node, wanted: str) -> bool:
    """Whether it has this name, or lies in this folder: gold.customers, with or without the project's name before."""
    if fnmatchcase(node.name, wanted):
        return True
    own, parts = _qualify_name(node), wanted.split(".")
    return _starts_with(own, parts) or _starts_with(("patron", *own), parts)


def _qualify_name(node: Node) -> tuple[str, ...]:
    """Its folders below models or seeds, and its name."""
    return (*PurePosixPath(node.place).parts[1:-1], node.name)


def _starts_with(own: tuple[str, ...], parts: list[str]) -> bool:
    return len(parts) <= len(own) and all(map(fnmatchcase, own, parts))


def _has_path(node: Node, wanted: str) -> bool:
    pattern = wanted.rstrip("/").removesuffix(".sql").removesuffix(".csv")
    place = PurePosixPath(node.place)
    return any(fnmatchcase(str(path), pattern) for path in (place, *place.parents))


def _has_tag(node: Node, wanted: str) -> bool:
    return any(fnmatchcase(tag, wanted) for tag in node.tags)


_METHODS: dict[str, Callable[[Node, str], bool]] = {
    "fqn": _has_folder,
    "path": _has_path,
    "tag": _has_tag,
}
