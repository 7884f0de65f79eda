"""Signs of several currencies in one column of amounts, which would be dropped where numbers are read, and added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.contract.entities import load_entities
from patron.errors import CheckFailedError
from patron.ingest.number_formats import CURRENCY_SIGNS
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.transform.render.type_casts import SourceShape

_SIGNS = CURRENCY_SIGNS.strip()


def refuse_mixed_signs(project: Project, warehouse: Warehouse, shapes: Mapping[str, SourceShape]) -> None:
    """Stop where amounts of one column have signs of several currencies, while no currency is mapped.

    Raises CheckFailedError, which names the signs.
    """
    from patron.transform.render.type_casts import read_as_text
    from patron.transform.render.write_sql import write

    for source, mapping in project.mappings.items():
        for entity, mapped in mapping.entities.items():
            for name, column in mapped.columns.items():
                kind = load_entities()[entity].columns[name].type
                if kind != "amount" or not column.format or column.expression is None or "currency" in mapped.columns:
                    continue
                bound = column.expression.bind(shapes[source].columns, lacking=exp.null())
                text = write(read_as_text(bound, shapes[source])[1], warehouse.dialect)
                found = _count_signs(warehouse, source, text)
                if len(found) > 1:
                    listed = ", ".join(f"{sign} in {count:,} rows" for sign, count in found.items())
                    raise CheckFailedError(
                        f"{source}: {name} has signs of several currencies: {listed}. Their amounts would be added. "
                        "Nothing was published.",
                        where=column.where,
                        do="map `currency`, such as case when Price like '%€%' then 'EUR' else 'USD' end, and give "
                        "rates; or correct the amounts",
                    )


def _count_signs(warehouse: Warehouse, source: str, text: str) -> dict[str, int]:
    counts = ", ".join(
        f"count(case when {text} like '%{sign}%' then 1 end) as sign_{place}" for place, sign in enumerate(_SIGNS)
    )
    row = warehouse.query(f"select {counts} from bronze.{source}").to_pylist()[0]
    return {sign: count for sign, count in zip(_SIGNS, row.values(), strict=True) if count}
