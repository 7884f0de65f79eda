"""Signs of several currencies in one column of amounts, which are dropped where numbers are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.contract.entities import load_entities
from patron.errors import pluralize
from patron.ingest.number_formats import CURRENCY_SIGNS
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.project.mapping.expressions import Expression

_SIGNS = CURRENCY_SIGNS.strip()


@dataclass(frozen=True)
class MixedSigns:
    """A column of amounts with signs of several currencies. signs: each -> its rows."""

    source: str
    column: str
    signs: dict[str, int]

    def describe(self) -> str:
        """Say which signs, how often, and what can be done."""
        listed = ", ".join(f"{sign} in {pluralize(count, 'row')}" for sign, count in self.signs.items())
        return (
            f"{self.column} has signs of several currencies ({listed}), whose amounts are added as if they were one. "
            "Map `currency`, such as case when Price like '%€%' then 'EUR' else 'USD' end, and give rates"
        )


def find_mixed_signs(project: Project, lake: Lake, warehouse: Warehouse) -> Iterator[MixedSigns]:
    """Find amounts in a number format with signs of several currencies, where no currency is mapped."""
    from patron.transform.render.source_schema import read_source_shapes
    from patron.transform.render.type_casts import read_as_text
    from patron.transform.render.write_sql import write

    columns = list(_list_formatted(project))
    shapes = read_source_shapes(project, lake) if columns else {}
    for source, name, expression in columns:
        bound = expression.bind(shapes[source].columns, lacking=exp.null())
        text = write(read_as_text(bound, shapes[source])[1], warehouse.dialect)
        signs = _count_signs(warehouse, source, text)
        if len(signs) > 1:
            yield MixedSigns(source, name, signs)


def _list_formatted(project: Project) -> Iterator[tuple[str, str, Expression]]:
    """Yield the source, name and expression of amounts whose signs are dropped."""
    for source, mapping in project.mappings.items():
        for entity, mapped in mapping.entities.items():
            known = load_entities()[entity].columns
            for name, column in mapped.columns.items():
                is_amount = known[name].type == "amount" and column.format and not mapped.explode
                if is_amount and column.expression is not None and "currency" not in mapped.columns:
                    yield source, name, column.expression


def _count_signs(warehouse: Warehouse, source: str, text: str) -> dict[str, int]:
    counts = [f"count(case when {text} like '%{sign}%' then 1 end) as sign_{n}" for n, sign in enumerate(_SIGNS)]
    row = warehouse.query(f"select {', '.join(counts)} from bronze.{source}").to_pylist()[0]
    return {sign: count for sign, count in zip(_SIGNS, row.values(), strict=True) if count}
