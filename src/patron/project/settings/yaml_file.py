"""Reads patron.yaml: its content, and the line of each key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from patron.errors import SettingsError

Place = tuple[str | int, ...]
_BOOL = "tag:yaml.org,2002:bool"
_MOST_NODES = 100_000
_PATHS = ("data", "files")
_MOST_LEVELS = 100
_UNFIT = (ValueError, TypeError, AttributeError, LookupError, OverflowError)
"""What a value raises that does not fit its tag, such as `!!timestamp x`."""
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
        _refuse_deep(text, path)
        root = yaml.compose(text, Loader=_Loader)
        _refuse_large(root, path)
        if root is None:
            return None, {}
        _compose_texts(root, set())
        return _Loader("").construct_document(root), dict(_find_key_lines(root, (), path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        do = "fix the line; a value that contains ': ' or starts with a special character needs quotes"
        raise SettingsError(f"{path.name} is not valid YAML: {problem}.", where=where, do=do) from None
    except _UNFIT as error:
        what = f"{path.name} is not valid YAML: a value does not fit its tag (!!...): {error}."
        raise SettingsError(what, where=str(path), do="write the value without a tag") from None
    except RecursionError:
        do = "write the values out instead of referring to them with & and *"
        raise SettingsError(f"{path.name} contains itself, or nests too deep.", where=str(path), do=do) from None


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


def _refuse_deep(text: str, path: Path) -> None:
    """Refuse a file whose values nest deeper than any setting: libyaml would use up the stack and end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MOST_LEVELS:
            mark = event.start_mark
            where = f"{path}, line {mark.line + 1}" if mark else str(path)
            raise SettingsError(
                f"{path.name} nests more than {_MOST_LEVELS} levels deep.", where=where, do="mend the line"
            )


def _refuse_large(root: yaml.Node | None, path: Path) -> None:
    """Refuse a file whose references stand for more than it could say: a few lines can stand for billions of values."""
    count = _count_nodes(root, {}) if root else 0
    if count > _MOST_NODES:
        what = f"{path.name} stands for {count:,} values, by references (& and *); at most {_MOST_NODES:,} may be."
        raise SettingsError(what, where=str(path), do="write the values out instead of referring to them")


def _count_nodes(node: yaml.Node, known: dict[int, int]) -> int:
    """Count the values that a node stands for, each time it is referred to.

    Raises RecursionError if it contains itself.
    """
    if id(node) in known:
        if not known[id(node)]:
            raise RecursionError
        return known[id(node)]
    known[id(node)] = 0
    children = [node for pair in node.value for node in pair] if isinstance(node, yaml.MappingNode) else node.value
    inner = [] if isinstance(node, yaml.ScalarNode) else children
    known[id(node)] = 1 + sum(_count_nodes(child, known) for child in inner)
    return known[id(node)]


def _compose_texts(node: yaml.Node, seen: set[int]) -> None:
    """Write accents as the lake does, as parts of their characters; names of files stay as they are."""
    if isinstance(node, yaml.ScalarNode):
        node.value = unicodedata.normalize("NFC", node.value)
    elif id(node) not in seen:
        seen.add(id(node))
        for each in _list_inner(node):
            _compose_texts(each, seen)


def _list_inner(node: yaml.Node) -> list[yaml.Node]:
    """List the keys and values of a node, without values that name files."""
    if isinstance(node, yaml.MappingNode):
        return [each for key, value in node.value for each in ([key] if key.value in _PATHS else [key, value])]
    return list(node.value)


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
