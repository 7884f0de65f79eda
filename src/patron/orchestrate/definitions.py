"""Dagster's definitions of one shop."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from patron.activate.audience import AudienceRequest
from patron.orchestrate.asset_checks import make_checks
from patron.orchestrate.catalog import Catalog
from patron.orchestrate.day_assets import make_day_assets
from patron.orchestrate.deliveries import make_deliveries
from patron.orchestrate.shop_assets import make_shop_assets
from patron.orchestrate.triggers import make_file_sensor, make_freshness_sensor, make_schedules
from patron.project.project import Project


def assemble(
    folder: Path, *, daily: str, monthly: str, audiences: Mapping[str, AudienceRequest], prefix: str
) -> dg.Definitions:
    """Assemble the definitions of a project, as `build_definitions` describes."""
    catalog = Catalog(Project.load(folder), prefix)
    shop, days = make_shop_assets(catalog), make_day_assets(catalog)
    deliveries = make_deliveries(catalog, audiences)
    checks = make_checks(catalog)
    jobs = {
        "daily": dg.define_asset_job(
            "daily",
            dg.AssetSelection.assets(shop) | dg.AssetSelection.checks(checks),
            description="patron run, then patron check.",
        ),
        "monthly": dg.define_asset_job(
            "monthly", dg.AssetSelection.assets(*deliveries), description="The report and the audiences."
        ),
        "days": dg.define_asset_job("days", dg.AssetSelection.assets(days), description="patron run --days."),
    }
    return dg.Definitions(
        assets=[shop, days, *deliveries],
        asset_checks=[checks],
        jobs=list(jobs.values()),
        schedules=make_schedules(catalog, jobs, {"daily": daily, "monthly": monthly}),
        sensors=[make_file_sensor(catalog, jobs["daily"]), make_freshness_sensor(catalog, jobs["daily"])],
    )
