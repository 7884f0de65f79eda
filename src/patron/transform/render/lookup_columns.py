"""A source's rows that count, with the columns that are looked up or rebuilt, as one plain model rows_<source>."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from patron.contract.entities import Column
from patron.engines.dialects import find_dialect
from patron.engines.sql_text import quote_name
from patron.lake import DELETED
from patron.project.mapping.expressions import Expression, added_name, cast, column_key, find_nested, unknown_column
from patron.project.mapping.lookups import lookup_source
from patron.project.mapping.mappings import ColumnMapping
from patron.project.mapping.safe_expressions import make_safe
from patron.project.project import Project
from patron.project.settings.rebuilt_times import RebuiltTimes
from patron.transform.render.nested_rows import add_nested_names, render_nested
from patron.transform.render.type_casts import SourceShape, convert
from patron.transform.render.write_sql import escape_jinja, quote_in_template, write, write_template


def render_rows(project: Project, source: str, shapes: Mapping[str, SourceShape], dialect: str) -> str:
    """Render the model rows_<source>: each row of bronze once, or those of the latest full extract, with added columns.

    `_row_key` and `_batch_id` stay as they are. Of the rows that have a looked-up key the latest counts; if none has
    it, the added columns are null.
    """
    settings, lookups = project.settings.sources[source], project.mappings[source].lookups
    read = [name for lookup in lookups.values() for own in lookup.values() for name in own.columns]
    bronze, shape = _read_nested(f"{{{{ source('bronze', '{source}') }}}}", read, shapes[source], dialect)
    columns, joins = ["arrived.*"], [f"from {bronze} as arrived"]
    for number, (name, lookup) in enumerate(lookups.items(), start=1):
        into = shapes[lookup_source(name, settings)]
        columns += [f"found_{number}.{quote_in_template(added, dialect)}" for added in _list_added(name, into)]
        joins.append(_render_lookup_join(number, name, lookup, shape, into, dialect))
    if settings.rebuilt_times:
        columns += ["rebuilt.rebuilt_at", "rebuilt.is_gap_capped"]
        joins.append(_render_times_join(source, settings.rebuilt_times, shapes[source], dialect))
    listed, body = ",\n    ".join(columns), "\n".join(joins)
    note = f"-- {source}: rendered from patron.yaml; change it there, not here\n"
    kept = "{{ config(materialized='table') }}\n\n" if find_dialect(dialect).forgets_views else ""
    stamp = project.mappings[source].extract_stamp
    latest = "" if stamp is None else _render_latest_extract(source, stamp, shapes[source], dialect)
    return f"{note}{kept}select\n    {listed}\n{body}\n{latest}"


def _render_latest_extract(source: str, stamp: ColumnMapping, shape: SourceShape, dialect: str) -> str:
    """A condition for the rows of the latest extract. Rows whose stamp cannot be read stop a run (pipeline/check)."""
    value = write_template(render_stamp(stamp, shape), dialect)
    latest = f"(select max({value}) from {{{{ source('bronze', '{source}') }}}} as arrived)"
    return f"where {value} = {latest} or {latest} is null\n"


def render_stamp(stamp: ColumnMapping, shape: SourceShape) -> exp.Expression:
    """Return the time stamp of the extract that a row belongs to, null where it cannot be read."""
    return convert(Column("stamp", "timestamp", "time stamp of the extract"), stamp, shape).value


def render_key(key: Expression, shape: SourceShape, dialect: str) -> str:
    """Write an expression over a source's rows as the text that keys are compared by; null where it is blank."""
    value = exp.Trim(this=cast(make_safe(key.bind(shape.columns)).value, "text"))
    return write(exp.func("nullif", value, exp.Literal.string("")), dialect)


def _read_nested(relation: str, names: list[str], shape: SourceShape, dialect: str) -> tuple[str, SourceShape]:
    """A relation and its shape with those of some names that lie inside columns."""
    own = replace(shape, columns={key: name for key, name in shape.columns.items() if name in shape.own_columns})
    if not any(find_nested(name, own.columns) for name in names):
        return relation, shape
    return f"({render_nested(relation, names, (), own, dialect)})", add_nested_names(shape, names)


def _list_added(name: str, into: SourceShape) -> list[str]:
    return [added_name(name, column) for column in into.columns.values()]


def _render_lookup_join(
    number: int, name: str, lookup: Mapping[str, Expression], shape: SourceShape, into: SourceShape, dialect: str
) -> str:
    relation, keyed = f"{{{{ source_relation('{into.name}') }}}}", into
    if any(find_nested(column, into.columns) for column in lookup):
        relation = f"({render_nested(relation, lookup, (), into, dialect)})"
        keyed = add_nested_names(into, lookup)
    theirs = [
        escape_jinja(render_key(Expression.of_column(column, own.where), keyed, dialect))
        for column, own in lookup.items()
    ]
    keys = [f"{their} as _key_{place}" for place, their in enumerate(theirs, start=1)]
    renamed = [
        f"{_clean_value(column, into, dialect)} as {quote_in_template(added_name(name, column), dialect)}"
        for column in into.columns.values()
    ]
    known = " and ".join(f"{their} is not null" for their in theirs)
    own = [
        f"found_{number}._key_{place} = {escape_jinja(render_key(own, shape, dialect))}"
        for place, own in enumerate(lookup.values(), start=1)
    ]
    return f"""left join (
    select *
    from (
        select
            {", ".join([*keys, *renamed])},
            row_number() over (partition by {", ".join(theirs)} order by _row_key desc) as _recency
        from {relation} as theirs
        where {known}
    ) as ranked
    where _recency = 1{_exclude_deleted(into, name, dialect)}
) as found_{number} on {" and ".join(own)}"""


def _exclude_deleted(into: SourceShape, name: str, dialect: str) -> str:
    """A condition that leaves out keys whose latest row marks them as deleted."""
    if not into.is_changelog:
        return ""
    return f" and not coalesce({quote_in_template(added_name(name, DELETED), dialect)}, false)"


def _clean_value(column: str, into: SourceShape, dialect: str) -> str:
    """A looked-up value; its own source's words for null are null here, too."""
    quoted = quote_in_template(column, dialect)
    if not into.null_values or column not in into.text_columns:
        return quoted
    words = ", ".join(write_template(exp.Literal.string(word), dialect) for word in into.null_values)
    return f"case when trim({quoted}) not in ({words}) then {quoted} end"


def _render_times_join(source: str, times: RebuiltTimes, shape: SourceShape, dialect: str) -> str:
    columns = [f"{setting}={_find_own_column(getattr(times, setting), shape, dialect)!r}" for setting in _TIME_SETTINGS]
    settings = [f"first_week='{times.first_week}'", f"spread_weeks={times.spread_weeks}"]
    settings.append(f"cap_days={'none' if times.cap_days is None else times.cap_days}")
    return f"{{{{ rebuilt_times('{source}', {', '.join([*columns, *settings])}) }}}}"


_TIME_SETTINGS = ("customer", "number", "gap_days", "weekday", "hour")


def _find_own_column(name: str, shape: SourceShape, dialect: str) -> str:
    where = f"sources.{shape.name}.rebuilt_times"
    known = shape.columns.get(column_key(name))
    if known is None:
        raise unknown_column(name, list(shape.own_columns), where)
    return quote_name(known, dialect)  # inside an expression of Jinja, as its text
