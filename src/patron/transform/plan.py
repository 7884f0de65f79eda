"""What a build does again, and why: everything, what depends on a changed definition, or what new rows touch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from patron.transform.node import Node
from patron.transform.state import BuildRecord

MOVING = ("as_of", "changed_lines")
"""Models whose change is a change of data: what follows them is told by rows, not built whole."""

_EVER_NEW = ("predictions.", "history.", "meta.")


@dataclass(frozen=True)
class Plan:
    """What a build does: whole is None for everything, else the refreshed models to be built whole.

    untouched: models that are left as they are, for nothing that they are made of changed.
    """

    reasons: list[str]
    whole: frozenset[str] | None
    since_batch: int = 0
    as_of_date: str = ""
    is_complete: bool = True
    untouched: frozenset[str] = frozenset()


def why_everything(
    record: BuildRecord, lake: Mapping[str, str], highest_batch: int, warehouse: tuple[str, int] | None
) -> str:
    """Why nothing of the warehouse can be kept; empty where it can.

    lake: source -> id of its bronze table. warehouse: what meta.built says, if it is there.
    """
    complete = record.complete
    if complete is None:
        return "nothing was built yet"
    if record.begun_whole:
        return "the last build of everything did not end"
    expected = {complete.number} if record.begun is None else {complete.number, complete.number + 1}
    if warehouse is None:
        return "the warehouse was gone"
    if warehouse[0] != complete.warehouse_id or warehouse[1] not in expected:
        return "the warehouse is not the one that was built last"
    if complete.since_batch > highest_batch or any(lake.get(k) != v for k, v in complete.lake.items() if k in lake):
        return "the lake is not the one that the warehouse was built from"
    return ""


def part_plan(
    record: BuildRecord, nodes: Iterable[Node], outdated: Collection[str] = (), arrived: Collection[str] = ()
) -> Plan:
    """The plan where the tables can be kept. nodes: the project's models and seeds. outdated: sources whose older rows
    look up other values now (outdated.py). arrived: sources of which rows landed since the last complete build.
    """
    assert record.complete is not None
    complete = record.complete
    whole, reasons = set(record.begun or []), []
    if record.begun is not None:
        reasons.append("the last build did not end")
    known = list(nodes)
    redefined = {n.name for n in known if complete.definitions.get(n.name) != n.definition}
    changed = redefined - set(MOVING)
    whole |= with_descendants(known, changed | {f"rows_{source}" for source in outdated})
    reasons += _told(known, changed)
    still = frozenset[str]()
    if record.begun is None:
        still = untouched(known, whole | redefined | {f"bronze.{source}" for source in arrived})
    reasons += [f"rows of {source} that had landed before look up other values now" for source in outdated]
    return Plan(reasons, frozenset(whole), complete.since_batch, complete.as_of_date, record.begun is None, still)


def untouched(nodes: Iterable[Node], changed: Collection[str]) -> frozenset[str]:
    """The models that are made of nothing that changed. changed: models, and sources as bronze.receipts. What is
    predicted, what was observed and the day that is asked for change in every run, for all that is known before it.
    """
    reads = {node.name: {*node.parents, *node.sources} for node in nodes}
    found = {*changed, *(source for read in reads.values() for source in read if source.startswith(_EVER_NEW))}
    while more := {name for name, read in reads.items() if found & set(read)} - found:
        found |= more
    return frozenset(reads.keys() - found)


def with_descendants(nodes: Iterable[Node], changed: set[str]) -> set[str]:
    """These models and all that is made of them."""
    known, found = list(nodes), set(changed)
    while True:
        more = {n.name for n in known if n.name not in MOVING and found & set(n.parents)} - found
        if not more:
            return found
        found |= more


def _told(nodes: Iterable[Node], changed: set[str]) -> list[str]:
    """Where a change began, in a reader's words."""
    roots = sorted(n.name for n in nodes if n.name in changed and not changed & set(n.parents))
    words = []
    for name in roots:
        if name.startswith("stg_"):
            words.append(f"the mapping of {name.removeprefix('stg_')} changed")
        elif name in ("countries", "segments", "segment_scores"):
            words.append(f"the rules of {name} changed")
        elif name == "order_lines":
            words.append("the rules of line kinds changed")
        else:
            words.append(f"what {name} says changed")
    return list(dict.fromkeys(words))
