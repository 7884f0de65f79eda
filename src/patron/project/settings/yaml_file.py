"""Reads patron.yaml: its content, and the line of each key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from patron.errors import SettingsError

Place = tuple[str | int, ...]
_BOOL = "tag:yaml.org,2002:bool"
_DAY = "tag:yaml.org,2002:timestamp"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A YAML loader with the truth values of YAML 1.2, true and false only, as columns may be named No, On or Yes."""


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def _construct_date(loader: Any, node: yaml.ScalarNode) -> Any:
    """Construct a date; invalid dates stay text, which the settings reject."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Loader.add_constructor(_DAY, _construct_date)


def read_settings(path: Path) -> tuple[Any, dict[Place, int]]:
    """Read a YAML file; return its content, and the line (from 1) of every key.

    Raises SettingsError if the file is missing, is not YAML, or repeats a key.
    """
    text = _read_text(path)
    try:
        root = yaml.compose(text, Loader=_Loader)
        lines = dict(_find_key_lines(root, (), path)) if root else {}
        return yaml.load(text, Loader=_Loader), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        do = "fix the line; a value that contains ': ' or starts with a special character needs quotes"
        raise SettingsError(f"{path.name} is not valid YAML: {problem}.", where=where, do=do) from None
    except RecursionError:
        do = "write the values out instead of referring to them with & and *"
        raise SettingsError(f"{path.name} contains itself.", where=str(path), do=do) from None


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        what, do = (
            f"There is no {path.name} in {path.parent}.",
            "run `patron init DIR`, or name a project with --project",
        )
    except UnicodeDecodeError as error:
        what, do = f"{path.name} is not UTF-8 text ({error}).", "save it as UTF-8"
    except OSError as error:
        what, do = (
            f"{path.name} cannot be read: {error.strerror}.",
            "check that it is a file and that you have permission to read it",
        )
    raise SettingsError(what, where=str(path), do=do)


def _find_key_lines(node: yaml.Node, place: Place, path: Path) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # yaml itself refuses a list or a mapping as a key
            line = key.start_mark.line + 1
            if key.value in seen:
                what = f"The key {key.value!r} is given twice, on lines {seen[key.value]} and {line}."
                raise SettingsError(what, where=f"{path}, line {line}", do="keep one of the two")
            seen[key.value] = line
            yield from _find_key_lines(value, (*place, key.value), path)
            yield (*place, key.value), line
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _find_key_lines(value, (*place, position), path)


def format_place(place: Place) -> str:
    """Format a place in the settings as sources.receipts.files[0]."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def format_where(path: Path, lines: dict[Place, int], place: Place) -> str:
    """Format the file, line and key of a place; the line is that of its nearest known parent."""
    known = place
    while known and known not in lines:
        known = known[:-1]
    line = lines.get(known)
    return f"{path}{f', line {line}' if line else ''}, {format_place(place) or 'top level'}"
