"""The day-grained tables, with a partition for each day: a backfill builds the chosen days and no others."""

import datetime as dt
from collections.abc import Iterator

import dagster as dg

from patron.orchestrate.catalog import Catalog
from patron.orchestrate.failures import RETRIES, explain_failures
from patron.pipeline.calendar import list_calendar_days
from patron.pipeline.days import run_days
from patron.pipeline.table_rows import count_rows
from patron.project.project import Project
from patron.transform.days import Days


def make_day_assets(catalog: Catalog) -> dg.AssetsDefinition:
    """Make the day-grained assets. A backfill of neighbouring days is one run of `patron run --days`."""

    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        project, chosen = Project.load(catalog.project.root), context.partition_key_range
        days = Days(dt.date.fromisoformat(chosen.start), dt.date.fromisoformat(chosen.end))
        with explain_failures():
            report = run_days(project, days)
            rows = count_rows(project, ((node.schema, node.name) for node in catalog.days))
        context.log.info(report.reason)
        for node in catalog.days:
            metadata = {"dagster/row_count": rows.get((node.schema, node.name), 0), "reason": report.reason}
            if node.name in report.built:
                metadata["seconds"] = round(report.built[node.name], 3)
            yield dg.MaterializeResult(catalog.key_of(node), metadata=metadata)

    return dg.multi_asset(
        name=f"{catalog.prefix or 'shop'}_days",
        specs=catalog.list_models(catalog.days),
        partitions_def=make_partitions(catalog.project),
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=RETRIES,
    )(build)


def make_partitions(project: Project) -> dg.DailyPartitionsDefinition:
    """Make a partition for each day from the first order on, today included. Before the first run: for this year."""
    days = list_calendar_days(project)
    first = days[0] if days else dt.datetime.now(dt.UTC).date().replace(month=1, day=1)
    return dg.DailyPartitionsDefinition(first.isoformat(), timezone=project.settings.shop.timezone, end_offset=1)
