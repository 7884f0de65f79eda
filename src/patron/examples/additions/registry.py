"""The additions of `patron init --with`. The templates of each lie in the folder of its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Addition:
    """What an addition is for, and the step that puts it to use. next_step may hold the placeholders of `write`."""

    description: str
    next_step: str


ADDITIONS: Mapping[str, Addition] = {
    "cron": Addition("a line for cron, which runs the shop every day", "crontab schedule/patron.cron"),
    "dagster": Addition(
        "the shop as Dagster's assets, with schedules, sensors and backfills",
        "pip install 'patron[dagster]' && DAGSTER_HOME=$PWD/.dagster dagster dev",
    ),
    "systemd": Addition(
        "a systemd timer, which runs the shop every day",
        "cp schedule/patron.* ~/.config/systemd/user/ && systemctl --user enable --now patron.timer",
    ),
}
"""Name -> addition. A new one is a folder of templates and a line here."""
