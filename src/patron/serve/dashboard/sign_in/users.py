"""The users file: one line per user, `name:role,role:hash`; the hash is an Argon2id hash, or `oidc`."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import SettingsError
from patron.files import write_atomically
from patron.serve.dashboard.sign_in.access import ROLES, User

if TYPE_CHECKING:
    from argon2 import PasswordHasher

OIDC = "oidc"
"""The placeholder for the hash of a user of the identity provider; their name is their e-mail address."""

_NAME = re.compile(r"[^\s:,#][^\s:,]{0,99}")
_LEAST_LENGTH = 10
_CHECKING = threading.Lock()
_LONGEST_WAIT = 10.0
_LONGEST_PASSWORD = 1_000


class BusyError(Exception):
    """Too many passwords are being checked."""


class Users:
    """The users in the file. Raises SettingsError if the file cannot be read or a line is invalid."""

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
                    "A line of the users file is not a valid user.", where=f"{self.path}, line {number}", do=do
                )
            yield parts[0], (frozenset(role for role in parts[1].split(",") if role), parts[2])

    def _read_lines(self) -> list[str]:
        try:
            return self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            do = "check that it is a text file and that you have permission to read it"
            raise SettingsError(f"The users file cannot be read: {error}.", where=str(self.path), do=do) from error

    def __len__(self) -> int:
        return len(self._known)

    def find_password_user(self, name: str) -> User | None:
        """Find a user with a password by name; None if they have been removed since they signed in."""
        roles, kept = self._known.get(name, (frozenset(), OIDC))
        return None if kept == OIDC else User(name, roles)

    def seal(self, name: str) -> str:
        """Return what a session of a user holds: it changes with the password."""
        return hashlib.sha256(f"{name}:{self._known[name][1]}".encode()).hexdigest()

    def authenticate_oidc(self, email: str) -> User | None:
        """Return the user with the e-mail address that the identity provider reports; None if they have no access."""
        for name, (roles, kept) in self._known.items():
            if kept == OIDC and name.casefold() == email.casefold():
                return User(name, roles)
        return None

    def authenticate_password(self, name: str, password: str) -> User | None:
        """Return the user if the password is right, otherwise None. Takes equally long for unknown names.

        One password is checked at a time, since a check takes 64 MB: many at once would fill the memory. Raises
        BusyError if others take too long.
        """
        from argon2.exceptions import InvalidHashError, VerificationError

        roles, kept = self._known.get(name, (frozenset(), OIDC))
        is_known = kept != OIDC and len(password) <= _LONGEST_PASSWORD
        if not _CHECKING.acquire(timeout=_LONGEST_WAIT):
            raise BusyError
        try:
            _make_hasher().verify(kept if is_known else _get_dummy_hash(), password)
        except (VerificationError, InvalidHashError):
            return None
        finally:
            _CHECKING.release()
        return User(name, roles) if is_known else None

    def set(self, name: str, roles: Iterable[str], password: str | None) -> None:
        """Add a user, or replace the one of that name. password: None for a user of the identity provider.

        Raises SettingsError for an invalid name, role or password.
        """
        chosen = frozenset(roles)
        self._check(name, chosen, password)
        self._known[name] = (chosen, OIDC if password is None else _make_hasher().hash(password))
        self._write()

    def remove(self, name: str) -> None:
        """Remove a user. Raises SettingsError if there is no user of that name."""
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
        if password is not None and len(password) > _LONGEST_PASSWORD:
            raise SettingsError("The password is too long.", do=f"use {_LONGEST_PASSWORD:,} characters or fewer")

    def _write(self) -> None:
        lines = [f"{name}:{','.join(sorted(roles))}:{kept}\n" for name, (roles, kept) in sorted(self._known.items())]
        write_atomically(self.path, "".join(lines), mode=0o600)


def _make_hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


_DUMMY_HASH: list[str] = []


def _get_dummy_hash() -> str:
    """Return the hash of a random password, to verify against for unknown names."""
    if not _DUMMY_HASH:
        _DUMMY_HASH.append(_make_hasher().hash(os.urandom(32).hex()))
    return _DUMMY_HASH[0]
