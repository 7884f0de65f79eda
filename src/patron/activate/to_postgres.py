"""An audience as a table of a PostgreSQL server: replaced in one transaction, and never a table of somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import LockedError, SettingsError
from patron.ingest.postgres.connection import quoted
from patron.publish.postgres.schema import Shape, column_changes, comment_changes, key_changes, present_shapes, types_in
from patron.publish.postgres.transaction import Destination, writing

if TYPE_CHECKING:
    import pyarrow as pa

_OURS = "An audience that patron wrote: one row a person to contact."


def write_table(people: pa.Table, to: Destination, place: str) -> None:
    """place: `table`, or `schema.table`. Its readers see the old list or the new one.

    Raises SettingsError where the table is not an audience; LockedError while another is written there;
    DestinationError where the server refuses.
    """
    schema, dot, table = place.partition(".")
    schema, table = (schema, table) if dot else ("public", schema)
    where = f"table {schema}.{table}"
    with writing(to, where, "patron audience --to") as writer:
        if not writer.lock(where):
            raise LockedError("Another audience is written there.", where=where, do="wait for it to end")
        present = present_shapes(writer, schema).get(table)
        if present is not None and present.description != _OURS:
            do = "name another with --table"
            raise SettingsError("There is a table of that name that is no audience of patron's.", where=where, do=do)
        writer.engine.register("people", people)
        wanted = Shape(table, types_in(writer.engine, "people"), _OURS, key=("customer_id",))
        named = f"{quoted(schema)}.{quoted(table)}"
        if present is not None:
            writer.execute(f"delete from {named}")
        for change in column_changes(schema, wanted, present):
            writer.execute(change)
        writer.insert(schema, table, list(wanted.columns), "select * from people")
        for change in [*key_changes(schema, wanted, present), *comment_changes(schema, wanted, present)]:
            writer.execute(change)
