"""patron.yaml as text: its plain content, and the line on which each key stands."""

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
    """YAML 1.2's truth values, only true and false: a column may be called No, On or Yes."""


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def _day(loader: Any, node: yaml.ScalarNode) -> Any:
    """A day; the text as it stands where the calendar has no such day, for the settings to refuse."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Loader.add_constructor(_DAY, _day)


def read_settings(path: Path) -> tuple[Any, dict[Place, int]]:
    """The plain content of a YAML file, and the line (from 1) of every key in it.

    Raises SettingsError when the file is missing, is not YAML, or says a key twice.
    """
    text = _text(path)
    try:
        root = yaml.compose(text, Loader=_Loader)
        lines = dict(_key_lines(root, (), path)) if root else {}
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


def _text(path: Path) -> str:
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
        what, do = f"{path.name} cannot be read: {error.strerror}.", "check that it is a file and that you may read it"
    raise SettingsError(what, where=str(path), do=do)


def _key_lines(node: yaml.Node, place: Place, path: Path) -> Iterator[tuple[Place, int]]:
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
            yield from _key_lines(value, (*place, key.value), path)
            yield (*place, key.value), line
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _key_lines(value, (*place, position), path)


def format_place(place: Place) -> str:
    """A place as it is spoken: sources.receipts.files[0]."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def format_where(path: Path, lines: dict[Place, int], place: Place) -> str:
    """File, line and key of a place; the nearest known parent gives the line."""
    known = place
    while known and known not in lines:
        known = known[:-1]
    line = lines.get(known)
    return f"{path}{f', line {line}' if line else ''}, {format_place(place) or 'top level'}"
