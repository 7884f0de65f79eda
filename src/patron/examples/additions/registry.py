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
    "databricks": Addition(
        "an asset bundle of Databricks: a job with its schedule, and a notebook that calls patron's verbs",
        "databricks bundle validate --var http_path=... && databricks bundle deploy --var http_path=...",
    ),
    "docker": Addition(
        "an image of the shop, and a stack for docker compose",
        "set dashboard: {sign_in: password} in patron.yaml, then: patron up",
    ),
    "github": Addition(
        "a workflow of GitHub Actions, which builds what a change touches and comments what it does to gold",
        "printf '%s\\n' .patron/ .env dashboard-users.txt >> .gitignore && git add . && git commit && git push",
    ),
    "systemd": Addition(
        "a systemd timer, which runs the shop every day",
        "cp schedule/patron.* ~/.config/systemd/user/ && systemctl --user enable --now patron.timer",
    ),
    "terraform": Addition(
        "what a shop needs in Google Cloud or Azure: storage, a scheduled job, a registry, secrets, identities",
        "cd terraform/gcp (or azure) && terraform init -backend-config=... && terraform apply "
        "&& terraform output -raw settings >> ../../.env",
    ),
}
"""Name -> addition. A new one is a folder of templates and a line here."""
