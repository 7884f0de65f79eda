"""Explains what pydantic found wrong in patron.yaml: key, line, allowed values and nearest spelling."""

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
"""What follows the user's name in a URL, or `password=`: never repeated."""

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
    """Turn the most telling fault into a SettingsError that says what to write instead."""
    fault = _choose_fault(error.errors())
    place = _real_place(fault["loc"], content)
    where = format_where(path, lines, tuple(part if isinstance(part, int) else str(part) for part in place))
    what, do = _explain_fault(fault, model, place)
    return SettingsError(what, where=where, do=do)


def _explain_fault(fault: Any, model: Any, place: Place) -> tuple[str, str]:
    kind, name = fault["type"], str(place[-1]) if place else "top level"
    if kind == "extra_forbidden":
        return f"There is no setting {name!r} here.", _suggest(name, _known_keys(model, place[:-1]))
    if kind == "explained":
        return _sentence(fault["msg"]), fault["ctx"]["do"]
    if kind == "missing":
        return f"The setting {name!r} is missing.", f"add it; {_meaning(model, place)}"
    if fault["loc"][-1:] == ("[key]",) or kind == "invalid_key":
        return f"{name!r} cannot be a name.", "use lowercase letters, digits and _, starting with a letter"
    return _EXPECTED.get(kind) or _sentence(fault["msg"]), _value_hint(fault, model, place)


def _choose_fault(faults: list[Any]) -> Any:
    """A misspelt key says more than the setting that is missing for it."""
    return next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])


def _real_place(loc: tuple[str | int, ...], content: Any) -> Place:
    """pydantic's location without the names of union members, which are no keys of the file."""
    place: list[str | int] = []
    for part in loc:
        inside = _inside(content, part)
        if inside is None and (part == "[key]" or part is not loc[-1] or not isinstance(content, dict)):
            continue
        content = inside
        place.append(part)
    return tuple(place)


def _inside(content: Any, part: str | int) -> Any:
    """What stands in a mapping or a list under a key or a number; None where nothing does."""
    try:
        return content[part] if isinstance(content, dict | list) else None  # type: ignore[index]
    except (KeyError, IndexError, TypeError):
        return None


def _meaning(model: Any, place: Place) -> str:
    """What the setting is for, by its own description."""
    place = tuple(part for part in place if not isinstance(part, int))
    for part in place[:-1]:
        model = _step(model, part)
    is_model = isinstance(model, type) and issubclass(model, BaseModel)
    field = model.model_fields.get(str(place[-1])) if is_model and place else None
    return f"{place[-1]}: {field.description}" if field is not None and field.description else "see docs/patron-yaml.md"


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


def _suggest(word: str, known: list[str]) -> str:
    return did_you_mean(word, known, f"allowed here: {', '.join(known)}") if known else "remove it"


def _value_hint(fault: Any, model: Any, place: Place) -> str:
    if fault["type"] == "literal_error":
        allowed = str(fault["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return _suggest(str(fault["input"]), allowed)
    if isinstance(fault["input"], dict) and fault["type"] == "value_error":
        return "change one of them; a setting that is left out has its default"
    said = _PASSWORD.sub(r"\1***", repr(fault["input"]))
    return f"it is {said if len(said) < 80 else said[:80] + '...'}; {_meaning(model, place)}"


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ").replace("Input should be", "The value must be")
    first = message.split(" ", 1)[0]
    is_key = "_" in first or first.endswith(":")
    sentence = message if is_key else message[:1].upper() + message[1:]
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."
