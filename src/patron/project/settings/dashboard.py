"""Access to the dashboard: the section `dashboard` of patron.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.base import NotBlank, Settings


class Dashboard(Settings):
    """Access to the dashboard."""

    sign_in: Literal["none", "password", "oidc"] = Field(
        "none",
        description="none: from this machine only, and everything is shown. password: with the file of users. oidc: "
        "with "
        "your identity provider (extra: auth); the file of users lists who may sign in.",
    )
    users: NotBlank = Field(
        "dashboard-users.txt",
        description="The file of users, which `patron dashboard-user` writes; relative to patron.yaml, or absolute.",
    )
