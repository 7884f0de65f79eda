"""Turns pydantic's validation errors into messages with the key, line, allowed values and nearest spelling."""

from __future__ import annotations

import re
import types
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from patron.errors import SettingsError, did_you_mean
from patron.project.settings.yaml_file import Place, format_where

_PASSWORD = re.compile(r"""(://[^\s:/@]*:|\bpassword\s*=\s*)[^\s@'"]+""", re.IGNORECASE)
"""Passwords in a URL or after `password=`, which messages never repeat."""

_EXPECTED = {
    "tuple_type": "A list is expected here, such as [a, b].",
    "dict_type": "A section of settings is expected here, each as `key: value`.",
    "model_type": "A section of settings is expected here, each as `key: value`.",
    "model_attributes_type": "A section of settings is expected here, each as `key: value`.",
    "string_type": "Text is expected here.",
    "int_type": "A whole number is expected here.",
    "int_parsing": "A whole number is expected here.",
    "int_from_float": "A whole number is expected here.",
    "float_type": "A number is expected here.",
    "float_parsing": "A number is expected here.",
    "finite_number": "A finite number is expected here.",
    "too_short": "At least one is needed here.",
    "string_too_short": "The text is blank.",
    "string_pattern_mismatch": "The text does not have the required form.",
}


def explain(
    error: ValidationError, model: type[BaseModel], content: Any, path: Path, lines: dict[Place, int]
) -> SettingsError:
    """Turn the most informative error into a SettingsError that says what to write instead."""
    fault = _choose_fault(error.errors())
    place = _find_place(fault["loc"], content)
    where = format_where(path, lines, tuple(part if isinstance(part, int) else str(part) for part in place))
    what, do = _explain_fault(fault, model, place)
    return SettingsError(what, where=where, do=do)


def _explain_fault(fault: Any, model: Any, place: Place) -> tuple[str, str]:
    kind, name = fault["type"], str(place[-1]) if place else "top level"
    if kind == "extra_forbidden":
        return f"There is no setting {name!r} here.", _suggest(name, _list_keys(model, place[:-1]))
    if kind == "explained":
        return _to_sentence(fault["msg"]), fault["ctx"]["do"]
    if kind == "missing":
        return f"The setting {name!r} is missing.", f"add it; {_describe_setting(model, place)}"
    if fault["loc"][-1:] == ("[key]",) or kind == "invalid_key":
        return f"{name!r} cannot be a name.", "use lowercase letters, digits and _, starting with a letter"
    return _EXPECTED.get(kind) or _to_sentence(fault["msg"]), _hint_at_value(fault, model, place)


def _choose_fault(faults: list[Any]) -> Any:
    """Choose the error to report: a misspelt key is more informative than the setting that is missing for it."""
    return next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])


def _find_place(loc: tuple[str | int, ...], content: Any) -> Place:
    """Return pydantic's location without the names of union members, which are not keys of the file."""
    place: list[str | int] = []
    for part in loc:
        inside = _get_item(content, part)
        if inside is None and (part == "[key]" or part is not loc[-1] or not isinstance(content, dict)):
            continue
        content = inside
        place.append(part)
    return tuple(place)


def _get_item(content: Any, part: str | int) -> Any:
    """Return the value at a key or position of a mapping or list; None if there is none."""
    try:
        return content[part] if isinstance(content, dict | list) else None  # type: ignore[index]
    except (KeyError, IndexError, TypeError):
        return None


def _describe_setting(model: Any, place: Place) -> str:
    """Return the description of a setting."""
    place = tuple(part for part in place if not isinstance(part, int))
    for part in place[:-1]:
        model = _descend(model, part)
    is_model = isinstance(model, type) and issubclass(model, BaseModel)
    field = model.model_fields.get(str(place[-1])) if is_model and place else None
    return f"{place[-1]}: {field.description}" if field is not None and field.description else "see docs/patron-yaml.md"


def _list_keys(model: Any, place: Place) -> list[str]:
    """Return the keys allowed at a place of the settings, by walking the models."""
    for part in place:
        model = _descend(model, part)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _descend(model: Any, part: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
        return _unwrap(model.model_fields[str(part)].annotation)
    arguments = typing.get_args(model)
    return _unwrap(arguments[-1]) if arguments else None


def _unwrap(annotation: Any) -> Any:
    """Return the model inside an optional or a union; other annotations unchanged."""
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        models = [a for a in typing.get_args(annotation) if isinstance(a, type) and issubclass(a, BaseModel)]
        return models[0] if models else annotation
    if origin is typing.Annotated:
        return _unwrap(typing.get_args(annotation)[0])
    return annotation


def _suggest(word: str, known: list[str]) -> str:
    return did_you_mean(word, known, f"allowed here: {', '.join(known)}") if known else "remove it"


def _hint_at_value(fault: Any, model: Any, place: Place) -> str:
    if fault["type"] == "literal_error":
        allowed = str(fault["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return _suggest(str(fault["input"]), allowed)
    if isinstance(fault["input"], dict) and fault["type"] == "value_error":
        return "change one of them; a setting that is left out has its default"
    given = _PASSWORD.sub(r"\1***", repr(fault["input"]))
    return f"it is {given if len(given) < 80 else given[:80] + '...'}; {_describe_setting(model, place)}"


def _to_sentence(message: str) -> str:
    message = message.removeprefix("Value error, ").replace("Input should be", "The value must be")
    first = message.split(" ", 1)[0]
    is_key = "_" in first or first.endswith(":")
    sentence = message if is_key else message[:1].upper() + message[1:]
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."
