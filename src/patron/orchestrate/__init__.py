"""The whole flow of a shop as Dagster's assets. Each asset calls the function that a command calls, too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import EngineError

if TYPE_CHECKING:
    from patron.activate.audience import AudienceRequest

DAILY, MONTHLY = "15 5 * * *", "0 6 1 * *"
"""When a shop is run, and when its report and audiences are made, in its own timezone, unless told otherwise."""


def build_definitions(
    folder: Path | str,
    *,
    daily: str = DAILY,
    monthly: str = MONTHLY,
    audiences: Mapping[str, AudienceRequest] | None = None,
    prefix: str = "",
) -> Any:
    """Build Dagster's definitions of the project in a folder: assets, checks, jobs, schedules and sensors.

    daily, monthly: schedules as cron writes them. audiences: asset -> whom to contact; a request without `to` is
    written to FOLDER/audiences. prefix: of every asset's key, where several shops share one Dagster.
    Raises SettingsError for the project, EngineError if Dagster is not installed.
    """
    try:
        from patron.orchestrate.definitions import assemble
    except ImportError as error:
        if not (error.name or "").startswith("dagster"):
            raise
        do = "install it: pip install 'patron[dagster]'"
        raise EngineError(f"Dagster is not installed: {error}.", where="patron.orchestrate", do=do) from error
    return assemble(Path(folder), daily=daily, monthly=monthly, audiences=audiences or {}, prefix=prefix)
