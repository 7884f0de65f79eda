"""Mapped columns as they are written to patron.yaml."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import yaml
from sqlglot import exp

from patron.errors import SettingsError
from patron.examples.first_mapping.questions import Question
from patron.examples.first_mapping.words import NestedName
from patron.ingest.number_formats import CURRENCY_SIGNS, NUMBER_FORMATS
from patron.ingest.profile.values import Values
from patron.project.mapping.expressions import parse


@dataclass(frozen=True)
class Mapped:
    """The value of a canonical column: an expression, the formats of its text, and why."""

    expression: str
    format: tuple[str, ...] = ()
    why: str = ""

    def write(self) -> str:
        """Write the value as YAML."""
        if not self.format:
            return write_scalar(self.expression)
        formats = [json.dumps(fmt, ensure_ascii=False) for fmt in self.format]
        listed = formats[0] if len(formats) == 1 else f"[{', '.join(formats)}]"
        return f"{{expression: {write_scalar(self.expression, in_braces=True)}, format: {listed}}}"


@dataclass
class EntityDraft:
    """The mapping of a table to one entity, before it is written. columns: canonical column -> value or question."""

    entity: str
    columns: dict[str, Mapped | Question] = field(default_factory=dict)
    where: str | None = None
    fill_down: list[str] = field(default_factory=list)
    has_shared_orders: bool = False
    explode: str | None = None


@dataclass
class SourceDraft:
    """The settings of one source, before they are written. left: column -> why it is not mapped."""

    name: str
    patterns: tuple[str, ...]
    entities: list[EntityDraft] = field(default_factory=list)
    lookups: dict[str, str] = field(default_factory=dict)
    null_values: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)


def write_scalar(text: str, *, in_braces: bool = False) -> str:
    """Write a text as a YAML scalar, with quotes where YAML would read something else."""
    try:
        is_plain = yaml.safe_load(f"a: {text}") == {"a": text}
    except (yaml.YAMLError, ValueError, AttributeError):  # such as a date that there is not, or a tag
        is_plain = False
    if is_plain and not (in_braces and re.search(r"[,\[\]{}]", text)) and not re.search(r"[&*#?|>%@`\"]", text[:1]):
        return text
    return "'" + text.replace("'", "''") + "'"


def name_column(name: str, lookup: str | None = None) -> str:
    """Write a column as an expression of its own: its name, in double quotes where SQL would read something else."""
    if isinstance(name, NestedName):
        return f"{lookup}.{name}" if lookup else str(name)
    if lookup is not None:
        return (
            f"{lookup}.{name}"
            if re.fullmatch(r"[A-Za-z_]\w*", name) and _is_column(name)
            else f"{lookup}.{quote(name)}"
        )
    return name if _is_column(name) else quote(name)


def quote(name: str) -> str:
    """Write a column's name inside an SQL expression."""
    if isinstance(name, NestedName):
        return str(name)
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) and _is_sql_name(name) else '"' + name.replace('"', '""') + '"'


def _is_column(text: str) -> bool:
    try:
        tree = parse(text, "")
    except SettingsError:
        return False
    return isinstance(tree, exp.Column) and tree.name == text


def _is_sql_name(text: str) -> bool:
    """Whether a name stands for a column in the middle of an expression, too."""
    try:
        tree = parse(f"{text} || ''", "")
    except SettingsError:
        return False
    return [column.name for column in tree.find_all(exp.Column)] == [text]


def map_text(name: str, lookup: str | None = None) -> Mapped:
    """Map a column as it is."""
    return Mapped(name_column(name, lookup))


def map_number(values: Values, lookup: str | None = None, why: str = "") -> Mapped:
    """Map a column of numbers, with the format in which they are written."""
    reading = values.numbers
    fmt = (reading.format,) if reading is not None and reading.format else ()
    return Mapped(name_column(values.name, lookup), fmt, why)


def map_time(values: Values, lookup: str | None = None) -> Mapped:
    """Map a column of times, with the formats in which they are written."""
    reading = values.times
    return Mapped(name_column(values.name, lookup), reading.formats if reading is not None else ())


def to_decimal(values: Values, sql_type: str = "decimal(12, 4)") -> str | None:
    """Write a column of numbers as an exact decimal in SQL; None where its negative numbers need more than a cast."""
    reading, name = values.numbers, quote(values.name)
    if reading is None:
        return None
    if reading.format is None:
        return f"cast({name} as {sql_type})"
    if any(text.startswith("(") or text.endswith("-") for text in values.texts):
        return None
    thousands, decimal = NUMBER_FORMATS[reading.format]
    signs = [sign for sign in CURRENCY_SIGNS + "%" if any(sign in text for text in values.texts)]
    for sign in dict.fromkeys([*signs, *thousands]):
        name = f"replace({name}, '{sign}', '')"
    name = name if decimal == "." else f"replace({name}, '{decimal}', '.')"
    return f"cast({name} as {sql_type})"
