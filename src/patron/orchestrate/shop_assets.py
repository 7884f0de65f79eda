"""The assets that one run brings up to date: sources, models, predictions and the published snapshot."""

import datetime as dt
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg

from patron.orchestrate.catalog import PREDICTIONS, Catalog
from patron.orchestrate.failures import RETRIES, explain_failures
from patron.pipeline.run import run
from patron.pipeline.run_report import RunReport
from patron.pipeline.table_rows import count_rows
from patron.project.project import Project
from patron.transform.node import Node

LATE = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=36), warn_window=dt.timedelta(hours=26))
"""Of the published snapshot, for a shop that is run every day."""


def make_shop_assets(catalog: Catalog) -> dg.AssetsDefinition:
    """Make the assets of a run.

    With all of them, or any source, prediction or the snapshot among the selected, it is `patron run`; with models
    alone, `patron run --select`, which publishes nothing.
    """
    models = [node for node in catalog.tables if not node.day]
    specs = [
        *catalog.list_sources(),
        *catalog.list_models(models),
        *catalog.list_predictions(),
        catalog.describe_published(LATE),
    ]

    in_order = _sort([*specs, *catalog.list_models(catalog.days)])

    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        project = Project.load(catalog.project.root)  # as it is now: patron.yaml may have changed since Dagster started
        selected = set(context.selected_asset_keys)
        by_key = {catalog.key_of(node): node for node in models}
        select = None if selected - by_key.keys() else " ".join(sorted(by_key[key].name for key in selected))
        with explain_failures():
            report = run(project, select=select)
            rows = count_rows(
                project, (_place(node) for key, node in by_key.items() if key in selected and _has_rows(node))
            )
        for line in (*report.news, *report.warnings):
            context.log.warning(line)
        for key in filter(selected.__contains__, in_order):
            yield dg.MaterializeResult(key, metadata=_describe(key, by_key.get(key), report, rows))
        if select is None:
            _mark_days(context, catalog, project)

    make = dg.multi_asset(
        name=f"{catalog.prefix or 'shop'}_run",
        specs=specs,
        can_subset=True,
        retry_policy=RETRIES,
        op_tags={"patron": "run"},
    )
    return make(build)


def _sort(specs: list[dg.AssetSpec]) -> list[dg.AssetKey]:
    """Sort assets, each after those that it depends on, as Dagster wants to be told of them."""
    return list(TopologicalSorter({spec.key: [dep.asset_key for dep in spec.deps] for spec in specs}).static_order())


def _place(node: Node) -> tuple[str, str]:
    return node.schema, node.name


def _has_rows(node: Node) -> bool:
    return node.materialized != "view"


def _describe(
    key: dg.AssetKey, node: Node | None, report: RunReport, rows: dict[tuple[str, str], int]
) -> dict[str, Any]:
    """Describe what became of an asset: its rows, the seconds that it took, and why it was built."""
    schema, name = key.path[-2:]
    if node is not None:
        metadata: dict[str, Any] = {"built in this run": node.name in report.built}
        if _place(node) in rows:
            metadata["dagster/row_count"] = rows[_place(node)]
        if node.name in report.built:
            metadata["seconds"] = round(report.built[node.name], 3)
        return metadata
    if schema == "bronze" and name in report.landed:
        landing = report.landed[name]
        return {
            "rows landed": landing.rows,
            "rows rejected": landing.rejected_rows,
            "files landed": landing.files_landed,
        }
    if schema == PREDICTIONS:
        return {"predictions": [_describe_outcome(one) for one in report.predictions]}
    return _describe_snapshot(report)


def _describe_outcome(outcome: Any) -> str:
    withheld = f"withheld: {'; '.join(outcome.withheld)}" if outcome.withheld else outcome.model
    return f"{outcome.name}: {withheld}"


def _describe_snapshot(report: RunReport) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "reason": report.reason or "nothing new",
        "models built": report.models_built,
        "data tests passed": report.tests_passed,
        "seconds": {name: round(seconds, 2) for name, seconds in report.seconds.items()},
        "warnings": report.warnings,
    }
    if report.snapshot is not None:
        facts |= {"snapshot": report.snapshot.name, "as of": report.snapshot.as_of, "rows": report.snapshot.tables}
        facts["dagster/row_count"] = sum(report.snapshot.tables.values())
    return facts


def _mark_days(context: dg.AssetExecutionContext, catalog: Catalog, project: Project) -> None:
    """Tell Dagster which days the run has built that it did not know of. A run always builds all days."""
    from patron.pipeline.calendar import list_calendar_days

    days = {day.isoformat() for day in list_calendar_days(project)}
    for node in catalog.days:
        key = catalog.key_of(node)
        for day in sorted(days - set(context.instance.get_materialized_partitions(key))):
            context.log_event(dg.AssetMaterialization(key, partition=day))
