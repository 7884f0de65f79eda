"""Whether published tables have the columns and types that the yml beside their models states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from patron.engines.published_types import find_published_type
from patron.errors import EngineError
from patron.transform.model_docs import load_model_docs
from patron.transform.render.stated_types import find_column_family, list_stated_types


def refuse_other_types(folder: Path, tables: Iterable[str]) -> None:
    """Raise EngineError if a Parquet file of the folder differs from what is stated, naming table and columns.

    Tables whose columns state no type, such as those of a model that the user added, may have any.
    """
    for table in tables:
        model = load_model_docs(table)
        if not (stated := list_stated_types(model)):
            continue
        found = _read_types(folder / f"{table}.parquet")
        if family := find_column_family(model):
            stated = _follow_family(stated, found, family)
        differences = list(_list_differences(found, stated))
        if differences:
            raise EngineError(
                f"gold.{table} is not what its model states: {'; '.join(differences[:3])}.",
                where=f"the yml of the model {table}",
                do="state the types that readers shall rely on, or cast in the model; the last snapshot stands",
            )


def _follow_family(stated: Mapping[str, str], found: Iterable[str], family: str) -> dict[str, str]:
    """State as many columns of a family as there are; all have one type, and stand behind the others."""
    kind = next(kind for column, kind in stated.items() if column.startswith(family))
    others = {column: kind for column, kind in stated.items() if not column.startswith(family)}
    return others | {column: kind for column in found if column.startswith(family)}


def _list_differences(found: Mapping[str, str], stated: Mapping[str, str]) -> Iterator[str]:
    for column, kind in stated.items():
        if column not in found:
            yield f"the column {column} is missing"
        elif find_published_type(found[column]) != _find_kind(kind):
            yield f"the column {column} is {found[column]}, and {kind} is stated"
    for column in found:
        if column not in stated:
            yield f"the column {column} is not stated"
    if found.keys() == stated.keys() and list(found) != list(stated):
        moved = next(column for column, other in zip(stated, found, strict=True) if column != other)
        yield f"the column {moved} stands elsewhere than it is stated"


def _find_kind(stated: str) -> str:
    """Engines may publish a whole number wider than it is stated, and DuckDB calls text varchar."""
    return "varchar" if stated == "text" else find_published_type(stated)


def _read_types(file: Path) -> dict[str, str]:
    """Read column -> type of a Parquet file from its footer."""
    import pyarrow.parquet as pq

    from patron.lake.arrow_types import sql_type

    return {field.name: sql_type(field.type) for field in pq.read_schema(file)}
