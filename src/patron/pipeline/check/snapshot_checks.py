"""Checks of gold: it is up to date with the settings, equal to a full build, and what readers see is equal to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from patron.errors import EngineError
from patron.pipeline.check.context import CheckContext
from patron.pipeline.check.finding import Finding
from patron.project.project import FILE_NAME
from patron.publish.snapshot import Snapshot, find_damage, load_current


def check_settings(context: CheckContext) -> Iterator[Finding]:
    """Check that gold is what patron.yaml, the rule files and the lake would give now, as of the same day."""
    snapshot = load_current(context.project.published)
    if snapshot is not None and snapshot.fingerprint != _fingerprint_now(context):
        detail = "patron.yaml, a rule file, the models or the lake changed since gold was built; run `patron run`"
        yield Finding("settings", FILE_NAME, "fail", detail)
    else:
        yield Finding("settings", FILE_NAME, "pass", "gold is built from these settings and this lake")


def _fingerprint_now(context: CheckContext) -> str:
    from patron.pipeline.render_project import fingerprint_project
    from patron.transform.fingerprint import hash_gold_inputs
    from patron.transform.render.source_schema import read_bronze_schemas

    project, lake, warehouse = context.project, context.lake, context.warehouse
    warehouse.expose_bronze(lake, project.settings.sources)  # the folder may have been moved
    schemas, as_of = read_bronze_schemas(project, lake), context.read_as_of()
    return hash_gold_inputs(project, lake, fingerprint_project(project, schemas, warehouse, as_of), as_of)


def check_published(context: CheckContext) -> Iterator[Finding]:
    """Compare the snapshot that readers see with gold."""
    snapshot = load_current(context.project.published)
    if snapshot is None:
        yield Finding("published", "snapshot", "fail", "nothing is published")
        return
    equal = _find_equal(context, snapshot)
    found = [
        _find_difference(context, snapshot, table, rows)
        for table, rows in snapshot.tables.items()
        if table not in equal
    ]
    differences = [difference for difference in found if difference]
    damaged = find_damage(context.project.published, snapshot)
    if damaged and not differences:
        differences = [f"{', '.join(damaged)}: not the bytes that were published; `patron run` repairs them"]
    detail = "; ".join(differences) or f"{len(snapshot.tables)} tables as of {snapshot.as_of}, equal to gold"
    yield Finding("published", snapshot.name, "fail" if differences else "pass", detail)


def _find_equal(context: CheckContext, snapshot: Snapshot) -> set[str]:
    """The published tables that are surely equal to gold, by the hashes of all rows on both sides, in two queries.

    Comparing row by row, which takes far longer, is left for the others. Nothing is known of any table where the engine
    cannot read the files or one of them, or a table of gold, is missing or damaged.
    """
    if not context.warehouse.reads_parquet:
        return set()
    try:
        built = _summarize(context, {table: f"gold.{table}" for table in snapshot.tables})
        published = _summarize(context, {table: _read_file(context, snapshot, table) for table in snapshot.tables})
    except EngineError:
        return set()
    return {
        table for table, rows in snapshot.tables.items() if built[table] == published[table] and built[table][0] == rows
    }


def _summarize(context: CheckContext, relations: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Table -> its number of rows, and the sum of their hashes."""
    selects = (
        f"select '{table}' as name, count(*) as n, coalesce(sum(hash(every_row)::hugeint), 0)::text as h "
        f"from {relation} as every_row"
        for table, relation in relations.items()
    )
    return {row["name"]: (row["n"], row["h"]) for row in context.query(" union all ".join(selects))}


def _read_file(context: CheckContext, snapshot: Snapshot, table: str) -> str:
    path = context.project.published / snapshot.name / f"{table}.parquet"
    return f"""read_parquet('{str(path).replace("'", "''")}')"""


def _find_difference(context: CheckContext, snapshot: Snapshot, table: str, count: int) -> str | None:
    """How a published table differs from gold: row by row, where the engine can read the table's file."""
    path = context.project.published / snapshot.name / f"{table}.parquet"
    if not path.is_file():
        return f"{table}: {path.name} is missing"
    held = context.query_number(f"select count(*) as n from gold.{table}")
    if held != count:
        return f"{table}: {count:,} rows published, {held:,} in gold"
    if not context.warehouse.reads_parquet:
        return None
    gold, published = f"from gold.{table}", f"from {_read_file(context, snapshot, table)}"
    one_sided = (
        f"select * {gold} except all select * {published}",
        f"select * {published} except all select * {gold}",
    )
    counts = " + ".join(f"(select count(*) from ({side}))" for side in one_sided)
    return f"{table}: some rows differ" if context.query_number(f"select {counts} as n") else None


def check_against_full(context: CheckContext) -> Iterator[Finding]:
    """Compare every gold table with a full build from the same lake, made aside."""
    from patron.pipeline.check.against_full_build import compare_with_full_build

    as_of = context.read_as_of()
    for compared in compare_with_full_build(context.project, context.lake, context.warehouse, as_of):
        full = compared.full.split(",")[0]
        detail = f"equal to a full build: {full}"
        if not compared.is_same:
            detail = f"{compared.built.split(',')[0]} here, {full} in a full build, with different content"
        yield Finding("against full", f"gold.{compared.table}", "pass" if compared.is_same else "fail", detail)
