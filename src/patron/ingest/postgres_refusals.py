"""What PostgreSQL, its client library and the engine say, in patron's words, and never with a password in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from patron.errors import EngineError, PatronError, SourceError
from patron.ingest.source import TableSource

_NO_CONNECTION = "Unable to connect to Postgres"
_UNREACHABLE = re.compile(
    r"^(connection to server|could not translate host name|could not connect|timeout expired)", re.I
)
_LOGIN = re.compile(r"authentication failed|no password supplied|no pg_hba\.conf entry|role .* does not exist", re.I)
_NO_DATABASE = re.compile(r"database \"(.*?)\" does not exist", re.I)
_CUT = re.compile(
    r"server closed the connection|terminating connection|connection has been closed|could not receive data|"
    r"no connection to the server|connection (is )?not open|connection (is )?bad|SSL SYSCALL|connection reset|"
    r"broken pipe|"
    r"lost synchronization|not yet accepting connections|shutting down",
    re.I,
)
_DISK = re.compile(r"no space left|could not write|failed to offload|max_temp_directory_size", re.I)


@contextmanager
def told(source: TableSource, *written: str) -> Iterator[None]:
    """Turn what is raised inside into SourceError, or EngineError where it is about this machine.

    written: the connection string, in each form that a message may repeat.
    """
    try:
        yield
    except (PatronError, duckdb.InterruptException):
        raise
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        # not `from error`: its text may hold the connection string
        raise _refusal(error, source, written) from None


def _refusal(error: Exception, source: TableSource, written: tuple[str, ...]) -> PatronError:
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        do = "raise warehouse.memory_limit in patron.yaml, or free disk for the comparison to spill to"
        return EngineError("Out of memory while a table was compared.", where=source.seen_as, do=do)
    if _NO_CONNECTION in text:
        return _no_connection(_without_secrets(_after(text, written), written), source)
    if _DISK.search(text) and "ERROR:" not in text:
        what = "no space left on the disk while a table was compared"
        return EngineError(what, where=source.seen_as, do="free some space and run again; nothing is half landed")
    return _refused(_said(_without_secrets(text, written)), source)


def _after(text: str, written: tuple[str, ...]) -> str:
    """What follows the connection string, which the engine puts before the cause."""
    for one in written:
        text = text.split(f'"{one}": ', 1)[-1]
    return "" if _NO_CONNECTION in text else text


def _no_connection(said: str, source: TableSource) -> PatronError:
    said = " ".join(said.split())
    where = f"{source.seen_as}, by the connection in {source.connection}"
    if _LOGIN.search(said):
        do = f"mend the user or the password in {source.connection}, or the server's pg_hba.conf"
        return SourceError(f"the PostgreSQL server does not let the user in: {_cause(said)}", where=where, do=do)
    if found := _NO_DATABASE.search(said):
        what = f"the PostgreSQL server has no database {found[1]!r}"
        return SourceError(what, where=where, do=f"mend the name of the database in {source.connection}")
    if _UNREACHABLE.search(said):
        do = f"see that the server runs and that host and port in {source.connection} are right, then run again"
        return SourceError(f"the PostgreSQL server does not answer: {said}", where=where, do=do)
    what = f"the connection string in {source.connection} cannot be understood (not shown: it may hold a password)"
    do = "write it as postgresql://user:password@host:5432/database; @ : / # and blanks in it as %40 %3A %2F %23 %20"
    return SourceError(what, where=where, do=do)


def _refused(said: str, source: TableSource) -> PatronError:
    where = source.seen_as
    if _CUT.search(said):
        what = (
            f"the connection to the PostgreSQL server was cut in the middle of the read ({said}); nothing of it landed"
        )
        return SourceError(what, where=where, do="see that the server is up, then run again")
    if "permission denied" in said:
        do = f"have the owner run: grant select on {source.schema}.{source.table} to the user of {source.connection}"
        return SourceError(f"the PostgreSQL server refuses the read: {said}", where=where, do=do)
    do = "if the table was being changed, run again; else look at the server's log"
    return SourceError(f"the PostgreSQL server refuses the read: {said}; nothing of it landed", where=where, do=do)


def _cause(said: str) -> str:
    return said.rsplit("FATAL: ", maxsplit=1)[-1].strip()


def _said(text: str) -> str:
    """The server's own sentence, or the first line of whatever was said."""
    told = re.search(r"(?:ERROR|FATAL|PANIC):\s*(.+)", text)
    return (told[1] if told else text.strip().splitlines()[0] if text.strip() else "no reason given").strip()


def _without_secrets(text: str, written: tuple[str, ...]) -> str:
    for one in written:
        for secret in sorted(_secrets(one), key=len, reverse=True):
            text = text.replace(secret, "***")
    return text


def _secrets(written: str) -> set[str]:
    """The string itself, and the passwords in it, as they are written and as they are meant."""
    in_url = re.findall(r"://[^:/?#]*:(.*)@", written) + re.findall(r"[?&](?:ssl)?password=([^&]*)", written)
    in_words = re.findall(r"\b(?:ssl)?password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", written)
    bare = [re.sub(r"\\(.)", r"\1", word.strip("'")) for word in in_words]
    found = {written, *in_url, *map(unquote, in_url), *in_words, *bare}
    return {secret for secret in found if secret}
