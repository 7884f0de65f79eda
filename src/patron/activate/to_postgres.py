"""Write an audience to a PostgreSQL table, in one transaction; a table that patron did not create is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import LockedError, SettingsError
from patron.ingest.quoting import quote_identifier
from patron.publish.postgres.schema import (
    Shape,
    list_column_changes,
    list_comment_changes,
    list_key_changes,
    postgres_types,
    read_shapes,
)
from patron.publish.postgres.transaction import Destination, open_transaction

if TYPE_CHECKING:
    import pyarrow as pa

_OURS = "An audience that patron wrote: one row per person to contact."  # tables that exist say so: do not reword


def write_table(people: pa.Table, to: Destination, place: str) -> None:
    """Replace the rows of an audience's table. Its readers see the previous list until the new one is complete.

    place: `table`, or `schema.table`. Raises SettingsError if a table of that name is not an audience, LockedError
    while another audience is being written there, DestinationError if the server refuses.
    """
    schema, dot, table = place.partition(".")
    schema, table = (schema, table) if dot else ("public", schema)
    where = f"table {schema}.{table}"
    with open_transaction(to, where, "patron audience create --to") as writer:
        if not writer.lock(where):
            raise LockedError("Another audience is being written there.", where=where, do="wait until it is done")
        present = read_shapes(writer, schema).get(table)
        if present is not None and present.description != _OURS:
            do = "choose another name with --table"
            raise SettingsError("A table of that name exists, and patron did not create it.", where=where, do=do)
        writer.engine.register("people", people)
        wanted = Shape(table, postgres_types(writer.engine, "people"), _OURS, key=("customer_id",))
        named = f"{quote_identifier(schema)}.{quote_identifier(table)}"
        if present is not None:
            writer.execute(f"delete from {named}")
        for change in list_column_changes(schema, wanted, present):
            writer.execute(change)
        writer.insert(schema, table, list(wanted.columns), "select * from people")
        for change in [*list_key_changes(schema, wanted, present), *list_comment_changes(schema, wanted, present)]:
            writer.execute(change)
