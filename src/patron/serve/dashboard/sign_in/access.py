"""Who looks at the dashboard, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patron.contract.personal_data import list_personal_columns
from patron.errors import SettingsError

if TYPE_CHECKING:
    from patron.project.project import Project

PII = "pii"
"""The role that sees who customers are."""

ROLES = (PII,)

_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class User:
    """One who looks. name: empty where nobody signs in."""

    name: str
    roles: frozenset[str]

    @property
    def may_see_persons(self) -> bool:
        """Whether names, addresses and the like are shown to them."""
        return PII in self.roles

    @property
    def masked_columns(self) -> frozenset[str]:
        """Columns that they see as MASK."""
        return frozenset() if self.may_see_persons else list_personal_columns()


OWNER = User("", frozenset(ROLES))
"""Whoever sits at the machine: the files are theirs, so they see all."""


def is_local(address: str) -> bool:
    """Whether only this machine can reach an address."""
    return address in _LOCAL


def check_address(project: Project, address: str) -> None:
    """Raises SettingsError where others could reach a dashboard that asks nobody to sign in."""
    if project.settings.dashboard.sign_in == "none" and not is_local(address):
        raise SettingsError(
            f"At {address} others could open the dashboard without signing in.",
            where=project.where("dashboard", "sign_in"),
            do="set dashboard.sign_in to password (then `patron dashboard-user NAME`) or oidc in patron.yaml; "
            "or omit --address to serve this machine only",
        )


def users_file(project: Project) -> Path:
    """The file of users."""
    return project.root / project.settings.dashboard.users
