"""A source's rows with the values that lie inside its columns, as JSON; and a row for each element of a list.

A value inside a column is a text column of its own, named for the keys that lead to it: `customer.email`. Where a
mapping explodes a list, its elements are the rows: `line_items` is then one element, and `line_items.sku` lies in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from patron.engines.dialects import find_dialect
from patron.ingest.column_names import join_nested
from patron.lake import ROWS_PER_BATCH, TECHNICAL_COLUMNS
from patron.project.mapping.expressions import column_key, find_nested, unknown_column
from patron.project.mapping.mappings import POSITION, EntityMapping
from patron.transform.render.type_casts import SourceShape
from patron.transform.render.write_sql import escape_jinja, quote_in_template

FAULT = "_nested_fault"
"""The column that says, in words, why a value inside a column could not be read; null if all could."""


def name_nested_rows(source: str, entity: str) -> str:
    """Return the name of the model that holds a source's rows for one entity."""
    return f"nested_{source}_{entity}"


def has_nested_rows(mapping: EntityMapping, shape: SourceShape) -> bool:
    """Return whether a mapping reads values inside columns, or elements of a list."""
    return bool(mapping.explode) or any(find_nested(name, shape.columns) for name in mapping.names)


def add_nested(shape: SourceShape, mapping: EntityMapping) -> SourceShape:
    """Return the shape of a source's rows as a mapping reads them."""
    if not has_nested_rows(mapping, shape):
        return shape
    extended = add_nested_names(shape, mapping.names)
    if not mapping.explode:
        return replace(extended, has_nested=True)
    exploded = find_exploded(mapping, shape)
    return replace(
        extended,
        columns={**extended.columns, POSITION: POSITION},
        text_columns=extended.text_columns | {exploded},
        has_nested=True,
        is_exploded=True,
    )


def add_nested_names(shape: SourceShape, names: Iterable[str]) -> SourceShape:
    """Return the shape with those of some names that lie inside columns, each a column of text."""
    nested = [name for name in names if find_nested(name, shape.columns)]
    columns = {**shape.columns, **{column_key(name): name for name in nested}}
    return replace(shape, columns=columns, text_columns=shape.text_columns | set(nested))


def render_nested_rows(source: str, mapping: EntityMapping, shape: SourceShape, dialect: str) -> str:
    """Render the model of a source's rows for one mapping; shape: of the rows as they arrive."""
    note = f"-- {source}: rendered from patron.yaml; change it there, not here\n"
    kept = "{{ config(materialized='table') }}\n\n" if find_dialect(dialect).forgets_views else ""
    explode = (find_exploded(mapping, shape), *mapping.explode[1:]) if mapping.explode else ()
    relation = f"{{{{ source_relation('{source}') }}}}"
    return f"{note}{kept}{render_nested(relation, mapping.names, explode, shape, dialect)}\n"


def render_nested(
    relation: str, names: Iterable[str], explode: tuple[str, ...], shape: SourceShape, dialect: str
) -> str:
    """Render the select of a relation's rows with the values that some names say; explode: the keys of the list."""
    return _Select(relation, list(names), explode, shape, dialect).render()


def find_exploded(mapping: EntityMapping, shape: SourceShape) -> str:
    """Return the column whose list is exploded. Raises SettingsError where the source has none of that name."""
    found = shape.columns.get(column_key(mapping.explode[0]))
    if found is None:
        where = f"sources.{shape.name}: explode: {join_nested(mapping.explode)}"
        raise unknown_column(mapping.explode[0], list(shape.own_columns), where)
    return found


@dataclass
class _Value:
    """A column, or a value inside one. path: the column and the keys. sql: the column of a step with its text."""

    path: tuple[str, ...]
    number: int
    sql: str = ""
    inner: dict[str, _Value] = field(default_factory=dict)
    is_list: bool = False
    parent: _Value | None = None

    @property
    def fault(self) -> str:
        """The condition under which it is neither empty nor an object whose fields can be read."""
        return f"trim({self.sql}) not in ('', '[]') and _fields_{self.number} is null"

    @property
    def words(self) -> str:
        name, first = join_nested(self.path), join_nested((*self.path, next(iter(self.inner))))
        said = f"{name}: not an object, so {first} cannot be read (the elements of a list need `explode`)"
        return escape_jinja("'" + said.replace("'", "''") + "'")


class _Select:
    """The select, built in steps: each reads the values of one level from the texts of the level above."""

    def __init__(
        self, relation: str, names: list[str], explode: tuple[str, ...], shape: SourceShape, dialect: str
    ) -> None:
        self.relation, self.alias, self.shape, self.dialect = relation, "arrived", shape, dialect
        self._steps, self._all = 0, list[_Value]()
        self._columns: dict[str, _Value] = {}
        found = {name: nested for name in names if (nested := find_nested(name, shape.columns))}
        self._named = {column_key(name): (name, self._find((column, *keys))) for name, (column, keys) in found.items()}
        self._lists = [self._find(explode[:depth]) for depth in range(1, len(explode) + 1)]
        for value in self._lists:
            value.is_list = True

    def _find(self, path: tuple[str, ...]) -> _Value:
        parent, known = None, self._columns
        for depth, key in enumerate(path, start=1):
            if key not in known:
                known[key] = _Value(path[:depth], len(self._all), parent=parent)
                self._all.append(known[key])
            parent, known = known[key], known[key].inner
        assert parent is not None
        return parent

    def render(self) -> str:
        level = list(self._columns.values())
        self._step([f"{self._read_column(value)} as _value_{value.number}" for value in level])
        while level:
            for value in level:
                value.sql = f"_value_{value.number}"
                if value.is_list:
                    self._explode(value)
            level = self._read_level([value for value in level if value.inner])
        listed = ",\n    ".join(self._list_columns())
        return f"select\n    {listed}\nfrom {self.relation} as {self.alias}"

    def _step(self, columns: list[str]) -> None:
        if columns:
            self._steps += 1
            self.relation = f"(\nselect *, {', '.join(columns)}\nfrom {self.relation} as {self.alias}\n)"
            self.alias = f"step_{self._steps}"

    def _read_column(self, value: _Value) -> str:
        quoted = self._quote(value.path[0])
        return quoted if value.path[0] in self.shape.text_columns else f"{{{{ json_text({quoted!r}) }}}}"

    def _read_level(self, values: list[_Value]) -> list[_Value]:
        """Read the fields of each value, and give those fields."""
        self._step([f"{{{{ json_fields('{v.sql}', {list(v.inner)!r}) }}}} as _fields_{v.number}" for v in values])
        self._step(
            [
                f"{{{{ json_field('_fields_{value.number}', {place}, {key!r}) }}}} as _value_{inner.number}"
                for value in values
                for place, (key, inner) in enumerate(value.inner.items(), start=1)
            ]
        )
        return [inner for value in values for inner in value.inner.values()]

    def _explode(self, value: _Value) -> None:
        """Make a row of each element. Where the list cannot be read, one row stays, to be set aside."""
        above = self._lists[: self._lists.index(value)]
        unknown = " or ".join(f"coalesce({one.fault}, false)" for one in above) or "1 = 0"
        number = value.number
        self._step([f"{{{{ json_elements('{value.sql}', {unknown!r}) }}}} as _list_{number}"])
        arguments = f"'{self.alias}', '_list_{number}', '_element_{number}', '_place_{number}'"
        self._steps += 1
        self.relation = (
            f"(\nselect {{{{ element_columns({arguments}) }}}}\nfrom {self.relation} as {self.alias}"
            f"{{{{ element_join({arguments}) }}}}\n)"
        )
        self.alias = f"step_{self._steps}"
        value.sql = f"_element_{number}"

    def _list_columns(self) -> list[str]:
        first = self._lists[0] if self._lists else None
        columns = [
            f"{first.sql} as {self._quote(name)}" if first and name == first.path[0] else self._quote(name)
            for name in self.shape.columns.values()
        ]
        columns += [f"{value.sql} as {self._quote(name)}" for name, value in self._named.values()]
        cases = " ".join(f"when {value.fault} then {value.words}" for value in self._all if value.inner)
        columns.append(f"case {cases} end as {FAULT}" if cases else f"cast(null as {{{{ type_text() }}}}) as {FAULT}")
        return [*columns, *self._list_technical_columns()]

    def _list_technical_columns(self) -> list[str]:
        """The technical columns. Elements are counted anew in each landing: their keys stay unique, and they grow."""
        if not self._lists:
            return list(TECHNICAL_COLUMNS)
        places = [f"_place_{value.number}" for value in self._lists]
        order = ", ".join(["_row_key", *places])
        number = f"row_number() over (partition by _batch_id order by {order})"
        key = f"_batch_id * {ROWS_PER_BATCH} + {number} - 1 as _row_key"
        position = f"{places[0]} + 1"
        if len(places) > 1:
            position = f"row_number() over (partition by _row_key order by {', '.join(places)})"
        return [f"{position} as {POSITION}", *(key if name == "_row_key" else name for name in TECHNICAL_COLUMNS)]

    def _quote(self, name: str) -> str:
        return quote_in_template(name, self.dialect)
