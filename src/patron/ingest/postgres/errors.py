"""What PostgreSQL, its client library and the engine say, in patron's words, and never with a password in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from patron.errors import EngineError, PatronError

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


@dataclass(frozen=True)
class Act:
    """What is done with a server, in the words of its refusals.

    error: raised where the server refuses. where: what is read or written. connection: what the user mends where the
    connection fails, without a secret. undone: what stands when it is cut off.
    """

    error: type[PatronError]
    where: str
    connection: str
    name: str
    while_at_it: str
    undone: str
    when_cut: str
    when_refused: str
    when_not_permitted: str


@contextmanager
def translate_errors(act: Act, *written: str) -> Iterator[None]:
    """Turn what is raised inside into the act's error, or EngineError where it is about this machine.

    written: the connection string, in each form that a message may repeat.
    """
    try:
        yield
    except (PatronError, duckdb.InterruptException):
        raise
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        # not `from error`: its text may hold the connection string
        raise _translate(error, act, written) from None


def _translate(error: Exception, act: Act, written: tuple[str, ...]) -> PatronError:
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        do = "raise warehouse.memory_limit in patron.yaml, or free disk to spill to"
        return EngineError(f"Out of memory {act.while_at_it}.", where=act.where, do=do)
    if _NO_CONNECTION in text:
        return _explain_no_connection(_mask_secrets(_strip_connection_string(text, written), written), act)
    if _DISK.search(text) and "ERROR:" not in text:
        what = f"no space left on the disk {act.while_at_it}"
        return EngineError(what, where=act.where, do=f"free some space and run again; {act.undone}")
    return _explain_refusal(_extract_message(_mask_secrets(text, written)), act)


def _strip_connection_string(text: str, written: tuple[str, ...]) -> str:
    """What follows the connection string, which the engine puts before the cause."""
    for one in written:
        text = text.split(f'"{one}": ', 1)[-1]
    return "" if _NO_CONNECTION in text else text


def _explain_no_connection(message: str, act: Act) -> PatronError:
    message = " ".join(message.split())
    where = f"{act.where}, by the connection in {act.connection}"
    if _LOGIN.search(message):
        do = f"fix the user or the password in {act.connection}, or the server's pg_hba.conf"
        return act.error(
            f"the PostgreSQL server does not let the user in: {_extract_cause(message)}", where=where, do=do
        )
    if found := _NO_DATABASE.search(message):
        what = f"the PostgreSQL server has no database {found[1]!r}"
        return act.error(what, where=where, do=f"fix the name of the database in {act.connection}")
    if _UNREACHABLE.search(message):
        do = f"check that the server is running and that host and port in {act.connection} are right, then run again"
        return act.error(f"the PostgreSQL server does not answer: {message}", where=where, do=do)
    what = f"the connection string in {act.connection} cannot be parsed (not shown: it may hold a password)"
    do = "write it as postgresql://user:password@host:5432/database; @ : / # and spaces in it as %40 %3A %2F %23 %20"
    return act.error(what, where=where, do=do)


def _explain_refusal(message: str, act: Act) -> PatronError:
    where = act.where
    if _CUT.search(message):
        what = f"the connection to the PostgreSQL server was lost during {act.name} ({message}); {act.undone}"
        return act.error(what, where=where, do=act.when_cut)
    if "permission denied" in message:
        return act.error(f"the PostgreSQL server refuses {act.name}: {message}", where=where, do=act.when_not_permitted)
    what = f"the PostgreSQL server refuses {act.name}: {message}; {act.undone}"
    return act.error(what, where=where, do=act.when_refused)


def _extract_cause(message: str) -> str:
    return message.rsplit("FATAL: ", maxsplit=1)[-1].strip()


def _extract_message(text: str) -> str:
    """The server's own sentence, or the first line of whatever it sent."""
    found = re.search(r"(?:ERROR|FATAL|PANIC):\s*(.+)", text)
    return (found[1] if found else text.strip().splitlines()[0] if text.strip() else "no reason given").strip()


def _mask_secrets(text: str, written: tuple[str, ...]) -> str:
    for one in written:
        for secret in sorted(_find_secrets(one), key=len, reverse=True):
            text = text.replace(secret, "***")
    return text


def _find_secrets(written: str) -> set[str]:
    """The string itself, and the passwords in it, as they are written and as they are meant."""
    in_url = re.findall(r"://[^:/?#]*:(.*)@", written) + re.findall(r"[?&](?:ssl)?password=([^&]*)", written)
    in_words = re.findall(r"\b(?:ssl)?password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", written)
    bare = [re.sub(r"\\(.)", r"\1", word.strip("'")) for word in in_words]
    found = {written, *in_url, *map(unquote, in_url), *in_words, *bare}
    return {secret for secret in found if secret}
