"""What Dagster is told when patron refuses or fails: the reason, and whether trying again can help."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import dagster as dg

from patron.errors import CheckFailedError, NothingBuiltError, PatronError, SettingsError

RETRIES = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""After 1, 2 and 4 minutes: a server that does not answer, another run at work, a disk that is full for a while."""

_FOR_A_PERSON = (SettingsError, CheckFailedError, NothingBuiltError)
"""What stays so however often it is tried."""


@contextlib.contextmanager
def explain_failures() -> Iterator[None]:
    """Raise patron's errors as Dagster's failures, with what to do next."""
    try:
        yield
    except PatronError as error:
        raise dg.Failure(
            description=error.what,
            metadata={"where": error.where, "next": error.do, "exit code": error.exit_code},
            allow_retries=not isinstance(error, _FOR_A_PERSON),
        ) from error
