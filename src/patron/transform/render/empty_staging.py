"""The staging model of an entity that no source maps."""

from __future__ import annotations

from functools import cache

from sqlglot import exp

from patron.contract.entities import Entity
from patron.project.mapping.expressions import cast
from patron.transform.render.write_sql import write


@cache
def find_text_type(dialect: str) -> str:
    """Return the type of text in a dialect, such as string."""
    return str(exp.DataType.build("text").sql(dialect=dialect))


def render_empty(entity: Entity, dialect: str) -> str:
    """Render the model of an entity that no source maps: its columns, and no rows."""
    text, bigint = find_text_type(dialect), exp.DataType.build("bigint").sql(dialect=dialect)
    lineage = [
        f"cast(null as {text}) as source_name",
        f"cast(null as {bigint}) as source_rank",
        f"cast(null as {text}) as id_namespace",
        f"cast(null as {bigint}) as _row_key",
        f"cast(null as {bigint}) as _batch_id",
        f"cast(null as {text}) as _source_file",
    ]
    own = [f"{_write_null(c.sql_type, dialect)} as {c.name}" for c in entity.columns.values()]
    closing = [f"cast(null as {text}) as {name}" for name in ("_entity_key", "quarantine_reason", "raw_row")]
    closing.insert(1, "false as _is_deleted")
    body = ",\n    ".join([*lineage, *own, *closing])
    return f"select\n    {body}\nfrom (select 1 as no_column) as no_rows\nwhere 1 = 0\n"


@cache
def _write_null(sql_type: str, dialect: str) -> str:
    return write(cast(exp.null(), sql_type), dialect)
