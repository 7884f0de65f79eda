"""The file of users: one line each, `name:role,role:hash`; the hash is Argon2id's, or `oidc`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import SettingsError
from patron.files import write_atomically
from patron.serve.dashboard.sign_in.access import ROLES, User

if TYPE_CHECKING:
    from argon2 import PasswordHasher

OIDC = "oidc"
"""What stands for a hash where an identity provider signs the user in; then the name is their e-mail address."""

_NAME = re.compile(r"[^\s:,#][^\s:,]{0,99}")
_LEAST_LENGTH = 10


class Users:
    """Name -> roles and hash, as the file says. Raises SettingsError where a line says something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = dict(self._read())

    def _read(self) -> Iterable[tuple[str, tuple[frozenset[str], str]]]:
        for number, line in enumerate(self._read_lines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = line.strip().split(":", 2)
            if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
                do = "write users with `patron dashboard-user NAME`"
                raise SettingsError(
                    "A line of the users file is not a user.", where=f"{self.path}, line {number}", do=do
                )
            yield parts[0], (frozenset(role for role in parts[1].split(",") if role), parts[2])

    def _read_lines(self) -> list[str]:
        try:
            return self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            do = "check that it is a text file and that you may read it"
            raise SettingsError(f"The users file cannot be read: {error}.", where=str(self.path), do=do) from error

    def __len__(self) -> int:
        return len(self._known)

    def of_password(self, name: str) -> User | None:
        """The user of that name who has a password; None where they were taken out since they signed in."""
        roles, kept = self._known.get(name, (frozenset(), OIDC))
        return None if kept == OIDC else User(name, roles)

    def signed_in_by_oidc(self, email: str) -> User | None:
        """The user whom the identity provider calls so; None where the file does not let them in."""
        for name, (roles, kept) in self._known.items():
            if kept == OIDC and name.casefold() == email.casefold():
                return User(name, roles)
        return None

    def signed_in_by_password(self, name: str, password: str) -> User | None:
        """The user, if the password is theirs. Takes as long for a name that nobody has."""
        from argon2.exceptions import InvalidHashError, VerificationError

        roles, kept = self._known.get(name, (frozenset(), OIDC))
        is_known = kept != OIDC
        try:
            _make_hasher().verify(kept if is_known else _get_dummy_hash(), password)
        except (VerificationError, InvalidHashError):
            return None
        return User(name, roles) if is_known else None

    def set(self, name: str, roles: Iterable[str], password: str | None) -> None:
        """Write a user, in place of one of that name. password: None for one whom an identity provider signs in.

        Raises SettingsError for a name, role or password that will not do.
        """
        chosen = frozenset(roles)
        self._check(name, chosen, password)
        self._known[name] = (chosen, OIDC if password is None else _make_hasher().hash(password))
        self._write()

    def remove(self, name: str) -> None:
        """Take a user out. Raises SettingsError where there is none of that name."""
        if name not in self._known:
            do = f"users: {', '.join(sorted(self._known)) or 'none'}"
            raise SettingsError(f"There is no user {name!r}.", where=str(self.path), do=do)
        del self._known[name]
        self._write()

    def _check(self, name: str, roles: frozenset[str], password: str | None) -> None:
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is not a valid username.", do="use no space, colon, comma or #")
        if unknown := sorted(roles.difference(ROLES)):
            raise SettingsError(f"There is no role {unknown[0]!r}.", do=f"roles: {', '.join(ROLES)}")
        if password is not None and len(password) < _LEAST_LENGTH:
            raise SettingsError("The password is too short.", do=f"use {_LEAST_LENGTH} characters or more")

    def _write(self) -> None:
        lines = [f"{name}:{','.join(sorted(roles))}:{kept}\n" for name, (roles, kept) in sorted(self._known.items())]
        write_atomically(self.path, "".join(lines), mode=0o600)


def _make_hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


_DUMMY_HASH: list[str] = []


def _get_dummy_hash() -> str:
    """A hash that no password is known of."""
    if not _DUMMY_HASH:
        _DUMMY_HASH.append(_make_hasher().hash(os.urandom(32).hex()))
    return _DUMMY_HASH[0]
