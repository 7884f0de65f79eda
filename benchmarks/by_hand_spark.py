"""The same script in plain Spark, local mode: RFM with scores, formula CLV, DAU, WAU and MAU. No purchase model.

python -m benchmarks.by_hand_spark FOLDER: prints the number of customers and their net spending.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f


def main(folder: Path, memory: str = "14g") -> None:
    with tempfile.TemporaryDirectory() as scratch:
        spark = (
            SparkSession.builder.master("local[2]")
            .config("spark.driver.memory", memory)
            .config("spark.local.dir", scratch)
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "32")
            .config("spark.sql.warehouse.dir", scratch)
            .getOrCreate()
        )
        spark.sparkContext.setLogLevel("ERROR")
        lines = read(spark, folder)
        sales = lines.where("quantity > 0 and unit_price > 0 and customer_id is not null")
        sales = sales.withColumn("day", f.to_date("ordered_at")).withColumn("amount", f.expr("quantity * unit_price"))
        as_of = lines.agg(f.date_add(f.to_date(f.max("ordered_at")), 1)).first()[0]
        rfm(sales, as_of).write.mode("overwrite").parquet(f"{scratch}/rfm")
        engagement(sales).write.mode("overwrite").parquet(f"{scratch}/days")
        print(spark.read.parquet(f"{scratch}/rfm").agg(f.count("*"), f.sum("monetary")).first())
        spark.stop()


def read(spark: SparkSession, folder: Path) -> DataFrame:
    columns = ["order_id", "quantity", "ordered_at", "unit_price", "customer_id"]
    if any(folder.glob("lines-*.parquet")):
        return spark.read.parquet(f"{folder}/lines-*.parquet").select(columns)
    lines = spark.read.csv(f"{folder}/lines-*.csv", header=True, inferSchema=False).select(columns)
    types = {"quantity": "int", "ordered_at": "timestamp", "unit_price": "decimal(18, 4)"}
    return lines.withColumns({name: f.expr(f"try_cast({name} as {kind})") for name, kind in types.items()})


def rfm(sales: DataFrame, as_of: object) -> DataFrame:
    customers = sales.groupBy("customer_id").agg(
        f.max("day").alias("last"),
        f.min("day").alias("first"),
        f.countDistinct("order_id").alias("orders"),
        f.sum("amount").alias("monetary"),
    )
    customers = customers.withColumn("recency", f.datediff(f.lit(as_of), "last"))
    customers = customers.withColumn("tenure", f.datediff(f.lit(as_of), "first"))
    for name, order in (("r", f.desc("recency")), ("f", f.asc("orders")), ("m", f.asc("monetary"))):
        customers = customers.withColumn(name, f.ntile(5).over(Window.orderBy(order)))
    return customers.withColumn("clv", f.col("monetary") * f.col("tenure") / 365)


def engagement(sales: DataFrame) -> DataFrame:
    days = sales.select("day", "customer_id").distinct()
    known = days.select("day").distinct().withColumnRenamed("day", "on")

    def active(window: int, name: str) -> DataFrame:
        inside = known.join(days, (days["day"] <= known["on"]) & (days["day"] > f.date_sub(known["on"], window)))
        return inside.groupBy("on").agg(f.countDistinct("customer_id").alias(name))

    return active(1, "dau").join(active(7, "wau"), "on").join(active(30, "mau"), "on")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
