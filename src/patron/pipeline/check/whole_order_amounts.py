"""Amounts of whole orders: repeated on each line as if they were the line's, or several for one order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, pluralize
from patron.project.mapping.mappings import EntityMapping
from patron.project.mapping.order_values import WHOLE_ORDER_AMOUNTS
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_SURE_RATE = 0.8
"""The share of orders from which on equal amounts on all lines are the order's, and no coincidence."""

_DOUBTFUL_RATE = 0.01
"""The share of orders with two amounts from which on they are more than single mistakes."""


@dataclass(frozen=True)
class ContradictoryAmounts:
    """Orders of one source whose lines give several amounts of the whole order. example: one order."""

    source: str
    column: str
    orders: int
    contradictory: int
    example: str

    @property
    def is_doubtful(self) -> bool:
        """Whether more than single orders contradict themselves."""
        return self.contradictory > _DOUBTFUL_RATE * self.orders

    def describe(self) -> str:
        """Say how many orders, which, and what counts."""
        give = "gives" if self.contradictory == 1 else "give"
        return (
            f"{self.contradictory:,} of {pluralize(self.orders, 'order')} {give} several {self.column}, such as order "
            f"{self.example}; the largest counts"
        )


def refuse_repeated_amounts(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where lines subtract, or add, an amount that is the same on all lines of nearly every order.

    Only orders whose lines cost differently are looked at, of landings after since_batch. Raises CheckFailedError,
    which names the column. `own_amounts` in a mapping names columns that are each line's own all the same.
    """
    whole = {line: order for order, line in WHOLE_ORDER_AMOUNTS.items() if line != order}
    for source, mapping in project.mappings_of("order_lines").items():
        for column in sorted(whole.keys() & mapping.columns.keys() - set(mapping.own_amounts)):
            found = warehouse.query(_REPEATED.format(source=source, column=column, since=since_batch)).to_pylist()[0]
            if found["repeated_count"] and found["repeated_count"] >= _SURE_RATE * found["order_count"]:
                raise CheckFailedError(
                    f"{found['repeated_count']:,} of {found['order_count']:,} orders with several lines have the same "
                    f"{column} on each of them, as if it were the whole order's. Nothing was published.",
                    where=mapping.columns[column].where,
                    do=f"if it is the order's, map it as {whole[column]}, which is shared out over the lines; if it "
                    f"is each line's own, add `own_amounts: [{column}]` beside `columns`",
                )


def find_contradictory_amounts(project: Project, warehouse: Warehouse) -> Iterator[ContradictoryAmounts]:
    """Find orders whose lines, or heads, give more than one amount of the whole order, by source and column."""
    for entity in ("order_lines", "orders"):
        for source, column, _ in _list_whole_amounts(project, entity):
            row = warehouse.query(_SEVERAL.format(entity=entity, source=source, column=column)).to_pylist()[0]
            if row["contradictory_count"]:
                counts = (row["order_count"], row["contradictory_count"])
                yield ContradictoryAmounts(source, column, *counts, row["example"])


def refuse_contradictory_amounts(project: Project, warehouse: Warehouse) -> None:
    """Stop where more than single orders contradict themselves. Raises CheckFailedError."""
    for one in find_contradictory_amounts(project, warehouse):
        if one.is_doubtful:
            where = {source: mapping.columns[column].where for source, column, mapping in _list_all(project)}
            raise CheckFailedError(
                f"{one.source}: {one.describe().rpartition(';')[0]}. Nothing was published.",
                where=where[one.source],
                do="if each line has an amount of its own, map it as the line's; if a later row of an order replaces "
                "the earlier one, add `key:` with the columns that identify a row",
            )


def _list_all(project: Project) -> Iterator[tuple[str, str, EntityMapping]]:
    for entity in ("order_lines", "orders"):
        yield from _list_whole_amounts(project, entity)


def _list_whole_amounts(project: Project, entity: str) -> Iterator[tuple[str, str, EntityMapping]]:
    """The amounts of whole orders that reach lines: source, column, mapping."""
    values = project.order_values
    reaching = values.from_lines if entity == "order_lines" else values.from_heads
    for source, mapping in project.mappings_of(entity).items():
        for column in reaching:
            if column in mapping.columns:
                yield source, column, mapping


_REPEATED = """
select
    count(*) as order_count,
    count(case when least_amount = most_amount then 1 end) as repeated_count
from (
    select min(coalesce({column}, 0)) as least_amount, max(coalesce({column}, 0)) as most_amount
    from staging.stg_order_lines as staged
    where
        source_name = '{source}'
        and _batch_id > {since}
        and quarantine_reason is null
        and _row_key in (select _row_key from silver.order_lines where source_name = '{source}')
    group by id_namespace, order_id
    having
        count(*) > 1
        and max(abs(coalesce({column}, 0))) > 0
        and min(coalesce(line_amount, cast(quantity as decimal(38, 4)) * unit_price))
        <> max(coalesce(line_amount, cast(quantity as decimal(38, 4)) * unit_price))
) as orders
"""
_SEVERAL = """
select
    count(*) as order_count,
    count(case when amount_count > 1 then 1 end) as contradictory_count,
    min(case when amount_count > 1 then order_id end) as example
from (
    select order_id, count(distinct nullif({column}, 0)) as amount_count
    from staging.stg_{entity} as staged
    where
        source_name = '{source}'
        and quarantine_reason is null
        and _row_key in (select _row_key from silver.{entity} where source_name = '{source}')
    group by id_namespace, order_id
) as orders
where amount_count > 0
"""
