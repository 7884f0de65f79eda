"""A connection to a PostgreSQL server: what its string may leave away, and DuckDB's extension that opens it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import duckdb

from patron.errors import SettingsError

_WHEEL = "duckdb-extension-postgres-scanner"
_DEFAULTS = {
    "application_name": "patron",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
}
"""What a connection string need not say; so a server that went away is noticed in minutes, not hours."""


def read_connection_string(variable: str, reason: str, where: str) -> str:
    """What an environment variable holds. reason: what for. Raises SettingsError where it is not set."""
    held = os.environ.get(variable, "").strip()
    if not held:
        what = f"The environment variable {variable} is not set, and {reason}."
        do = f"export {variable}=postgresql://user:password@host:5432/database"
        raise SettingsError(what, where=where, do=do)
    return held


def find_extension(where: str) -> Path:
    """DuckDB's extension, as its wheel brings it. Raises SettingsError where it is not there for this DuckDB."""
    try:
        import duckdb_extension_postgres_scanner as wheel
    except ImportError:
        do = "pip install 'patron[postgres]'"
        raise SettingsError("The extra postgres is not installed.", where=where, do=do) from None
    held = Path(str(wheel.__file__)).parent / "extensions"
    path = held / f"v{duckdb.__version__}" / "postgres_scanner.duckdb_extension"
    if not path.is_file():
        others = ", ".join(sorted(folder.name.lstrip("v") for folder in held.glob("v*"))) or "no version"
        what = f"The extra postgres is for DuckDB {others}, and this is DuckDB {duckdb.__version__}."
        raise SettingsError(what, where=where, do=f"pip install {_WHEEL}=={duckdb.__version__}")
    return path


def add_defaults(written: str) -> str:
    """A connection string with what it leaves away."""
    missing = {name: value for name, value in _DEFAULTS.items() if name not in written}
    if "://" in written:
        listed = "&".join(f"{name}={quote(value)}" for name, value in missing.items())
        return f"{written}{'&' if '?' in written else '?'}{listed}" if listed else written
    return " ".join([written, *(f"{name}={value}" for name, value in missing.items())])
