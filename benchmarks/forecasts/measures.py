"""A warehouse of nothing but the measures that an evaluation reads, made of purchases that are known."""

from __future__ import annotations

import duckdb
import pyarrow as pa


class Measures:
    """measures.customer_days, customer_measures and as_of in DuckDB; `query` as a warehouse has it.

    purchases: customer_id, activity_date, net_amount; several of a day are one purchase day.
    """

    dialect = "duckdb"

    def __init__(self, purchases: pa.Table) -> None:
        self.engine = duckdb.connect(config={"threads": 1})
        self.engine.register("purchases", purchases)
        self.engine.execute("create schema measures")
        self.engine.execute(
            """
            create table measures.customer_days as
            select
                customer_id,
                activity_date,
                count(*) as sale_line_count,
                sum(net_amount) as net_amount,
                lead(activity_date) over (partition by customer_id order by activity_date) as next_purchase_date,
                cast(null as date) as fully_refunded_date
            from purchases
            group by customer_id, activity_date
            order by all
            """
        )
        self.refresh()

    def refresh(self) -> None:
        """Bring the other two tables up to the customers' days."""
        self.engine.execute(
            """
            create or replace table measures.customer_measures as
            select customer_id, min(activity_date) as first_order_date, count(*) as order_count
            from measures.customer_days where sale_line_count > 0 group by customer_id
            """
        )
        self.engine.execute(
            """
            create or replace table measures.as_of as
            select max(activity_date) as as_of_date
            from measures.customer_days having count(*) > 0
            """
        )

    def query(self, sql: str) -> pa.Table:
        return self.engine.sql(sql).to_arrow_table()
