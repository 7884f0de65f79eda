"""patron.yaml as text: where each key stands, and errors that name key, line, allowed values and nearest spelling."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from patron.errors import SettingsError

Place = tuple[str | int, ...]
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_settings(path: Path) -> tuple[Any, dict[Place, int]]:
    """The plain content of a YAML file, and the line (from 1) of every key in it.

    Raises SettingsError when the file is missing, is not YAML, or says a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"There is no {path.name} in {path.parent}.",
            where=str(path),
            do="run `patron init DIR` to make a project, or name one with --project",
        ) from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path.name} is not UTF-8 text ({error}).", where=str(path), do="save it as UTF-8"
        ) from None
    try:
        root = yaml.compose(text, Loader=_Loader)
        lines = dict(_key_lines(root, (), path)) if root else {}
        return yaml.load(text, Loader=_Loader), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or "unreadable"
        do = "mend the line; a value that holds ': ' or starts with a special mark needs quotes"
        raise SettingsError(f"{path.name} is not valid YAML: {problem}.", where=where, do=do) from None


def _key_lines(node: yaml.Node, place: Place, path: Path) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
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


def place_text(place: Place) -> str:
    """A place as it is spoken: sources.receipts.files[0]."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def where_text(path: Path, lines: dict[Place, int], place: Place) -> str:
    """File, line and key of a place; the nearest known parent gives the line."""
    known = place
    while known and known not in lines:
        known = known[:-1]
    line = lines.get(known)
    return f"{path}{f', line {line}' if line else ''}, {place_text(place) or 'top level'}"


def explain(
    error: ValidationError, model: type[BaseModel], content: Any, path: Path, lines: dict[Place, int]
) -> SettingsError:
    """The first fault that pydantic found, in words that say what to write instead."""
    fault = error.errors()[0]
    place = _real_place(fault["loc"], content)
    where = where_text(path, lines, place)
    if fault["type"] == "extra_forbidden":
        known = _known_keys(model, place[:-1])
        return SettingsError(
            f"There is no setting {str(place[-1])!r} here.", where=where, do=_nearest(str(place[-1]), known)
        )
    if fault["type"] == "missing":
        parent = place_text(place[:-1]) or path.name
        return SettingsError(f"The setting {str(place[-1])!r} is missing.", where=where, do=f"add it under {parent}")
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, SettingsError):
        return SettingsError(cause.what, where=where, do=cause.do)
    return SettingsError(_sentence(fault["msg"]), where=where, do=_value_hint(fault))


def _real_place(loc: tuple[str | int, ...], content: Any) -> Place:
    """pydantic's location without the names of union members, which are no keys of the file."""
    place: list[str | int] = []
    for part in loc:
        if (isinstance(content, dict) and part in content) or (
            isinstance(content, list) and isinstance(part, int) and part < len(content)
        ):
            content = content[part]
        elif part is not loc[-1] or not isinstance(content, dict):
            continue
        place.append(part)
    return tuple(place)


def _known_keys(model: Any, place: Place) -> list[str]:
    """The keys that a place of the settings may hold, found by walking the models."""
    for part in place:
        model = _step(model, part)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _step(model: Any, part: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
        return _inner(model.model_fields[str(part)].annotation)
    arguments = typing.get_args(model)
    return _inner(arguments[-1]) if arguments else None


def _inner(annotation: Any) -> Any:
    """The model inside an optional or a union; other annotations as they are."""
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        models = [a for a in typing.get_args(annotation) if isinstance(a, type) and issubclass(a, BaseModel)]
        return models[0] if models else annotation
    if origin is typing.Annotated:
        return _inner(typing.get_args(annotation)[0])
    return annotation


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}allowed here: {', '.join(known)}" if known else "remove it"


def _value_hint(fault: Any) -> str:
    if fault["type"] == "literal_error":
        allowed = str(fault["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return _nearest(str(fault["input"]), allowed)
    return f"it says {fault['input']!r}"


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].upper() + message[1:].rstrip(".") + "."
