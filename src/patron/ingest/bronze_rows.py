"""From rows of files to rows of one bronze table: one set of columns, and where each row came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa

from patron.errors import SourceError
from patron.lake import ROWS_PER_BATCH, TECHNICAL_COLUMNS, find_common_type, widen
from patron.lake.folded_names import fold_name

_DELIVER_ALIKE = "write the file with the same type as the others, or make it a separate source"
_TECHNICAL_TYPES = (pa.string(), pa.int64(), pa.timestamp("us", "UTC"), pa.int64())


@dataclass(frozen=True)
class CommonColumns:
    """The columns of all files and their table, and in what the files differ from what came before them."""

    schema: pa.Schema
    drift: list[str] = field(default_factory=list)


def find_common_columns(
    arriving: Iterable[tuple[str, pa.Schema]], table: pa.Schema | None, do: str = _DELIVER_ALIKE
) -> CommonColumns:
    """The columns of all that arrives, matched by name whatever its case, as the table spells them.

    arriving: (how a person calls it, its columns) of each file, or of the one table. do: what to do about a clash.
    A column has the widest type that it comes as. Raises SourceError where a column has types in two files, or
    in a file and the table, that do not go together.
    """
    fixed = [column for column in table or [] if column.name not in TECHNICAL_COLUMNS]
    columns = {fold_name(column.name): column for column in fixed}
    drift: list[str] = []
    for display_name, coming in arriving:
        is_first = not columns
        for column in coming:
            known = columns.setdefault(fold_name(column.name), column)
            if known is column and not is_first:
                drift.append(f"{display_name}: the column {column.name!r} is new; it is NULL in earlier rows")
            type_ = find_common_type(known.type, column.type)
            if type_ is None:
                raise _explain_type_clash(column, known.type, display_name, do)
            if type_ != known.type and not pa.types.is_null(known.type):
                drift.append(
                    f"{display_name}: the column {column.name!r} was {known.type} before and is {type_} from now on"
                )
            columns[fold_name(column.name)] = known.with_type(type_)
    return CommonColumns(pa.schema([_with_a_type(column) for column in columns.values()]), drift)


def _with_a_type(column: pa.Field) -> pa.Field:
    """Delta has no type for a column of which no value was ever seen; text it is."""
    return column.with_type(pa.string()) if pa.types.is_null(column.type) else column


def _explain_type_clash(column: pa.Field, known: pa.DataType, display_name: str, do: str) -> SourceError:
    what = f"column {column.name!r} is {column.type} here and {known} in earlier rows"
    return SourceError(what, where=display_name, do=do)


class Stamp:
    """Gives the rows of one batch their table's columns and their technical ones, in the order they come."""

    def __init__(self, columns: pa.Schema, batch_id: int, ingested_at: datetime) -> None:
        self.rows = 0
        technical = zip(TECHNICAL_COLUMNS, _TECHNICAL_TYPES, strict=True)
        self.schema = pa.schema([*columns, *(pa.field(name, type_) for name, type_ in technical)])
        self.batch_id = batch_id
        self._columns, self._ingested_at = columns, ingested_at

    def stamp(self, batch: pa.RecordBatch, display_name: str, first_key: int | None = None) -> pa.RecordBatch:
        """The batch as rows of the table; first_key: where rows belong to the keys of an older landing."""
        count = batch.num_rows
        first = self.batch_id * ROWS_PER_BATCH + self.rows if first_key is None else first_key
        self.rows += count
        names = {fold_name(name): place for place, name in enumerate(batch.schema.names)}
        own = [self._column(batch, names, column, display_name) for column in self._columns]
        technical = [
            pa.repeat(pa.scalar(display_name), count),
            pa.array(np.arange(first, first + count)),
            pa.repeat(pa.scalar(self._ingested_at, _TECHNICAL_TYPES[2]), count),
            pa.repeat(pa.scalar(self.batch_id, pa.int64()), count),
        ]
        return pa.RecordBatch.from_arrays([*own, *technical], schema=self.schema)

    def _column(self, batch: pa.RecordBatch, names: dict[str, int], column: pa.Field, display_name: str) -> pa.Array:
        place = names.get(fold_name(column.name))
        if place is None:
            return pa.nulls(batch.num_rows, column.type)
        return widen(batch.column(place), column, display_name)
