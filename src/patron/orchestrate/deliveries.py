"""What is made of the published tables for people: the monthly report, and lists of customers to contact."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg

from patron.activate.audience import AudienceRequest, create_audience
from patron.orchestrate.catalog import Catalog
from patron.orchestrate.failures import RETRIES, explain_failures
from patron.project.project import Project
from patron.serve.report.write import write_report


def make_report(catalog: Catalog) -> dg.AssetsDefinition:
    """Make the asset of the report of the last complete month, in FOLDER/reports."""

    def build(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        project = Project.load(catalog.project.root)
        folder = project.root / "reports"
        folder.mkdir(exist_ok=True)
        with explain_failures():
            written = write_report(project, to=folder / "newest.html")
        file = written.html.replace(folder / f"report-{written.period}.html")  # the period is known by now
        context.log.info(f"Wrote {file}")
        return dg.MaterializeResult(metadata={"period": str(written.period), "path": dg.MetadataValue.path(file)})

    return dg.asset(
        key=catalog.key("reports", "monthly"),
        deps=[catalog.published],
        group_name="reports",
        kinds={"html"},
        retry_policy=RETRIES,
        description="The report of the last complete month.",
    )(build)


def make_audience(catalog: Catalog, name: str, request: AudienceRequest) -> dg.AssetsDefinition:
    """Make the asset of an audience: a list to contact, with a control group that is held out."""

    def build() -> dg.MaterializeResult:
        project = Project.load(catalog.project.root)
        with explain_failures():
            made = create_audience(project, _choose_file(project, name, request))
        metadata: dict[str, Any] = {"dagster/row_count": made.treatment, "held out": made.held_out, "as of": made.as_of}
        return dg.MaterializeResult(metadata={**metadata, "to": made.to or "", "warnings": made.warnings})

    return dg.asset(
        key=catalog.key("audiences", name),
        deps=[catalog.published],
        group_name="audiences",
        kinds={"csv"},
        retry_policy=RETRIES,
        description=f"Whom to contact: {request.name}.",
    )(build)


def _choose_file(project: Project, name: str, request: AudienceRequest) -> AudienceRequest:
    if request.to is not None:
        return request
    folder: Path = project.root / "audiences"
    folder.mkdir(exist_ok=True)
    return replace(request, to=str(folder / f"{name}.csv"))


def make_deliveries(catalog: Catalog, audiences: Mapping[str, AudienceRequest]) -> list[dg.AssetsDefinition]:
    """Make the assets of the report and of each audience."""
    return [make_report(catalog), *(make_audience(catalog, name, request) for name, request in audiences.items())]
