"""What a build does again, and why: everything, what depends on a changed definition, or what new rows affect."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from patron.transform.node import LISTS_OF_CHANGES, Node
from patron.transform.state import BuildRecord, find_version

MOVING = ("as_of", *LISTS_OF_CHANGES)
"""Models whose change is a change of data: what follows them is updated by rows, not rebuilt in full."""

NEW_IN_EVERY_RUN = ("predictions.", "history.", "meta.")
"""Schemas that a run writes beside its models: predictions, observed labels and the requested day."""


@dataclass(frozen=True)
class Plan:
    """What a build does.

    reasons: why, in a reader's words. full: the incremental models to build in full; None for everything. since_batch,
    as_of_date: the last landing and the day (ISO) of the last complete build. is_complete: whether that build was the
    last one. unchanged: the models that are left alone, because nothing that they are built from changed.
    """

    reasons: list[str]
    full: frozenset[str] | None
    since_batch: int = 0
    as_of_date: str = ""
    is_complete: bool = True
    unchanged: frozenset[str] = frozenset()


def explain_full_build(
    record: BuildRecord, lake: Mapping[str, str], highest_batch: int, warehouse: tuple[str, int] | None
) -> str:
    """Say why nothing in the warehouse can be kept; empty if it can.

    lake: source -> id of its bronze table. warehouse: the row of meta.built; None if there is none.
    """
    complete = record.complete
    if complete is None:
        is_older = record.is_unreadable or (warehouse is not None and record.begun is None)
        return _describe_other_version(record) if is_older else "nothing was built yet"
    if record.begun_full:
        return "the last build of everything did not end"
    expected = {complete.number} if record.begun is None else {complete.number, complete.number + 1}
    if warehouse is None:
        return "the warehouse was gone"
    if warehouse[0] != complete.warehouse_id or warehouse[1] not in expected:
        return "the warehouse is not the one that was built last"
    if complete.since_batch > highest_batch or any(lake.get(k) != v for k, v in complete.lake.items() if k in lake):
        return "the lake is not the one that the warehouse was built from"
    return ""


def _describe_other_version(record: BuildRecord) -> str:
    known = f", {record.version}" if record.version not in ("", find_version()) else ""
    return f"the last build was recorded by another version{known}"


def plan_incremental(
    record: BuildRecord,
    nodes: Iterable[Node],
    stale: Collection[str] = (),
    arrived: Collection[str] = (),
    moved: tuple[str, ...] = NEW_IN_EVERY_RUN,
) -> Plan:
    """Plan a build that keeps the tables.

    nodes: the project's models and seeds. stale: sources whose older rows look up other values now
    (stale_sources.py). arrived: sources of which rows landed since the last complete build. moved: the schemas that
    models read as sources and that have changed.
    """
    assert record.complete is not None
    complete = record.complete
    full, reasons = set(record.begun or []), []
    if record.begun is not None:
        reasons.append("the last build did not end")
    models = list(nodes)
    redefined = {n.name for n in models if complete.definitions.get(n.name) != n.definition}
    changed = redefined - set(MOVING)
    full |= with_dependents(models, changed | {f"rows_{source}" for source in stale})
    if changed and record.version not in ("", find_version()):
        reasons.append(f"patron was upgraded from {record.version} to {find_version()}")
    reasons += _describe_changes(models, changed)
    unchanged = frozenset[str]()
    if record.begun is None:
        unchanged = find_unchanged(models, full | redefined | {f"bronze.{source}" for source in arrived}, moved)
    reasons += [f"rows of {source} that had landed before are replaced or look up other values now" for source in stale]
    is_complete = record.begun is None
    return Plan(reasons, frozenset(full), complete.since_batch, complete.as_of_date, is_complete, unchanged)


def find_unchanged(
    nodes: Iterable[Node], changed: Collection[str], moved: tuple[str, ...] = NEW_IN_EVERY_RUN
) -> frozenset[str]:
    """The models that are built from nothing that changed.

    changed: models, and sources as bronze.receipts. moved: schemas of which every source changed; predictions, observed
    labels and the requested day do in every run, because they are only known during it.
    """
    reads = {node.name: {*node.parents, *node.sources} for node in nodes}
    sources = {source for read in reads.values() for source in read if source.startswith(moved)}
    found = {*changed, *sources}
    while more := {name for name, read in reads.items() if found & read} - found:
        found |= more
    return frozenset(reads.keys() - found)


def with_dependents(nodes: Iterable[Node], changed: set[str]) -> set[str]:
    """These models and all that is built from them, except through the models in `MOVING`."""
    models, found = list(nodes), set(changed)
    while True:
        more = {n.name for n in models if n.name not in MOVING and found & set(n.parents)} - found
        if not more:
            return found
        found |= more


def _describe_changes(nodes: Iterable[Node], changed: set[str]) -> list[str]:
    """Where the changes began, in a reader's words."""
    roots = sorted(n.name for n in nodes if n.name in changed and not changed & set(n.parents))
    return list(dict.fromkeys(map(_describe_change, roots)))


def _describe_change(model: str) -> str:
    if model.startswith("stg_"):
        return f"the mapping of {model.removeprefix('stg_')} changed"
    if model in ("countries", "segments", "segment_scores"):
        return f"the rules of {model} changed"
    if model == "order_lines":
        return "the rules of line kinds changed"
    return f"the definition of {model} changed"
