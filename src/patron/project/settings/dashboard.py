"""Who may see the dashboard: the `dashboard` of patron.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.base import NotBlank, Settings


class Dashboard(Settings):
    """Who may see the dashboard."""

    sign_in: Literal["none", "password", "oidc"] = Field(
        "none",
        description="none: only on this machine, and everything is shown. password: by the file of users. oidc: by "
        "your identity provider (extra: auth), and the file of users says who may enter.",
    )
    users: NotBlank = Field(
        "dashboard-users.txt",
        description="The file of users, which `patron dashboard-user` writes; relative to patron.yaml, or absolute.",
    )
