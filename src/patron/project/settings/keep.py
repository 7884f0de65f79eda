"""What stays on the disk, and for how long."""

from __future__ import annotations

from pydantic import Field

from patron.project.settings.base import Settings


class Keep(Settings):
    """What stays on the disk: `patron run` tidies up once a day, `patron tidy` at once."""

    snapshots: int = Field(
        2, ge=2, description="Published snapshots that stay at least: the current one and those before it."
    )
    snapshot_days: float = Field(
        0,
        ge=0,
        description="Snapshots younger than so many days stay, too. One that somebody reads always stays.",
    )
    small_files: int = Field(
        30, ge=2, description="Files below 32 MB that a table of the lake may have before they are merged into few."
    )
    lake_days: float = Field(
        7,
        ge=0,
        description="Files that a table of the lake needs no longer stay so many days, for readers that opened them.",
    )
