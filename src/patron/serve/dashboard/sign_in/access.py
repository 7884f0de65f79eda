"""Users of the dashboard, and their access to personal data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patron.contract.personal_data import list_personal_columns
from patron.errors import SettingsError

if TYPE_CHECKING:
    from patron.project.project import Project

PII = "pii"
"""The role that may see personal data."""

ROLES = (PII,)

_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class User:
    """A user of the dashboard. name: empty if sign-in is turned off."""

    name: str
    roles: frozenset[str]

    @property
    def may_see_persons(self) -> bool:
        """Return whether the user may see personal data, such as names and addresses."""
        return PII in self.roles

    @property
    def masked_columns(self) -> frozenset[str]:
        """Return the columns whose values the user sees as MASK."""
        return frozenset() if self.may_see_persons else list_personal_columns()


OWNER = User("", frozenset(ROLES))
"""The user of this machine, who owns the files and therefore sees everything."""


def is_local(address: str) -> bool:
    """Return whether an address is reachable from this machine only."""
    return address in _LOCAL


def check_address(project: Project, address: str) -> None:
    """Raise SettingsError if other machines could reach a dashboard that requires no sign-in."""
    if project.settings.dashboard.sign_in == "none" and not is_local(address):
        raise SettingsError(
            f"Anyone who can reach {address} could open the dashboard without signing in.",
            where=project.where("dashboard", "sign_in"),
            do="set dashboard.sign_in to password (then `patron dashboard-user NAME`) or oidc in patron.yaml; "
            "or omit --address to serve this machine only",
        )


def get_users_file(project: Project) -> Path:
    """Return the path of the users file."""
    return project.root / project.settings.dashboard.users
