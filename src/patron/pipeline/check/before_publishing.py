"""What every run checks before it publishes: it stops where money would be wrong, and tells what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from patron.pipeline.check.currencies import find_rate_gaps, refuse_mixed_currencies
from patron.pipeline.check.currency_signs import find_mixed_signs
from patron.pipeline.check.customer_ids import find_own_ids, find_shared_id
from patron.pipeline.check.early_events import find_early_events
from patron.pipeline.check.extracts import refuse_uneven_stamps, refuse_unreadable_stamps
from patron.pipeline.check.first_row_values import refuse_first_row_values
from patron.pipeline.check.future_dates import find_future_dates
from patron.pipeline.check.future_events import find_future_events, refuse_future_as_of
from patron.pipeline.check.late_events import find_late_events, refuse_late_as_of
from patron.pipeline.check.lookup_keys import refuse_ambiguous_amounts
from patron.pipeline.check.misread_amounts import refuse_rates_as_discounts, refuse_totals_as_prices
from patron.pipeline.check.order_numbers import find_shared_numbers, refuse_shared_numbers
from patron.pipeline.check.order_statuses import list_order_statuses, warn_if_none_counts
from patron.pipeline.check.order_totals import compare_order_totals, refuse_double_counting
from patron.pipeline.check.orders_without_lines import count_orders_without_lines
from patron.pipeline.check.payments import compare_payments
from patron.pipeline.check.refunds import find_excessive_refunds
from patron.pipeline.check.repeated_files import find_files_landed_again
from patron.pipeline.check.replaced_orders import find_replaced_orders, refuse_replaced_orders
from patron.pipeline.check.stated_amounts import compare_stated_amounts
from patron.pipeline.check.whole_order_amounts import (
    find_contradictory_amounts,
    refuse_contradictory_amounts,
    refuse_repeated_amounts,
)
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake


class _Doubt(Protocol):
    """Something doubtful about the rows of one source."""

    @property
    def source(self) -> str: ...

    def describe(self) -> str: ...


def refuse_wrong_money(project: Project, lake: Lake, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where the tables just built cannot be right. Raises CheckFailedError, naming the mapping and the way out.

    since_batch: lines of later landings are new.
    """
    from patron.transform.render.source_schema import read_source_shapes

    refuse_future_as_of(project, warehouse)
    refuse_late_as_of(project, warehouse)
    shapes = read_source_shapes(project, lake)
    refuse_unreadable_stamps(project, warehouse, shapes)
    refuse_uneven_stamps(project, warehouse)
    refuse_mixed_currencies(project, warehouse)
    refuse_first_row_values(project, warehouse, since_batch)
    refuse_repeated_amounts(project, warehouse, since_batch)
    refuse_contradictory_amounts(project, warehouse)
    refuse_double_counting(project, warehouse)
    refuse_shared_numbers(project, warehouse, since_batch)
    refuse_replaced_orders(project, warehouse, since_batch)
    refuse_totals_as_prices(project, warehouse, since_batch)
    refuse_rates_as_discounts(project, warehouse, since_batch)
    refuse_ambiguous_amounts(project, warehouse, shapes)


def list_doubts(project: Project, lake: Lake, warehouse: Warehouse) -> Iterator[str]:
    """Tell, one line each, what may be wrong with the money of the tables; `patron check` tells more."""
    if warning := warn_if_none_counts(list_order_statuses(project, warehouse)):
        yield warning
    doubts: list[_Doubt] = [
        *(stated for stated in compare_stated_amounts(project, warehouse) if stated.different),
        *(totals for totals in compare_order_totals(project, warehouse) if totals.is_doubtful),
        *(paid for paid in compare_payments(project, warehouse) if paid.different or paid.unknown),
        *find_contradictory_amounts(project, warehouse),
        *find_excessive_refunds(warehouse),
        *find_shared_numbers(warehouse),
        *find_replaced_orders(project, warehouse),
        *find_files_landed_again(project, warehouse),
        *find_mixed_signs(project, lake, warehouse),
        *find_own_ids(project, lake, warehouse),
        *(heads for heads in count_orders_without_lines(project, warehouse) if heads.without_lines),
    ]
    yield from (f"{one.source}: {one.describe()}" for one in doubts)
    yield from (early.describe() for early in find_early_events(project, warehouse))
    yield from (
        f"{future.describe()}; as of today they count nowhere" for future in find_future_events(project, warehouse)
    )
    yield from (dates.describe() for dates in find_future_dates(project, warehouse))
    if late := find_late_events(project, warehouse):
        yield late.describe()
    if shared := find_shared_id(warehouse):
        yield shared.describe()
    yield from (gap.describe() for gap in find_rate_gaps(project, warehouse))
