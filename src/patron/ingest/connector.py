"""The seam for kinds of sources: what a connector can do, and which kinds there are.

A new kind is a folder with its `settings.py` (its keys in patron.yaml and its SourceKind) and its connector, and one
more base class of SourceSettings. Nothing outside `ingest` asks which kind a source is.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from patron.ingest.delta.settings import DeltaSettings
from patron.ingest.files.settings import FilesSettings
from patron.ingest.kafka.settings import KafkaSettings
from patron.ingest.postgres.settings import PostgresSettings

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.errors import SourceError
    from patron.ingest.source import Landing, OnProgress, Reread, SourceContext
    from patron.ingest.source_kind import SourceKind
    from patron.lake import Lake


class Connector(Protocol):
    """Reads one source into bronze."""

    def check(self) -> None:
        """See that what reading needs is set up; asks no server and reads no data. Raises SettingsError."""

    def describe(self) -> str:
        """Describe in a few words what the source offers now. Raises as `land` does; nothing lands."""

    def land(self, lake: Lake, *, full_compare: bool = False, on_progress: OnProgress | None = None) -> Landing:
        """Land what is new, in full or not at all.

        full_compare: read everything, even where the source says what is new. on_progress: called with the number of
        rows so far. Raises SourceError (not there, or not as it should be), EngineError (disk full, lake damaged),
        LockedError (another process lands here too).
        """

    def reread(self, lake: Lake) -> Reread | None:
        """Read rejected rows again with the settings of now, and land those that can be read; None for a kind that
        rejects no rows. Raises EngineError, LockedError.
        """

    def sample(self, rows: int) -> pa.Table | None:
        """Up to so many rows as they would land, under the lake's names; None for a kind that is only read to land.

        Raises SourceError.
        """

    def explain_no_rows(self) -> SourceError:
        """The error for a source of which bronze holds nothing."""


class LandedBatch(Protocol):
    """What a live source landed in one commit; batch_id 0: nothing."""

    batch_id: int
    messages: int
    rows: int
    rejected: int


class LiveSource(Protocol):
    """A source that is followed. lag: how many messages are known to wait."""

    @property
    def lag(self) -> int: ...

    def open(self) -> None:
        """See what the source has, and where to go on. Raises SourceError."""

    def follow(self, is_stopping: Callable[[], bool]) -> LandedBatch:
        """Wait for a batch and land it. Raises UnreachableError where the source does not answer: then call again;
        SourceError, EngineError, LockedError as `land` does.
        """

    def take_warnings(self) -> list[str]:
        """Return what a person should know since the last call."""

    def close(self) -> None: ...


class LiveConnector(Connector, Protocol):
    """A connector of a kind that is live."""

    def follow(self, lake: Lake) -> LiveSource:
        """Begin to follow the source; the caller holds the project's lock while it lands."""


class SourceSettings(DeltaSettings, KafkaSettings, PostgresSettings, FilesSettings):
    """What patron.yaml says of where a source's rows come from: the keys of every kind, of which it uses one."""

    @property
    def kind(self) -> SourceKind:
        """The kind of the source; some are changelogs by their settings."""
        kind = next(kind for kind in KINDS if getattr(self, kind.name))
        own = getattr(self, kind.name)
        return replace(kind, is_changelog=getattr(own, "is_changelog", kind.is_changelog))

    def list_patterns(self) -> tuple[str, ...]:
        """List the globs of the files that the source reads; empty for other kinds."""
        return tuple(self.files or ())

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> SourceSettings:
        given = [kind for kind in KINDS if getattr(self, kind.name)]
        if not given:
            names = " nor ".join(f"`{kind.name}`" for kind in KINDS)
            do = "add " + ", or ".join(f"`{kind.name}:` with {kind.hint}" for kind in KINDS)
            raise PydanticCustomError("explained", "{what}.", {"what": f"The source has neither {names}", "do": do})
        chosen = given[-1]
        for other in (kind for kind in KINDS if kind is not chosen):
            for key in other.keys:
                if key in self.model_fields_set:
                    raise ValueError(f"`{chosen.name}` and `{key}` do not go together: a source is of one kind")
        return self


KINDS: tuple[SourceKind, ...] = tuple(base.KIND for base in reversed(SourceSettings.__bases__))  # type: ignore[attr-defined]


def connect(settings: SourceSettings, context: SourceContext) -> Connector:
    """The connector of a source, with the libraries of its kind imported."""
    module, _, name = settings.kind.connector.partition(":")
    return cast("Connector", getattr(importlib.import_module(module), name)(settings, context))
