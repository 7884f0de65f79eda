"""Locks against readers while columns and views change, and the views of others that depend on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from patron.errors import SettingsError
from patron.ingest.quoting import quote_identifier, quote_literal

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
    raise exception 'other sessions have held locks on the tables for a minute';
end $patron$
"""


def lock_out_readers(writer: Writer, schema: str, names: Collection[str]) -> None:
    """Lock all these tables and views at once, or none and try again, so that there is no deadlock.

    No statement then sees one table before the change and another after it. Raises DestinationError after a minute.
    """
    if names:
        listed = ", ".join(f"{quote_identifier(schema)}.{quote_identifier(name)}" for name in names)
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
    """Raise SettingsError if a view of others reads what is to be dropped: a table, a column, or a view of patron's.

    views: patron's own, which are created again; they may read what is dropped.
    """
    own = f"array[{', '.join(map(quote_literal, views))}]::text[]"
    rows = writer.query(_DEPENDENTS.format(schema=quote_literal(schema), own=own))
    in_the_way = {
        dependent: f"{relation}.{name}" if name and relation in lost else relation
        for dependent, relation, name, is_own in rows
        if not is_own and (relation in gone or relation in views or name in lost.get(relation, ()))
    }
    if in_the_way:
        listed = ", ".join(f"{view} (reads {read})" for view, read in in_the_way.items())
        do = "drop these views, export, and create them again from the new tables"
        what = f"Views that patron did not create read what this export would drop or recreate: {listed}."
        raise SettingsError(what, where=f"schema {schema}", do=do)
