"""What the values of a column say about how its times are written, counted in the engine."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.contract.entities import EVENT_DAYS
from patron.project.mapping.expressions import READ_DIALECT
from patron.project.mapping.time_words import EPOCH_MILLISECONDS, EPOCH_SECONDS, ISO
from patron.transform.render.time_casts import parse_time
from patron.transform.render.write_sql import write
from patron.transform.time_formats.choice import Fits
from patron.transform.time_formats.shapes import YEAR_FIRST, Reading, list_readings

if TYPE_CHECKING:
    import duckdb

SAMPLE_ROWS = 2_000_000
"""Of larger tables every second, third, ... row is enough, unless it leaves a doubt."""
_MANY_SHAPES = 2_000
_TEXT_TYPES = ("VARCHAR",)
_NUMBER_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_EPOCH_YEARS_AHEAD = 5


@dataclass(frozen=True)
class Values:
    """The values of one column.

    rows: SQL of the relation that holds them. text: SQL of the value as text. condition: SQL, which rows count.
    row_count: the rows of the relation. landed_at: when the last of them landed.
    """

    rows: str
    text: str
    condition: str | None
    row_count: int
    landed_at: dt.datetime


def is_native(connection: duckdb.DuckDBPyConnection, rows: str, value: str) -> bool:
    """Whether an expression gives a time by itself, not text or a number that has to be read."""
    kind = str(connection.execute(f"describe select {value} as v from {rows}").fetchall()[0][1])
    return not kind.startswith((*_TEXT_TYPES, *_NUMBER_TYPES))


def count_fits(
    connection: duckdb.DuckDBPyConnection, values: Values, sample_rows: int | None = SAMPLE_ROWS
) -> list[Fits]:
    """Count the distinct values by the formats that fit them. sample_rows: all rows, if None."""
    step = -(-values.row_count // sample_rows) if sample_rows else 1
    conditions = [f"({values.condition})"] if values.condition else []
    conditions += [f"_row_key % {step} = 0"] if step > 1 else []
    kept = " and ".join(conditions)
    connection.execute(
        "create or replace temp table seen as "
        "select v, translate(v, '0123456789', '9999999999') as shape from "
        f"(select distinct {values.text} as v from {values.rows}{' where ' + kept if kept else ''}) "
        "where v is not null and v != ''"
    )
    shapes = connection.execute(
        f"select shape, count(*) from seen group by shape order by 2 desc, 1 limit {_MANY_SHAPES}"
    ).fetchall()
    by_readings: dict[tuple[Reading, ...], Counter[str]] = {}
    for shape, count in shapes:
        if readings := list_readings(shape):
            by_readings.setdefault(readings, Counter())[shape] += count
    return list(_count_each(connection, by_readings, values.landed_at))


def _count_each(
    connection: duckdb.DuckDBPyConnection,
    by_readings: dict[tuple[Reading, ...], Counter[str]],
    landed_at: dt.datetime,
) -> Iterator[Fits]:
    for readings, shapes in by_readings.items():
        if readings == (Reading(ISO),):  # by far the commonest, and its shape says it all
            yield Fits(readings, Counter({frozenset({0}): shapes.total()}))
            continue
        flags = ", ".join(_write_fit(reading, landed_at) for reading in readings)
        listed = ", ".join(exp.Literal.string(shape).sql(READ_DIALECT) for shape in shapes)
        found = connection.execute(
            f"select fitting, count(*) from (select [{flags}] as fitting from seen where shape in ({listed})) "
            "group by fitting"
        ).fetchall()
        yield Fits(readings, Counter({_list_true(fitting): count for fitting, count in found}))


def _list_true(flags: list[bool]) -> frozenset[int]:
    return frozenset(place for place, flag in enumerate(flags) if flag)


def _write_fit(reading: Reading, landed_at: dt.datetime) -> str:
    """SQL: whether a value is a plausible time by a reading."""
    value = exp.column("v")
    parsed = write(parse_time(value, value, (reading.format,), "UTC"), READ_DIALECT)
    return f"coalesce({parsed} between '{EVENT_DAYS[0]}' and '{_find_last_day(reading, landed_at)}', false)"


def _find_last_day(reading: Reading, landed_at: dt.datetime) -> str:
    """The last day that is credible: a year of two digits is not in the future, and any number could be an epoch."""
    if reading.order == YEAR_FIRST:
        return (landed_at.date() + dt.timedelta(days=1)).isoformat()
    if reading.format in (EPOCH_SECONDS, EPOCH_MILLISECONDS):
        return f"{landed_at.year + _EPOCH_YEARS_AHEAD}-12-31"
    return EVENT_DAYS[1]
