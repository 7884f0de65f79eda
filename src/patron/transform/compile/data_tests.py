"""What the yml files beside the models say: each model's own settings, and its data tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml


@dataclass(frozen=True)
class DataTest:
    """A generic data test of a model: `holds` with its arguments."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1024)
def read_yaml(text: str) -> Any:
    """Read a yml file, once per process: callers must not change what they get.

    The C library parses it where there is one; JSON, a kind of YAML, has its own reader.
    """
    if text.startswith("{"):
        import json

        return json.loads(text)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def list_data_tests(properties: Mapping[str, Any]) -> Iterator[DataTest]:
    """Those of a model, then those of its columns. properties: the model's part of a yml file."""
    for entry in properties.get("data_tests", ()):
        yield _parse_data_test(entry, {})
    for column in properties.get("columns", ()):
        for entry in column.get("data_tests", ()):
            yield _parse_data_test(entry, {"column_name": column["name"]})


def _parse_data_test(entry: str | Mapping[str, Any], column: Mapping[str, str]) -> DataTest:
    if isinstance(entry, str):
        return DataTest(entry, column)
    ((kind, settings),) = entry.items()
    return DataTest(kind, {**settings.get("arguments", {}), **column})
