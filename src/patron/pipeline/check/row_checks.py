"""Checks of rows: every row of bronze is accounted for, and what is doubtful about those that count."""

from __future__ import annotations

from collections.abc import Iterator

from patron.contract.entities import load_entities
from patron.engines.sql_text import quote_name
from patron.errors import pluralize
from patron.lake.technical_columns import TECHNICAL_COLUMNS
from patron.pipeline.check.context import CheckContext
from patron.pipeline.check.currencies import find_rate_gaps
from patron.pipeline.check.currency_signs import find_mixed_signs
from patron.pipeline.check.finding import Finding
from patron.pipeline.check.order_numbers import find_shared_numbers
from patron.pipeline.check.order_statuses import list_order_statuses, warn_if_none_counts
from patron.pipeline.check.order_totals import compare_order_totals
from patron.pipeline.check.orders_without_lines import count_orders_without_lines
from patron.pipeline.check.payments import compare_payments
from patron.pipeline.check.refunds import find_excessive_refunds
from patron.pipeline.check.repeated_files import find_repeated_files
from patron.pipeline.check.replaced_orders import find_replaced_orders
from patron.pipeline.check.stated_amounts import compare_stated_amounts
from patron.pipeline.check.whole_order_amounts import find_contradictory_amounts
from patron.pipeline.money import read_money


def check_rows(context: CheckContext) -> Iterator[Finding]:
    """Check that rows in = silver + duplicates + deleted + quarantined + filtered, per source and entity."""
    yield from _recount(context, "quarantined_rows", "count(*)", "quarantined")
    yield from _recount(context, "filtered_rows", "sum(filtered_count)", "filtered")
    for row in context.query(context.read_model("quarantine", "row_accounting")):
        parts = {
            "silver": row["silver_count"],
            "duplicates": row["duplicate_count"],
            "deleted": row["deleted_count"],
            "quarantined": row["quarantined_count"],
            "filtered": row["filtered_count"],
        }
        missing = row["row_count"] - sum(parts.values())
        listed = " + ".join(f"{count:,} {name}" for name, count in parts.items() if count or name != "deleted")
        detail = f"{row['row_count']:,} in = {listed}"
        if duplicates := _count_exact_duplicates(context, row["source_name"], row["entity"]):
            detail += f" ({pluralize(duplicates, 'exact duplicate')} among them)"
        if missing:
            detail += f"; {abs(missing):,} {'lost' if missing > 0 else 'too many'}"
        yield Finding("rows", f"{row['source_name']} as {row['entity']}", "fail" if missing else "pass", detail)
    for repeated in find_repeated_files(context):
        yield Finding("rows", repeated.source, "warn", repeated.describe())


def _recount(context: CheckContext, model: str, number: str, word: str) -> Iterator[Finding]:
    """Count the quarantined or filtered rows of bronze again, and compare with what the last build stored."""
    counts = "select source_name, entity, {} as n from {} as rows_counted group by source_name, entity"
    found, stored = (
        {(row["source_name"], row["entity"]): row["n"] for row in context.query(sql)}
        for sql in (
            counts.format(number, f"({context.read_model('quarantine', model)})"),
            counts.format(number, f"quarantine.{model}"),
        )
    )
    for source, entity in sorted(found.keys() | stored.keys()):
        now, then = (counted.get((source, entity), 0) for counted in (found, stored))
        if now != then:
            detail = f"{now:,} {word} in bronze, but {then:,} stored by the last build"
            yield Finding("rows", f"{source} as {entity}", "fail", detail)


def _count_exact_duplicates(context: CheckContext, source: str, entity: str) -> int:
    """Count the rows that repeat another in every column, where no key or setting removes them."""
    project = context.project
    mapping = project.mappings_of(entity).get(source)
    is_dropped = project.settings.rules.exact_duplicates == "drop"
    if mapping is None or mapping.key or is_dropped or load_entities()[entity].kind != "event":
        return 0
    if project.settings.sources[source].kind.is_changelog:  # a row lands again with each change
        return 0
    own = [field.name for field in context.lake.table(source).schema() if field.name not in TECHNICAL_COLUMNS]
    columns = ", ".join(quote_name(name, context.warehouse.dialect) for name in own)
    copies = f"select count(*) as copies from bronze.{source} group by {columns} having count(*) > 1"
    return context.query_number(f"select coalesce(sum(copies - 1), 0) as n from ({copies}) as repeated")


def check_quarantine(context: CheckContext) -> Iterator[Finding]:
    """Warn about each entity of a source that has rows in quarantine."""
    sql = (
        "select entity, source_name, count(*) as n, min(quarantine_reason) as example "
        "from quarantine.quarantined_rows group by entity, source_name order by entity, source_name"
    )
    for row in context.query(sql):
        detail = f"{pluralize(row['n'], 'row')}, such as: {row['example']}"
        yield Finding("quarantine", f"{row['source_name']} as {row['entity']}", "warn", detail)


def check_amounts(context: CheckContext) -> Iterator[Finding]:
    """Warn about lines whose stated amount differs from quantity x price."""
    for stated in compare_stated_amounts(context.project, context.warehouse):
        yield Finding("amounts", stated.source, "warn" if stated.different else "pass", stated.describe())


def check_money(context: CheckContext) -> Iterator[Finding]:
    """Tell the bridge from each source's raw total to net revenue, and warn about money in quarantine."""
    for signs in find_mixed_signs(context.project, context.lake, context.warehouse):
        yield Finding("money", signs.source, "warn", signs.describe())
    for source in read_money(context.warehouse):
        yield Finding("money", source.source, "pass", source.describe())
        if loss := source.describe_loss():
            yield Finding("money", source.source, "warn", loss)


def check_statuses(context: CheckContext) -> Iterator[Finding]:
    """List each order status with its lines and amount, and whether it counts as spend."""
    found = list_order_statuses(context.project, context.warehouse)
    for status in found:
        counts = "counted as spend" if status.counts else "not counted as spend"
        yield Finding(
            "statuses", status.status, "pass", f"{pluralize(status.lines, 'line')}, {status.amount:,}: {counts}"
        )
    if warning := warn_if_none_counts(found):
        yield Finding("statuses", "orders.spend_statuses", "warn", warning)


def check_orders(context: CheckContext) -> Iterator[Finding]:
    """Warn about orders that have a head and no lines, or whose stated total is not the sum of their lines."""
    for totals in compare_order_totals(context.project, context.warehouse):
        yield Finding("orders", totals.source, "warn" if totals.different else "pass", totals.describe())
    for paid in compare_payments(context.project, context.warehouse):
        yield Finding("orders", paid.source, "warn" if paid.different or paid.unknown else "pass", paid.describe())
    for amounts in find_contradictory_amounts(context.project, context.warehouse):
        yield Finding("orders", amounts.source, "warn", amounts.describe())
    for refunds in find_excessive_refunds(context.warehouse):
        yield Finding("orders", refunds.source, "warn", refunds.describe())
    for numbers in find_shared_numbers(context.warehouse):
        yield Finding("orders", numbers.source, "warn", numbers.describe())
    for replaced in find_replaced_orders(context.project, context.warehouse):
        yield Finding("orders", replaced.source, "warn", replaced.describe())
    for gap in find_rate_gaps(context.project, context.warehouse):
        yield Finding("orders", gap.currency, "warn", gap.describe())
    for heads in count_orders_without_lines(context.project, context.warehouse):
        yield Finding("orders", heads.source, "warn" if heads.without_lines else "pass", heads.describe())
