"""Topics that deliver one source, as a landing needs them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from patron.errors import SettingsError
from patron.ingest.kafka.settings import Kafka


@dataclass(frozen=True)
class TopicSource:
    """Topics that deliver one source. where: its place in patron.yaml. Columns: as of files."""

    name: str
    settings: Kafka
    where: str = ""
    required_columns: tuple[str, ...] = ()
    optional_columns: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        return self.settings.topics

    @property
    def is_changelog(self) -> bool:
        return self.settings.is_changelog

    def client_settings(self) -> dict[str, Any]:
        """Everything the client needs, secrets included; never printed. Raises SettingsError."""
        secrets = {name: _read(variable, name, self.where) for name, variable in self.settings.secrets.items()}
        servers = _read(self.settings.connection, "the brokers' addresses", self.where)
        return {"bootstrap.servers": servers, **self.settings.options, **secrets}


def _read(variable: str, what_for: str, where: str) -> str:
    held = os.environ.get(variable, "").strip()
    if not held:
        what = f"The environment variable {variable} is not set, and {what_for} should be in it."
        raise SettingsError(what, where=where, do=f"export {variable}=...")
    return held
