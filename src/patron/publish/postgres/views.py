"""The views for BI tools: views/*.sql beside this file, in PostgreSQL's SQL."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from patron.ingest.quoting import quote_identifier, quote_literal
from patron.publish.postgres.schema import list_comment_changes, read_shapes

if TYPE_CHECKING:
    from patron.publish.postgres.schema import Shape
    from patron.publish.postgres.transaction import Writer

_ALWAYS_EXPORTED = {"published"}


@dataclass(frozen=True)
class View:
    """A view for BI tools. reads: the tables that it selects from."""

    name: str
    description: str
    sql: str
    reads: tuple[str, ...]

    @property
    def content(self) -> str:
        """Return a hash of the definition."""
        return hashlib.sha256(f"{self.description}\n{self.sql}".encode()).hexdigest()


def load_views(schema: str, tables: Collection[str], *, is_personal: bool) -> list[View]:
    """Load the views whose tables are all exported, by name. is_personal: with personal columns."""
    folder = Path(str(resources.files("patron").joinpath("publish", "postgres", "views")))
    views = [_load_view(path, schema, is_personal) for path in sorted(folder.glob("*.sql"))]
    return [view for view in views if set(view.reads) <= set(tables) | _ALWAYS_EXPORTED]


def _load_view(path: Path, schema: str, is_personal: bool) -> View:
    import jinja2

    text = path.read_text(encoding="utf-8")
    description = re.search(r"\{#(.*?)#\}", text, flags=re.DOTALL)
    reads = tuple(dict.fromkeys(re.findall(r"\{\{ schema \}\}\.(\w+)", text)))
    sql = jinja2.Template(text, undefined=jinja2.StrictUndefined).render(
        schema=quote_identifier(schema), personal=is_personal
    )
    return View(path.stem, " ".join(description[1].split()) if description else "", sql.strip(), reads)


@contextmanager
def recreate_views(
    writer: Writer, schema: str, views: list[View], there: Collection[str], tables: Mapping[str, Shape]
) -> Iterator[None]:
    """Drop the views that are `there`, let the tables change inside the block, then create all with their grants."""
    grants = _list_grants(writer, schema, there)
    if there:
        writer.execute(
            "drop view " + ", ".join(f"{quote_identifier(schema)}.{quote_identifier(name)}" for name in there)
        )
    yield
    for view in views:
        writer.execute(f"create view {quote_identifier(schema)}.{quote_identifier(view.name)} as\n{view.sql}")
    _describe(writer, schema, views, tables)
    for grant in grants:
        writer.execute(grant)


def _describe(writer: Writer, schema: str, views: list[View], tables: Mapping[str, Shape]) -> None:
    """Comment each view with its description, and its columns with those of the tables that they come from."""
    made = read_shapes(writer, schema)
    for view in views:
        known = _merge_descriptions(tables[table] for table in view.reads if table in tables)
        shape = made[view.name]
        comments = {name: known[name] for name in shape.columns if name in known}
        wanted = type(shape)(view.name, shape.columns, view.description, comments)
        writer.execute("; ".join(list_comment_changes(schema, wanted, None, "view")))


def _merge_descriptions(shapes: Iterable[Shape]) -> dict[str, str]:
    """Merge the column descriptions of several tables; the first table's where they share a column."""
    found: dict[str, str] = {}
    for shape in shapes:
        found = {**shape.comments, **found}
    return found


_GRANTS = """
select c.relname::text as name, a.privilege_type::text as privilege,
    case when a.grantee = 0 then 'public' else quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end as grantee
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
cross join lateral pg_catalog.aclexplode(c.relacl) as a
where n.nspname = {schema} and c.relname::text = any(array[{names}]::text[]) and a.grantee <> c.relowner
order by 1, 2, 3
"""


def _list_grants(writer: Writer, schema: str, names: Collection[str]) -> list[str]:
    """List statements that grant others again what they may do with these views."""
    listed = ", ".join(map(quote_literal, names))
    rows = writer.query(_GRANTS.format(schema=quote_literal(schema), names=listed)) if names else []
    return [
        f"grant {what} on {quote_identifier(schema)}.{quote_identifier(name)} to {grantee}"
        for name, what, grantee in rows
    ]
