"""The mapping of an entity as one plain staging model: each source's rows renamed, typed, and checked."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import replace
from functools import cache

from sqlglot import exp

from patron.contract.entities import AMOUNTS_BELOW, EVENT_DAYS, Column, Entity
from patron.engines.dialects import find_dialect
from patron.lake import DELETED
from patron.project.mapping.expressions import Expression, added_name, cast, parse
from patron.project.mapping.mappings import POSITION, EntityMapping
from patron.project.mapping.order_values import WHOLE_ORDER_AMOUNTS
from patron.project.mapping.safe_expressions import make_safe
from patron.project.project import Project
from patron.transform.render import attributes, customer_ids
from patron.transform.render.customer_ids import CustomerId, read_customer_id
from patron.transform.render.empty_staging import find_text_type, render_empty
from patron.transform.render.nested_rows import FAULT, add_nested, name_nested_rows
from patron.transform.render.type_casts import Conversion, SourceShape, convert
from patron.transform.render.write_sql import quote_in_template, write_template

INDENT = "        "
_PERIOD_LENGTHS = {"day": 10, "month": 7, "year": 4}
"""How much of 2024-03-01 names a period."""

_DAY_AFTER_LANDING = parse("cast(_ingested_at as timestamp) + interval 1 day", "staging.py")
"""Landing is in UTC, and events are in the shop's time, at most 14 hours ahead."""


def render_staging(project: Project, entity: Entity, shapes: MappingType[str, SourceShape], dialect: str) -> str:
    """Render the dbt model stg_<entity>: a union of one select per source, or a typed empty select if none is mapped.

    Columns: source_name, source_rank, id_namespace, _row_key, _batch_id, _source_file, the entity's columns,
    _entity_key (null if every row counts), _is_deleted, quarantine_reason (null if the row is good), and
    raw_row (JSON).
    """
    mappings = project.mappings_of(entity.name)
    filling = {**mappings, **(project.orders_as_lines() if entity.name == "order_lines" else {})}
    is_table = is_staged_as_table(dialect, [add_nested(shapes[source], one) for source, one in filling.items()])
    selects = [
        _Select(project, entity, mapping, shapes[source], rank, dialect).render(is_table)
        for rank, (source, mapping) in enumerate(mappings.items(), start=1)
    ]
    if entity.name == "order_lines":
        selects += _render_orders_as_lines(project, shapes, len(selects), dialect, is_table)
    if not selects:
        return _render_header(entity, is_staged_as_table(dialect, ())) + render_empty(entity, dialect)
    return _render_header(entity, is_table) + "\n\nunion all\n\n".join(selects) + "\n"


def render_source(project: Project, entity: Entity, mapping: EntityMapping, shape: SourceShape, dialect: str) -> str:
    """Render the select of one source alone."""
    return _Select(project, entity, mapping, shape, 1, dialect).render(is_table=False)


def is_staged_as_table(dialect: str, shapes: Iterable[SourceShape]) -> bool:
    """Whether staged rows are a table, not a view.

    Silver, the quarantine and the ledger each read them: parsing text or looking up three times costs more than writing
    the rows once. Native types are read fast enough for a view. On Spark always a table, since its local catalogue
    forgets views when a process ends.
    """
    return find_dialect(dialect).forgets_views or any(shape.is_text or shape.has_added_columns for shape in shapes)


def _render_header(entity: Entity, is_table: bool) -> str:
    note = "rendered from patron.yaml; change the mapping there, not here"
    config = "{{ refresh(by=['_batch_id']) }}\n\n" if is_table else ""
    return f"-- {entity.name}: {note}\n{config}"


def is_keyed(project: Project, entity: Entity) -> bool:
    """Whether any source can hold two rows of one thing, so that silver must look for the latest."""
    if entity.kind == "thing":
        return bool(project.mappings_of(entity.name))
    if project.settings.rules.exact_duplicates == "drop":
        return True
    sources = list(project.mappings_of(entity.name).values())
    names = list(project.mappings_of(entity.name))
    if entity.name == "order_lines":
        sources += project.orders_as_lines().values()
        names += project.orders_as_lines()
    is_changelog = any(project.settings.sources[name].kind.is_changelog for name in names)
    return is_changelog or any(mapping.key for mapping in sources)


class _Select:
    """One source's select."""

    def __init__(
        self, project: Project, entity: Entity, mapping: EntityMapping, shape: SourceShape, rank: int, dialect: str
    ) -> None:
        self.project, self.entity, self.mapping = project, entity, mapping
        self.shape, self.rank, self.dialect = add_nested(shape, mapping), rank, dialect
        self.customer: CustomerId | None = None
        self.read_once: dict[str, exp.Expression] = {}
        self._event_time: exp.Expression = exp.null()
        self._sql_by_tree: dict[int, tuple[exp.Expression, str]] = {}

    def render(self, is_table: bool) -> str:
        conversions = [self._conversion(column) for column in self.entity.columns.values()]
        self._event_time = next((c.value for c in conversions if c.column.name == self.entity.event_time), exp.null())
        columns = [*self._lineage(), *(self._column(c) for c in conversions), *self._key(conversions)]
        limits = self._limits(conversions)
        doubtful = self._build_suspicion(conversions, limits)
        columns += [f"{self._is_deleted()} as _is_deleted"]
        columns += [f"{self._reason(conversions, limits, doubtful)} as quarantine_reason", self._raw_row(doubtful)]
        body = f",\n{INDENT[:4]}".join(columns)
        bronze = f"source_relation('{self.shape.name}')"
        if self.shape.has_nested:
            bronze = f"ref('{name_nested_rows(self.shape.name, self.entity.name)}')"
        bronze = f"new_rows({bronze})" if is_table else bronze
        return f"select\n    {body}\n{self._from(f'{{{{ {bronze} }}}}')}"

    def _from(self, rows: str) -> str:
        """The rows that belong to the entity, with customer's id and numbers computed once for all that reads them."""
        conditions = [self._condition(self.mapping.where)] if self.mapping.where else []
        customer, once = self.customer, dict(self.read_once)
        if customer is not None and customer.given is not None:
            once[customer_ids.GIVEN.name] = customer.given
        if once:
            given = ", ".join(f"{self._write(value)} as {name}" for name, value in once.items())
            rows = f"(\n    select arrived.*, {given}\n    from {rows} as arrived{_where(conditions)}\n)"
            conditions = []
        if customer is not None and customer.guest is not None and customer_ids.is_needed(self.entity):
            conditions.append(f"not {self._write(customer.guest)}")
        return f"from {rows} as arrived{_where(conditions)}"

    def _identify(self, conversion: Conversion) -> Conversion:
        """The customer's id as it counts: null for a guest, an e-mail address in lower case."""
        mapped = self.mapping.columns.get(conversion.column.name)
        self.customer = read_customer_id(conversion, mapped, self.shape, self.project.settings.customers)
        return conversion if self.customer is None else replace(conversion, value=self.customer.value)

    def _read_once(self, conversion: Conversion) -> Conversion:
        """A number that is parsed from text, by the name under which the rows have it."""
        value = conversion.value
        inner = value.this if isinstance(value, exp.Coalesce) and conversion.column.default is not None else value
        if not any(column.name in self.shape.text_columns for column in inner.find_all(exp.Column)):
            return conversion
        once = exp.column(f"_{conversion.column.name}")
        self.read_once[once.name] = inner.copy()

        def refer(tree: exp.Expression | None) -> exp.Expression | None:
            return tree and tree.copy().transform(lambda node: once.copy() if node == inner else node)

        return replace(conversion, value=refer(value) or value, failed=refer(conversion.failed))

    def _lineage(self) -> list[str]:
        shared = self.mapping.namespace.get(self.entity.id) == "shop"
        namespace = "shop" if self.entity.kind == "event" and shared else self.shape.name
        return [
            f"'{self.shape.name}' as source_name",
            f"{self.rank} as source_rank",
            f"'{namespace}' as id_namespace",
            "_row_key",
            "_batch_id",
            "_source_file",
            *self._landing_time(),
        ]

    def _landing_time(self) -> list[str]:
        """When a row landed, in the shop's time, if a change of its status tells the day of a refund."""
        if not self.project.order_values.refunds_by_status or self.entity.name not in ("order_lines", "orders"):
            return []
        local = f"cast(_ingested_at as timestamp) at time zone 'UTC' at time zone '{self.shape.timezone}'"
        return [f"{self._write(parse(local, 'staging.py'))} as _landed_at"]

    def _conversion(self, column: Column) -> Conversion:
        if column.type == attributes.TYPE:
            return Conversion(column, attributes.make_placeholder(column), None, None)
        conversion = convert(self._with_alternative(column), self.mapping.columns.get(column.name), self.shape)
        if column.name == customer_ids.COLUMN:
            conversion = self._identify(conversion)
        if column.is_limited:
            conversion = self._read_once(conversion)
        return self._fill_down(conversion) if column.name in self.mapping.fill_down else conversion

    def _fill_down(self, conversion: Conversion) -> Conversion:
        """A blank takes the value of an earlier row of its order in the same file, which lands whole or not at all.

        Of the same landing, too: another file may come under the same name, and a later build sees its rows alone.
        """
        order = convert(self.entity.columns[self.entity.id], self.mapping.columns[self.entity.id], self.shape).value
        earlier = exp.Window(
            this=exp.IgnoreNulls(this=exp.LastValue(this=conversion.value.copy())),
            partition_by=[exp.column("_batch_id"), exp.column("_source_file"), order.copy()],
            order=exp.Order(expressions=[exp.Ordered(this=exp.column("_row_key"))]),
            spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
        )
        return replace(conversion, value=earlier)

    def _with_alternative(self, column: Column) -> Column:
        """A column and its alternative: the one that is mapped alone is required; of both, each row needs one."""
        if column.unless in self.mapping.columns:
            return replace(column, required=False)
        replaced = next((c for c in self.entity.columns.values() if c.unless == column.name), None)
        is_alone = replaced is not None and replaced.name not in self.mapping.columns
        return replace(column, required=True) if is_alone and column.name in self.mapping.columns else column

    def _column(self, conversion: Conversion) -> str:
        column = conversion.column
        if column.type == attributes.TYPE and column.name in self.mapping.columns:
            value = attributes.render_attributes(self.mapping, column.name, self.shape, self.dialect)
            return f"{value} as {column.name}"
        return f"{self._value(conversion)} as {conversion.column.name}"

    def _value(self, conversion: Conversion) -> str:
        value = self._write(conversion.value)
        name = conversion.column.name
        own = self.mapping.namespace.get(name) == "source"
        if own and name != (self.entity.id if self.entity.kind == "event" else None):
            return f"'{self.shape.name}:' || {value}"
        return self._with_period(value) if name == self.entity.id and self.mapping.numbers_restart else value

    def _with_period(self, number: str) -> str:
        """An order's number with the day, month or year in which it is told from others."""
        day = self._write(cast(self._event_time.copy(), "date"))
        length = _PERIOD_LENGTHS[self.mapping.numbers_restart or "day"]
        return f"{number} || ' @ ' || substring(cast({day} as {self._text_type}), 1, {length})"

    def _key(self, conversions: list[Conversion]) -> list[str]:
        """The text that tells one row of the entity from another; null: each row stands."""
        by_name = {c.column.name: c for c in conversions}
        if self.entity.kind == "thing":
            return [f"{self._value(by_name[self.entity.id])} as _entity_key"]
        if self.mapping.key:
            parts = [self._key_part(by_name[name]) for name in self.mapping.key]
            return [" || '|' || ".join([*self._namespace_part(), *parts]) + " as _entity_key"]
        if self.shape.is_changelog and self.shape.source_key:
            return [" || '|' || ".join([f"'{self.shape.name}'", *self._source_key()]) + " as _entity_key"]
        if self.project.settings.rules.exact_duplicates == "drop":
            position = f" || '#' || cast({POSITION} as {self._text_type})" if self.shape.is_exploded else ""
            return [f"{{{{ row_fingerprint({self._bronze_columns()}) }}}}{position} as _entity_key"]
        if is_keyed(self.project, self.entity):  # through another source; here each row is one of its own
            return [f"'{self.shape.name}#' || cast(_row_key as {self._text_type}) as _entity_key"]
        return [f"cast(null as {self._text_type}) as _entity_key"]

    def _is_deleted(self) -> str:
        conditions = [DELETED] if self.shape.is_changelog else []
        if self.mapping.deleted_when is not None:
            conditions.append(self._condition(self.mapping.deleted_when))
        return " or ".join(f"coalesce({condition}, false)" for condition in conditions) or "false"

    def _source_key(self) -> list[str]:
        """Where the mapping names no key, a row of a changelog is known by the source's own."""
        return [self._prefix_length(quote_in_template(name, self.dialect)) for name in self.shape.source_key]

    def _key_part(self, conversion: Conversion) -> str:
        return self._prefix_length(self._value(conversion))

    def _prefix_length(self, value: str) -> str:
        """A value with its length before it, so that no two different keys read alike."""
        text = f"coalesce(cast({value} as {self._text_type}), '')"
        return f"cast(length({text}) as {self._text_type}) || ':' || {text}"

    def _namespace_part(self) -> list[str]:
        shared = self.mapping.namespace.get(self.entity.id) == "shop"
        return ["'shop'"] if shared else [f"'{self.shape.name}'"]

    def _build_suspicion(self, conversions: list[Conversion], limits: list[tuple[str, str]]) -> str | None:
        """A cheap test that every bad row passes, so that good rows never reach the words."""
        tests = [self._suspect(c) for c in conversions if c.failed is not None or c.missing is not None]
        tests += [f"{FAULT} is not null"] if self.shape.has_nested else []
        tests += [test for test, _ in limits]
        return " or ".join(tests) if tests else None

    def _suspect(self, conversion: Conversion) -> str:
        if conversion.failed is not None and (conversion.column.is_text or conversion.failed.find(exp.Or)):
            null = f"{self._write(conversion.value)} is null or " if conversion.missing is not None else ""
            return f"{null}({self._write(conversion.failed)})"
        plain = conversion.value
        if conversion.column.default is not None and isinstance(plain, exp.Coalesce):
            plain = plain.this
        return f"({self._write(plain)}) is null"

    def _limits(self, conversions: list[Conversion]) -> list[tuple[str, str]]:
        """The contract's limits, over this source's values; in floating point, where nothing overflows."""
        values = {c.column.name: cast(exp.paren(c.value.copy()), "double") for c in conversions}

        def with_value(node: exp.Expression) -> exp.Expression:
            return values[node.name].copy() if isinstance(node, exp.Column) else node

        limits = self._amount_limits(conversions)
        for limit in self.entity.limits:
            size = _parse_limit(limit.of).transform(with_value)
            limits.append((f"abs({self._write(size)}) >= {limit.below}", f"'{limit.reason}'"))
        limits += self._missing_alternatives(conversions)
        return [*limits, *self._minimum_limits(conversions), *self._time_limits(conversions)]

    def _amount_limits(self, conversions: list[Conversion]) -> list[tuple[str, str]]:
        """Amounts so large that sums of a line's amounts would not fit."""
        return [
            (f"abs({self._write(c.value)}) >= {AMOUNTS_BELOW}", f"'{c.column.name}: more than 13 digits'")
            for c in conversions
            if c.column.is_limited and c.column.name in self.mapping.columns
        ]

    def _missing_alternatives(self, conversions: list[Conversion]) -> list[tuple[str, str]]:
        """Rows where a column and the one that may take its place are both blank."""
        values = {c.column.name: self._write(c.value) for c in conversions}
        return [
            (
                f"({values[name]}) is null and ({values[column.unless]}) is null",
                f"'{name}: required, but blank, and so is {column.unless}'",
            )
            for name, column in self.entity.columns.items()
            if column.unless and {name, column.unless} <= self.mapping.columns.keys()
        ]

    def _minimum_limits(self, conversions: list[Conversion]) -> list[tuple[str, str]]:
        """Columns that the contract counts from a least value on, such as a discount as a positive number."""
        return [
            (f"({self._write(c.value)}) < {c.column.least}", f"'{c.column.name}: below {c.column.least}'")
            for c in conversions
            if c.column.least is not None and c.column.name in self.mapping.columns
        ]

    def _time_limits(self, conversions: list[Conversion]) -> list[tuple[str, str]]:
        """An event outside the days that a calendar can hold: a slip of the pen, or a stand-in such as 9999."""
        first, last = EVENT_DAYS
        ends = [self._write(cast(exp.Literal.string(day), "timestamp")) for day in EVENT_DAYS]
        limits = []
        for conversion in conversions:
            if conversion.column.name == self.entity.event_time:
                name, value = conversion.column.name, self._write(conversion.value)
                limits.append(
                    (f"({value}) not between {ends[0]} and {ends[1]}", f"'{name}: not from {first} to {last}'")
                )
                limits += self._quarantine_limits(name, value)
        return limits

    def _quarantine_limits(self, name: str, value: str) -> list[tuple[str, str]]:
        """Events at times that patron.yaml wants set aside."""
        settings, limits = self.project.settings.quarantine, list[tuple[str, str]]()
        if settings.future_events:
            limits.append((f"({value}) > {self._write(_DAY_AFTER_LANDING)}", f"'{name}: after it landed'"))
        if settings.events_before:
            first = settings.events_before.isoformat()
            start = self._write(cast(exp.Literal.string(first), "timestamp"))
            limits.append((f"({value}) < {start}", f"'{name}: before {first}'"))
        return limits

    def _reason(self, conversions: list[Conversion], limits: list[tuple[str, str]], doubtful: str | None) -> str:
        """Why a row is bad: the first fault found, with the value as it came."""
        branches = [(f"{FAULT} is not null", FAULT)] if self.shape.has_nested else []
        branches += [b for c in conversions for b in self._branches(c)] + limits
        if not doubtful:
            return f"cast(null as {self._text_type})"
        inner = "".join(f"\n{INDENT}when {condition} then {words}" for condition, words in branches)
        return f"case when {doubtful} then case{self._accept_deletion(conversions)}{inner}\n    end end"

    def _accept_deletion(self, conversions: list[Conversion]) -> str:
        """A row that deletes its key is good as soon as it has one."""
        if self.mapping.deleted_when is None and not self.shape.is_changelog:
            return ""
        named = [self.entity.id] if self.entity.kind == "thing" else self.mapping.key
        has_key = " and ".join(f"{self._value(c)} is not null" for c in conversions if c.column.name in named)
        condition = " and ".join([f"({self._is_deleted()})", *([has_key] if has_key else [])])
        return f"\n{INDENT}when {condition} then null"

    def _branches(self, conversion: Conversion) -> list[tuple[str, str]]:
        name, branches = conversion.column.name, []
        if conversion.failed is not None:
            shown = self._write(conversion.shown) if conversion.shown is not None else "''"
            sql_type = conversion.column.sql_type
            kind = "valid text" if sql_type == "text" else f"a valid {sql_type}"
            branches.append((self._write(conversion.failed), f"'{name}: ' || {shown} || ' is not {kind}'"))
        if conversion.missing is not None and name in self.mapping.columns:
            branches.append((self._write(conversion.missing), f"'{name}: {self._explain_missing(conversion)}'"))
        return branches

    def _explain_missing(self, conversion: Conversion) -> str:
        read = {column.name for column in conversion.value.find_all(exp.Column)}
        into = [name for name in self.shape.lookups if any(c.startswith(added_name(name, "")) for c in read)]
        return f"nothing found in {' or '.join(into)}" if into else "required, but blank"

    def _raw_row(self, doubtful: str | None) -> str:
        if not doubtful:
            return f"cast(null as {self._text_type}) as raw_row"
        return f"case when {doubtful} then {{{{ raw_row({self._bronze_columns()}) }}}} end as raw_row"

    def _bronze_columns(self) -> list[str]:
        return list(self.shape.own_columns)

    def _condition(self, condition: Expression) -> str:
        return self._write(make_safe(condition.bind(self.shape.columns)).value)

    def _write(self, tree: exp.Expression) -> str:
        """A column's value stands in several places; it is written once. The tree is kept, and with it its id."""
        if id(tree) not in self._sql_by_tree:
            self._sql_by_tree[id(tree)] = tree, write_template(tree, self.dialect)
        return self._sql_by_tree[id(tree)][1]

    @property
    def _text_type(self) -> str:
        return find_text_type(self.dialect)


def _where(conditions: list[str]) -> str:
    return f"\nwhere {' and '.join(f'({condition})' for condition in conditions)}" if conditions else ""


@cache
def _parse_limit(text: str) -> exp.Expression:
    """The contract's expression of a limit; `transform` gives a changed copy."""
    return parse(text, "entities.yml")


def _render_orders_as_lines(
    project: Project, shapes: MappingType[str, SourceShape], rank: int, dialect: str, is_table: bool
) -> list[str]:
    """Turn a source of orders without lines into one line per order: one piece at the order's amount."""
    from patron.contract.entities import load_entities

    selects = []
    for source, mapping in project.orders_as_lines().items():
        rank += 1
        shared = {n: c for n, c in mapping.columns.items() if n in load_entities()["order_lines"].columns}
        amount = mapping.columns["order_amount"]
        columns = {name: c for name, c in shared.items() if name not in WHOLE_ORDER_AMOUNTS} | {"unit_price": amount}
        columns |= {line: mapping.columns[o] for o, line in WHOLE_ORDER_AMOUNTS.items() if o in mapping.columns}
        as_lines = replace(mapping, columns=columns)
        selects.append(
            _Select(project, load_entities()["order_lines"], as_lines, shapes[source], rank, dialect).render(is_table)
        )
    return selects
