"""Where a column comes from, or what is made of it, in steps that a reader can follow to patron.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from patron.errors import SettingsError, did_you_mean
from patron.transform.lineage.lineage import Lineage
from patron.transform.lineage.origin import ROWS, ColumnName, Origin

if TYPE_CHECKING:
    from patron.project.project import Project

Direction = Literal["up", "down"]

_SOURCE, _STAGED, _GOLD = "bronze.", "staging.stg_", "gold."
_LEAVES = {
    "predictions.": "a prediction",
    "history.": "recorded at earlier runs",
    "meta.": "the day that was asked for (as_of)",
    "seeds.": "a list of rules",
}
_UNMAPPED = "no source maps it"
_OF_SOURCE = "the name of the source"
_NAMES_OF_SOURCE = ("source_name", "source_rank", "id_namespace")
_CONSTANT = "the same in every project: a constant, or a list that patron ships"


@dataclass(frozen=True)
class Mapped:
    """The place in patron.yaml where a source's column is read. expression: as it is written there."""

    source: str
    entity: str
    column: str
    expression: str
    where: str


@dataclass(frozen=True)
class Step:
    """A column on the way. kind: how its values are made, or `source`. made_of: the columns of the step before.

    note: what it is where it comes from no column. mapped: where patron.yaml says how it is read.
    """

    column: str
    kind: str
    made_of: list[str]
    note: str = ""
    mapped: list[Mapped] = field(default_factory=list)


@dataclass(frozen=True)
class ColumnReport:
    """The lineage of one column.

    steps: the column itself first; a prediction is one step, and not followed further. sources: the columns of sources
    at its start, as receipts.price, those included that a prediction is fitted on. ends: what else it starts from, in
    words. gold: the columns of gold that are made of it; predicted: those that only a prediction leads to.
    """

    column: str
    direction: Direction
    steps: list[Step]
    sources: list[str]
    ends: list[str]
    gold: list[str]
    predicted: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return the report for `--json`."""
        return asdict(self)


def explain_column(project: Project, lineage: Lineage, name: str, direction: Direction = "up") -> ColumnReport:
    """Explain where a column comes from, or, downwards, what is made of it.

    name: customer_360.net_amount, silver.order_lines.quantity, or a source's column, as receipts.price. Raises
    SettingsError for one that is not there.
    """
    start = find_column(lineage, name)
    trace = lineage.trace_up if direction == "up" else lineage.trace_down
    direct, found = trace(start, through_predictions=False), trace(start)
    steps = [_describe_step(project, column, origin) for column, origin in direct.items()]
    gold = _list_named(direct, _GOLD)
    return ColumnReport(
        column=write_name(start),
        direction=direction,
        steps=steps,
        sources=_list_named(found, _SOURCE),
        ends=list(dict.fromkeys(step.note for step in steps if step.note)),
        gold=gold,
        predicted=sorted(set(_list_named(found, _GOLD)) - set(gold)),
    )


def _list_named(columns: Iterable[ColumnName], schema: str) -> list[str]:
    """The columns of a schema by name. Rows that are counted have a name at the start only."""
    is_start = schema == _SOURCE
    return sorted({write_name(one) for one in columns if one[0].startswith(schema) and (is_start or one[1] != ROWS)})


def list_origins(lineage: Lineage, table: str) -> dict[str, list[str]]:
    """List each column of a table with the columns of sources that it comes from. Raises SettingsError."""
    schema, _, _ = table.rpartition(".")
    known = find_table(lineage, table if schema else f"gold.{table}")
    return {name: _list_named(lineage.trace_up((known, name)), _SOURCE) for name in lineage.list_columns(known)}


def find_table(lineage: Lineage, name: str) -> str:
    """Find a table of the lineage by its full name. Raises SettingsError."""
    if name.lower() in lineage.tables:
        return name.lower()
    do = did_you_mean(name, lineage.tables, "`patron tables` lists those of gold")
    raise SettingsError(f"There is no table {name!r}.", where="patron lineage", do=do)


def find_column(lineage: Lineage, name: str) -> ColumnName:
    """Find a column by the name that people write. A table of gold goes before a source of the same name."""
    wanted = name.lower()
    for prefix in ("", _GOLD, _SOURCE, "silver.", "measures.", "predictions.", "staging."):
        for column in lineage.columns:
            if ".".join(column).lower() == prefix + wanted:
                return column
    known = [write_name(column) for column in lineage.columns if column[1] != ROWS]
    do = did_you_mean(name, known, "write TABLE.COLUMN, or SOURCE.COLUMN for a column that the mapping reads")
    raise SettingsError(f"There is no column {name!r}.", where="patron lineage", do=do)


def write_name(column: ColumnName) -> str:
    """Write a column as people name it: gold and sources without their schema."""
    table, name = column
    shown = table.removeprefix(_SOURCE).removeprefix(_GOLD)
    return f"rows of {shown}" if name == ROWS else f"{shown}.{name}"


def _describe_step(project: Project, column: ColumnName, origin: Origin | None) -> Step:
    table, name = column
    mapped = list(_find_mapped(project, table, name))
    if origin is None:
        is_source = table.startswith(_SOURCE)
        return Step(write_name(column), "source" if is_source else "given", [], "" if is_source else _say_leaf(table))
    note = ""
    if not origin.columns:
        note = _say_leaf(table) if table.startswith("seeds.") else _CONSTANT
        if table.startswith(_STAGED) and not mapped:
            note = _OF_SOURCE if name in _NAMES_OF_SOURCE else _UNMAPPED
    elif origin.kind == "predicted":
        made_from = _list_tables(origin.columns)
        return Step(write_name(column), origin.kind, [], f"a prediction, fitted on {', '.join(made_from)}")
    return Step(write_name(column), origin.kind, sorted(map(write_name, origin.columns)), note, mapped)


def _say_leaf(table: str) -> str:
    return next((said for prefix, said in _LEAVES.items() if table.startswith(prefix)), "")


def _list_tables(columns: Iterable[ColumnName]) -> list[str]:
    return sorted({table for table, _ in columns})


def _find_mapped(project: Project, table: str, name: str) -> Iterable[Mapped]:
    """Find where patron.yaml maps a column of staging."""
    if not table.startswith(_STAGED):
        return
    entity = table.removeprefix(_STAGED)
    filling: Mapping[str, Any] = project.mappings_of(entity)
    as_lines = project.orders_as_lines() if entity == "order_lines" else {}
    for source, mapping in [*filling.items(), *as_lines.items()]:
        found = mapping.columns.get(name)
        if found is not None and found.expression is not None:
            yield Mapped(source, entity, name, found.expression.text, found.where)
