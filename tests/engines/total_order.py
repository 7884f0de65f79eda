"""Windows whose answer could hang on the engine's luck: rows that the order leaves side by side in any order.

A window is safe where its partition and order hold a key of the rows it runs over. The key is what the model's yml
declares, or what the rows were grouped by; of elements of lists also their place. Joins are taken for n to 1, which no reader of SQL can know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

Keys = Mapping[str, frozenset[str]]

_BY_POSITION = (exp.RowNumber, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)


def doubtful_windows(tree: exp.Expression, keys: Keys) -> Iterator[str]:
    """The windows of a statement that have no tie-break, as SQL. keys: table -> its key."""
    for window in tree.find_all(exp.Window):
        select = window.find_ancestor(exp.Select)
        if not _hangs_on_order(window) or select is None:
            continue
        sorted_by = {column.name for column in _plain_columns(window)}
        key = _key_of_rows(select, keys)
        if not (key <= sorted_by if key else _ends_in_id(window)):
            yield f"{window.sql()} over rows with the key {sorted(key or [])}"


def _hangs_on_order(window: exp.Window) -> bool:
    function = window.this.this if isinstance(window.this, exp.IgnoreNulls | exp.RespectNulls) else window.this
    spec = window.args.get("spec")
    by_rows = spec is not None and str(spec.args.get("kind")).upper() == "ROWS"
    return isinstance(function, _BY_POSITION) or by_rows


def _plain_columns(window: exp.Window) -> list[exp.Column]:
    order = window.args.get("order")
    ordered = [term.this for term in order.expressions] if order else []
    return [term for term in [*window.args.get("partition_by", []), *ordered] if isinstance(term, exp.Column)]


def _ends_in_id(window: exp.Window) -> bool:
    columns = _plain_columns(window)
    return bool(columns) and columns[-1].name.endswith(("_id", "_key"))


def _key_of_rows(select: exp.Select, keys: Keys) -> frozenset[str] | None:
    """The key of the rows that a select reads, after its own grouping."""
    group = select.args.get("group")
    if group:
        return frozenset(term.name for term in group.expressions if isinstance(term, exp.Column))
    source = select.args["from_"].this if select.args.get("from_") else None
    if isinstance(source, exp.Subquery):
        return _key_of_query(source.this, keys)
    if not isinstance(source, exp.Table):
        return None
    if source.db:
        return keys.get(source.name)
    named = next((cte for cte in _ctes(select) if cte.alias == source.name), None)
    return _key_of_query(named.this, keys) if named else None


def _ctes(node: exp.Expression) -> Iterator[exp.CTE]:
    scope: exp.Expression | None = node
    while scope is not None:
        with_ = scope.args.get("with_")
        yield from with_.expressions if with_ else []
        scope = scope.parent


def _key_of_query(query: exp.Expression, keys: Keys) -> frozenset[str] | None:
    """The key of what a query gives, by the names that it gives them."""
    if not isinstance(query, exp.Select):
        return None
    key = _key_of_rows(query, keys)
    renamed = {
        column.this.name: column.alias for column in query.expressions
        if isinstance(column, exp.Alias) and isinstance(column.this, exp.Column)
    }  # fmt: skip
    return frozenset(renamed.get(name, name) for name in key) | _places_of_elements(query) if key else None


def _places_of_elements(query: exp.Select) -> frozenset[str]:
    """Where a select makes a row of each element of a list: the columns that say which element it is."""
    return frozenset(
        column.alias
        for column in query.expressions
        if isinstance(column, exp.Alias)
        for function in column.find_all(exp.Anonymous)
        if function.name.lower() == "generate_subscripts"
    )
