"""Changes of columns and views that readers must not meet half done, and whose views stand in their way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from patron.errors import SettingsError
from patron.ingest.postgres.connection import literal, quoted

if TYPE_CHECKING:
    from patron.publish.postgres.transaction import Writer

_TRIES = 600
_LOCKED = """
do $patron$ begin
    for attempt in 1..{tries} loop
        begin
            lock table {listed} in access exclusive mode nowait;
            return;
        exception when lock_not_available then
            perform pg_sleep(0.1);
        end;
    end loop;
    raise exception 'other sessions have not let go of the tables for a minute';
end $patron$
"""


def lock_out_readers(writer: Writer, schema: str, names: Collection[str]) -> None:
    """Take all these tables and views at once, or none and try again: nobody then waits for anybody in a circle, and no
    statement sees one table before the change and another after it. Raises DestinationError after a minute.
    """
    if names:
        listed = ", ".join(f"{quoted(schema)}.{quoted(name)}" for name in names)
        writer.execute(_LOCKED.format(tries=_TRIES, listed=listed))


_DEPENDENTS = """
select distinct n.nspname::text || '.' || v.relname::text as dependent, t.relname::text as relation,
    coalesce(a.attname::text, '') as name, n.nspname::text = {schema} and v.relname::text = any({own}) as is_own
from pg_catalog.pg_depend as d
inner join pg_catalog.pg_rewrite as w on d.objid = w.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass
inner join pg_catalog.pg_class as v on w.ev_class = v.oid
inner join pg_catalog.pg_namespace as n on v.relnamespace = n.oid
inner join pg_catalog.pg_class as t on d.refobjid = t.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
inner join pg_catalog.pg_namespace as tn on t.relnamespace = tn.oid
left join pg_catalog.pg_attribute as a on a.attrelid = t.oid and a.attnum = d.refobjsubid and a.attnum > 0
where tn.nspname = {schema} and v.oid <> t.oid
order by 1, 2, 3
"""


def refuse_where_others_depend(
    writer: Writer, schema: str, gone: Collection[str], lost: Mapping[str, Collection[str]], views: Collection[str]
) -> None:
    """Raises SettingsError where somebody's view reads what is about to go: a table, a column, or a view of patron's.

    views: patron's own that are made again; they may read what goes.
    """
    own = f"array[{', '.join(map(literal, views))}]::text[]"
    rows = writer.query(_DEPENDENTS.format(schema=literal(schema), own=own))
    in_the_way = {
        dependent: f"{relation}.{name}" if name and relation in lost else relation
        for dependent, relation, name, is_own in rows
        if not is_own and (relation in gone or relation in views or name in lost.get(relation, ()))
    }
    if in_the_way:
        listed = ", ".join(f"{view} (reads {read})" for view, read in in_the_way.items())
        do = "drop these views, publish, and make them again from what is there then"
        what = f"Views of others read what this publish would take away or make anew: {listed}."
        raise SettingsError(what, where=f"schema {schema}", do=do)
