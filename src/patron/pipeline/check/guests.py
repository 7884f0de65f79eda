"""Rows whose customer id stands for nobody, counted as they came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.contract.entities import load_entities
from patron.project.mapping.lookups import has_added_columns
from patron.project.mapping.safe_expressions import make_safe
from patron.transform.render.customer_ids import COLUMN, read_customer_id
from patron.transform.render.source_schema import read_source_shapes
from patron.transform.render.type_casts import SourceShape, convert
from patron.transform.render.write_sql import write

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.project.mapping.mappings import EntityMapping
    from patron.project.project import Project

_NAMED = 5
"""Not more ids than this are listed."""


@dataclass(frozen=True)
class Guests:
    """Rows of one source and entity that stand for guests. words: the id in lower case -> rows, the commonest first."""

    source: str
    entity: str
    words: dict[str, int]

    def describe(self) -> str:
        """Say how many rows, and by which ids; addresses are counted, not shown."""
        shown: dict[str, int] = {}
        for word, count in self.words.items():
            name = "e-mail addresses" if "@" in word else word
            shown[name] = shown.get(name, 0) + count
        listed = [f"{word} ({count:,})" for word, count in list(shown.items())[:_NAMED]]
        more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
        total = sum(self.words.values())
        rows = "1 row has" if total == 1 else f"{total:,} rows have"
        means = "left out, as it needs a customer" if self.is_left_out else "a guest's"
        return f"{rows} a customer id of customers.guests ({', '.join(listed)}{more}); each is {means}"

    @property
    def is_left_out(self) -> bool:
        return load_entities()[self.entity].columns[COLUMN].required


def count_guests(project: Project, lake: Lake, warehouse: Warehouse) -> Iterator[Guests]:
    """Count the rows of each source and entity whose customer id is one of a guest. Raises EngineError."""
    shapes = read_source_shapes(project, lake)
    for source, mappings in project.mappings.items():
        for entity, mapping in mappings.entities.items():
            sql = _write_count(project, source, entity, mapping, shapes[source], warehouse.dialect)
            if sql is not None:
                rows = warehouse.query(sql).to_pylist()
                if rows:
                    yield Guests(source, entity, {row["word"]: row["row_count"] for row in rows})


def _write_count(
    project: Project, source: str, entity: str, mapping: EntityMapping, shape: SourceShape, dialect: str
) -> str | None:
    mapped, column = mapping.columns.get(COLUMN), load_entities()[entity].columns.get(COLUMN)
    if mapped is None or column is None:
        return None
    conversion = convert(column, mapped, shape)
    found = read_customer_id(conversion, mapped, shape, project.settings.customers)
    if found is None or found.guest_by_itself is None:
        return None
    conditions = [found.guest_by_itself]
    if mapping.where is not None:
        conditions.append(make_safe(mapping.where.bind(shape.columns)).value)
    word = write(exp.Lower(this=conversion.value.copy()), dialect)
    relation = f"staging.rows_{source}" if has_added_columns(project.settings.sources[source]) else f"bronze.{source}"
    return (
        f"select {word} as word, count(*) as row_count from {relation} as arrived "
        f"where {write(exp.and_(*conditions), dialect)} group by {word} order by row_count desc, word"
    )
