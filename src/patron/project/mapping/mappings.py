"""The mappings of sources to canonical entities, with parsed expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from patron.contract.entities import load_entities
from patron.project.mapping.expressions import Expression

POSITION = "_position"
"""The column of exploded rows that says which element of its row's list each is, from 1."""


@dataclass(frozen=True)
class ColumnMapping:
    """The mapping of a source to one canonical column.

    expression: the value; None for a column of attributes. attributes: the source's columns that attributes consist
    of; none for all that nothing else reads. format: how times or numbers are written. optional: whether the columns
    of the expression may be missing.
    """

    where: str
    expression: Expression | None = None
    attributes: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    optional: bool = False

    @property
    def columns(self) -> list[str]:
        """Return the source's columns that are read by name."""
        return list(self.attributes) if self.expression is None else self.expression.columns


@dataclass(frozen=True)
class EntityMapping:
    """The mapping of a source to one canonical entity.

    columns: canonical column -> its mapping. where: the condition for rows of the entity. deleted_when: the condition
    for rows that delete their key. key, namespace, fill_down, own_amounts, whole_orders, numbers_restart: as in
    patron.yaml.
    explode: the keys that lead to the list whose elements are the rows; none if the source's own rows are.
    """

    columns: dict[str, ColumnMapping]
    where: Expression | None = None
    deleted_when: Expression | None = None
    key: tuple[str, ...] = ()
    namespace: Mapping[str, str] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    whole_orders: bool = False
    own_amounts: tuple[str, ...] = ()
    explode: tuple[str, ...] = ()
    numbers_restart: str | None = None

    @property
    def is_keyed(self) -> bool:
        """Whether it says which of two rows counts."""
        return bool(self.key) or self.whole_orders

    @property
    def names(self) -> list[str]:
        """Return every name of a source column, or of a value inside one, that the mapping reads."""
        read = [name for column in self.columns.values() for name in column.columns]
        return list(dict.fromkeys([*read, *(name for each in self.conditions for name in each.columns)]))

    @property
    def conditions(self) -> list[Expression]:
        """Return `where` and `deleted_when`, if they are set."""
        return [condition for condition in (self.where, self.deleted_when) if condition is not None]


@dataclass(frozen=True)
class SourceMapping:
    """The mappings of one source.

    lookups: name -> {their column: the expression that equals it}. extract_stamp: the time stamp of the full extract
    that a row belongs to; None if files add rows.
    """

    entities: dict[str, EntityMapping]
    lookups: dict[str, dict[str, Expression]]
    extract_stamp: ColumnMapping | None = None

    @property
    def newest_counts(self) -> bool:
        """Whether it says of every entity which of two rows counts; of things their ids do."""
        events = (
            load_entities()[name].kind == "event" and not mapping.is_keyed for name, mapping in self.entities.items()
        )
        return self.extract_stamp is not None or not any(events)

    @property
    def names(self) -> list[str]:
        """Return every name of a source column, or of a value inside one, that mappings and lookups read."""
        keys = (name for lookup in self.lookups.values() for own in lookup.values() for name in own.columns)
        return list(dict.fromkeys([*(name for one in self.entities.values() for name in one.names), *keys]))
