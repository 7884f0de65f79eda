"""Traces the columns of one select to the columns of the tables that it reads, over its parsed SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from patron.transform.lineage.origin import Origin, combine, unite
from patron.transform.lineage.relation import Relation

ReadTable = Callable[[str], Relation]
"""Gives a table by its name, such as silver.order_lines."""


class UnknownColumnError(Exception):
    """A select names a column that nothing it reads has."""


def trace_select(tree: exp.Expression, read_table: ReadTable) -> Relation:
    """Trace a parsed select, or a union of some. Raises UnknownColumnError."""
    return _trace_query(tree, _Names(read_table, {}, {}, None))


class _Names:
    """What names mean in one select: common table expressions, relations by alias, and those of the select around."""

    def __init__(
        self, read_table: ReadTable, queries: Mapping[str, Relation], given: dict[str, Relation], outer: _Names | None
    ) -> None:
        self.read_table, self.queries, self.relations, self.outer = read_table, dict(queries), given, outer
        self.aliases: dict[str, Origin] = {}
        self.windows: dict[str, exp.Expression] = {}

    def inner(self) -> _Names:
        return _Names(self.read_table, self.queries, {}, self)

    def find(self, column: exp.Column) -> Origin:
        """Find the origin of a column. Raises UnknownColumnError."""
        found = self._find_qualified(column) if column.table else self._find_plain(column.name)
        if found is None and self.outer is not None:
            return self.outer.find(column)
        if found is None and column.table:  # a field of a column: arrived.name is then the column `arrived`
            found = self._find_plain(column.parts[0].name)
        if found is None:
            raise UnknownColumnError(column.sql())
        return found

    def _find_qualified(self, column: exp.Column) -> Origin | None:
        relation = self.relations.get(column.table.lower())
        return None if relation is None else relation.find(column.name)

    def _find_plain(self, name: str) -> Origin | None:
        """What is listed comes before what may be passed on. A column of several relations joins them."""
        listed = [each.columns[name.lower()] for each in self.relations.values() if name.lower() in each.columns]
        if listed:
            return listed[0] if len(listed) == 1 else unite(listed)
        if name.lower() in self.aliases:
            return self.aliases[name.lower()]
        passed = [found for each in self.relations.values() if (found := each.find(name)) is not None]
        return unite(passed) if passed else None


def _trace_query(tree: exp.Expression, names: _Names) -> Relation:
    for query in tree.ctes:
        relation = _trace_query(query.this, names.inner())
        alias = query.args["alias"]
        names.queries[query.alias.lower()] = relation.rename(one.name for one in alias.columns)
    if isinstance(tree, exp.SetOperation):
        return _trace_union(tree, names)
    if isinstance(tree, exp.Subquery):
        return _trace_query(tree.this, names)
    return _trace_one(tree, names)


def _trace_union(tree: exp.SetOperation, names: _Names) -> Relation:
    left, right = (_trace_query(side, names.inner()) for side in (tree.this, tree.expression))
    others = list(right.columns.values())
    columns = {
        name: unite([origin, *others[place : place + 1]]) for place, (name, origin) in enumerate(left.columns.items())
    }
    return Relation(columns, left.passes_on + right.passes_on, combine([left.rows, right.rows]))


def _trace_one(tree: exp.Expression, names: _Names) -> Relation:
    first = tree.args.get("from_")
    made = Relation()
    if first is not None:
        read = _add_source(first.this, names)
        made.rows, made.is_list = read.rows, read.is_list and not tree.args.get("joins")
    for join in tree.args.get("joins") or ():
        _add_join(join, names)
    for lateral in tree.args.get("laterals") or ():
        _add_source(lateral, names)
    names.windows = {window.name.lower(): window for window in tree.args.get("windows") or ()}
    for projection in tree.expressions:
        _add_projection(projection, names, made)
    made.rows = _find_row_origin(tree, names, made)
    return made


def _add_source(source: exp.Expression, names: _Names) -> Relation:
    alias, relation = _read_source(source, names)
    names.relations[alias.lower()] = relation
    return relation


def _add_join(join: exp.Join, names: _Names) -> None:
    """Add a joined relation. What is looked up in a list is made of what it is looked up by, too."""
    alias, relation = _read_source(join.this, names)
    names.relations[alias.lower()] = relation
    condition = join.args.get("on")
    if relation.is_list and condition is not None:
        by = combine(_find_origins(condition, names))
        looked_up = {name: combine([origin, by]) for name, origin in relation.columns.items()}
        names.relations[alias.lower()] = Relation(looked_up, relation.passes_on, relation.rows)


def _find_row_origin(tree: exp.Expression, names: _Names, made: Relation) -> Origin:
    """What decides how many rows there are: the keys of groups, or the rows of what it selects from."""
    if tree.args.get("distinct"):
        return combine(made.columns.values())
    grouped = tree.args.get("group")
    keys = [key for part in grouped.args.values() if isinstance(part, list) for key in part] if grouped else []
    return combine(_trace_key(key, names, made) for key in keys) if keys else made.rows


def _trace_key(key: exp.Expression, names: _Names, made: Relation) -> Origin:
    """A key of groups may be the number of a column in the select."""
    if isinstance(key, exp.Literal) and key.is_int:
        return list(made.columns.values())[int(key.name) - 1]
    return combine(_find_origins(key, names))


def _read_source(source: exp.Expression, names: _Names) -> tuple[str, Relation]:
    """Read what stands in a from or join: a table, a select, or a function that gives rows."""
    alias = source.args.get("alias")
    given = [column.name for column in alias.columns] if alias else []
    if isinstance(source, exp.Subquery):
        return source.alias, _trace_query(source.this, names.inner()).rename(given)
    if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
        return source.alias_or_name, _read_named(source, names).rename(given)
    origin = combine(_find_origins(source, names))
    return source.alias_or_name, Relation(dict.fromkeys([*map(str.lower, given), source.alias.lower()], origin))


def _read_named(table: exp.Table, names: _Names) -> Relation:
    known = names
    while not table.db and known is not None:
        if table.name.lower() in known.queries:
            return known.queries[table.name.lower()]
        if known.outer is None:
            break
        known = known.outer
    return names.read_table(f"{table.db}.{table.name}" if table.db else table.name)


def _add_projection(projection: exp.Expression, names: _Names, made: Relation) -> None:
    inner = projection.unalias()
    star = inner.this if isinstance(inner, exp.Column) else inner
    if isinstance(star, exp.Star):
        _add_star(star, inner.args.get("table"), names, made)
        return
    if isinstance(projection, exp.Aliases):
        for name in projection.aliases:
            made.columns[name.name.lower()] = _trace_value(projection.this, names)
        return
    origin = _trace_value(inner, names)
    made.columns[projection.output_name.lower()] = origin
    names.aliases[projection.output_name.lower()] = origin


def _add_star(star: exp.Star, table: exp.Identifier | None, names: _Names, made: Relation) -> None:
    left_out = {one.name.lower() for one in star.args.get("except_") or ()}
    replaced = {one.alias.lower(): one.this for one in star.args.get("replace") or ()}
    relations = [names.relations[table.name.lower()]] if table else list(names.relations.values())
    for relation in relations:
        for name, origin in relation.columns.items():
            if name not in left_out:
                value = replaced.get(name)
                made.columns[name] = origin if value is None else _trace_value(value, names)
        made.passes_on += relation.passes_on


def _trace_value(value: exp.Expression, names: _Names) -> Origin:
    while isinstance(value, exp.Paren):
        value = value.this
    if isinstance(value, exp.Column):
        return names.find(value)
    return combine(_find_origins(value, names))


def _find_origins(value: exp.Expression, names: _Names) -> Iterator[Origin]:
    """Find the origins of all that a value is computed from."""
    if isinstance(value, exp.Column) and not isinstance(value.this, exp.Star):
        yield names.find(value)
        return
    if isinstance(value, exp.Query):
        made = _trace_query(value, names.inner())
        yield from made.columns.values() if made.columns else [made.rows]
        return
    if _counts_rows(value):
        yield from (relation.rows for relation in list(names.relations.values())[:1])
    if isinstance(value, exp.Window) and value.alias.lower() in names.windows:
        yield from _find_origins(names.windows[value.alias.lower()], names)
    for part in value.iter_expressions():
        yield from _find_origins(part, names)


def _counts_rows(value: exp.Expression) -> bool:
    """Whether a value counts rows, whatever they hold: count(*), sum(1), row_number()."""
    is_count = isinstance(value, exp.AggFunc | exp.RowNumber | exp.Rank | exp.DenseRank)
    return is_count and not any(not isinstance(column.this, exp.Star) for column in value.find_all(exp.Column))
