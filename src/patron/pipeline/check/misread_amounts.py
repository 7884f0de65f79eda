"""Amounts that are mapped as something else than they are: line totals as prices, rates as discounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, pluralize
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_LEAST_LINES = 20
"""Fewer lines of articles that are sold in several quantities say little."""

_PRICE_SLOPE, _EXPLAINED_SHARE = 0.75, 0.5
"""Within an article, the logarithm of a total rises by 1 with that of the quantity, which explains most of its spread;
that of a price hardly rises at all."""

_LEAST_DISCOUNTS = 5
_LEAST_AMOUNT, _LEAST_RATIO = 10, 50
"""Discounts of at most 1, of several sizes, are rates where the discounted lines come to at least 10 on average, and to
50 times the largest of them: cents off are not so small beside what they are taken off."""


def refuse_totals_as_prices(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where prices rise in proportion to the quantity, as the totals of lines do: they would be multiplied again.

    Only lines of landings after since_batch are looked at. Raises CheckFailedError. `own_amounts: [unit_price]` in a
    mapping says that prices are prices.
    """
    for source, mapping in project.mappings_of("order_lines").items():
        article = next((name for name in ("product_id", "product_name") if name in mapping.columns), None)
        if (
            article is None
            or "unit_price" in mapping.own_amounts
            or not {"unit_price", "quantity"} <= mapping.columns.keys()
        ):
            continue
        sql = _SLOPE.format(source=source, article=article, since=since_batch)
        row = warehouse.query(sql).to_pylist()[0]
        if row["line_count"] < _LEAST_LINES or not row["price_spread"]:
            continue
        slope = row["covariance"] / row["quantity_spread"]
        if slope < _PRICE_SLOPE or slope * row["covariance"] / row["price_spread"] < _EXPLAINED_SHARE:
            continue
        raise CheckFailedError(
            f"unit_price of {source} rises in proportion to the quantity of the same article, as the total of a line "
            f"does ({row['line_count']:,} lines of {pluralize(row['article_count'], 'article')}). Nothing was "
            "published.",
            where=mapping.columns["unit_price"].where,
            do="if it is the line's total, map it as line_amount instead; if it is the price of a piece, add "
            "`own_amounts: [unit_price]` beside `columns`",
        )


def refuse_rates_as_discounts(project: Project, warehouse: Warehouse, since_batch: int) -> None:
    """Stop where discounts never exceed 1 while lines cost much more: they are rates, and not amounts.

    Only lines of landings after since_batch are looked at. Raises CheckFailedError. `own_amounts` in a mapping names
    columns that are amounts all the same.
    """
    for source, mapping in project.mappings_of("order_lines").items():
        for column in ("line_discount_amount", "order_discount_amount"):
            if column not in mapping.columns or column in mapping.own_amounts:
                continue
            sql = _DISCOUNTS.format(source=source, column=column, since=since_batch)
            row = warehouse.query(sql).to_pylist()[0]
            if row["discount_count"] < _LEAST_DISCOUNTS or row["size_count"] < 2 or row["most"] > 1:
                continue
            if row["average_amount"] < max(_LEAST_AMOUNT, _LEAST_RATIO * float(row["most"])):
                continue
            raise CheckFailedError(
                f"{column} of {source} is never above {row['most']:.2f}, on {row['discount_count']:,} lines that come "
                f"to {row['average_amount']:,.2f} on average: it looks like a rate. Nothing was published.",
                where=mapping.columns[column].where,
                do="if it is a rate, map line_discount_amount as quantity x price x rate, with decimals, such as "
                "round(cast(Quantity as decimal(18, 4)) * cast(Price as decimal(18, 4)) * cast(Discount as decimal(9, "
                f"4)), 2); if it is an amount, add `own_amounts: [{column}]` beside `columns`",
            )


_SLOPE = """
select
    coalesce(sum(line_count), 0) as line_count,
    count(*) as article_count,
    sum(sum_xy - sum_x * sum_y / line_count) as covariance,
    sum(sum_xx - sum_x * sum_x / line_count) as quantity_spread,
    sum(sum_yy - sum_y * sum_y / line_count) as price_spread
from (
    select
        {article},
        count(*) as line_count,
        sum(ln(quantity)) as sum_x,
        sum(ln(unit_price)) as sum_y,
        sum(ln(quantity) * ln(unit_price)) as sum_xy,
        sum(ln(quantity) * ln(quantity)) as sum_xx,
        sum(ln(unit_price) * ln(unit_price)) as sum_yy
    from (
        select
            {article}, cast(abs(quantity) as double) as quantity, cast(abs(unit_price) as double) as unit_price
        from staging.stg_order_lines
        where
            source_name = '{source}'
            and _batch_id > {since}
            and quarantine_reason is null
            and quantity <> 0
            and unit_price <> 0
            and {article} is not null
    ) as priced
    group by {article}
    having min(quantity) < max(quantity)
) as articles
"""
_DISCOUNTS = """
select
    count(*) as discount_count,
    count(distinct {column}) as size_count,
    coalesce(max({column}), 0) as most,
    coalesce(avg(coalesce(cast(line_amount as double), cast(quantity as double) * unit_price)), 0) as average_amount
from staging.stg_order_lines
where source_name = '{source}' and _batch_id > {since} and quarantine_reason is null and {column} > 0
"""
