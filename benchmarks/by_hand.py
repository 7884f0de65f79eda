"""The script that an analyst would write: pandas and lifetimes over the same files. No lake, tests or history.

python -m benchmarks.by_hand FOLDER: reads files in UCI's shape or patron.simulate's; computes RFM with scores,
formula CLV, BG/NBD with Gamma-Gamma, and DAU, WAU, MAU; prints the number of customers and their net spending.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

UCI = ["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
SIMULATED = ["order_id", "quantity", "ordered_at", "unit_price", "customer_id"]


def read(file: Path) -> pd.DataFrame:
    if file.suffix == ".parquet":
        return pd.read_parquet(file, columns=SIMULATED).rename(columns=dict(zip(SIMULATED, UCI, strict=True)))
    header = pd.read_csv(file, nrows=0).columns
    named = UCI if "InvoiceNo" in header else SIMULATED
    return pd.read_csv(file, usecols=named, dtype={named[0]: str}).rename(columns=dict(zip(named, UCI, strict=True)))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.csv")) or sorted(folder.glob("lines-*.parquet"))


def main(folder: Path) -> None:
    lines = pd.concat([read(file) for file in _files(folder)])
    lines["InvoiceDate"] = pd.to_datetime(lines["InvoiceDate"])
    lines["amount"] = lines["Quantity"] * lines["UnitPrice"]
    sales = lines[(lines["Quantity"] > 0) & (lines["UnitPrice"] > 0) & lines["CustomerID"].notna()]
    as_of = lines["InvoiceDate"].max().normalize() + pd.Timedelta(days=1)
    customers = rfm(sales, as_of)
    active = engagement(sales)
    value = purchase_models(sales, as_of)
    print(len(customers), round(customers["monetary"].sum(), 2), int(active["mau"].max()), round(value.sum(), 2))


def rfm(sales: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    grouped = sales.groupby("CustomerID").agg(
        last=("InvoiceDate", "max"),
        first=("InvoiceDate", "min"),
        orders=("InvoiceNo", "nunique"),
        monetary=("amount", "sum"),
    )
    grouped["recency"] = (as_of - grouped["last"]).dt.days
    grouped["tenure"] = (as_of - grouped["first"]).dt.days
    for name, column, sign in (("r", "recency", -1), ("f", "orders", 1), ("m", "monetary", 1)):
        grouped[name] = pd.qcut((sign * grouped[column]).rank(method="first"), 5, labels=False) + 1
    grouped["clv"] = grouped["monetary"] * grouped["tenure"] / 365
    grouped["churned"] = grouped["recency"] > 90
    return grouped


def engagement(sales: pd.DataFrame) -> pd.DataFrame:
    days = sales.assign(day=sales["InvoiceDate"].dt.normalize())[["day", "CustomerID"]].drop_duplicates()
    calendar = pd.date_range(days["day"].min(), days["day"].max())
    by_day = days.groupby("day")["CustomerID"].agg(set)
    rows = []
    for day in calendar:
        window = [by_day[d] for d in pd.date_range(day - pd.Timedelta(days=29), day) if d in by_day.index]
        week = [by_day[d] for d in pd.date_range(day - pd.Timedelta(days=6), day) if d in by_day.index]
        today = len(by_day[day]) if day in by_day.index else 0
        rows.append((day, today, len(set().union(*week)), len(set().union(*window))))
    return pd.DataFrame(rows, columns=["day", "dau", "wau", "mau"])


def purchase_models(sales: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import summary_data_from_transaction_data

    summary = summary_data_from_transaction_data(
        sales, "CustomerID", "InvoiceDate", monetary_value_col="amount", observation_period_end=as_of, freq="W"
    )
    purchases = BetaGeoFitter(penalizer_coef=0.1).fit(summary["frequency"], summary["recency"], summary["T"])
    repeaters = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    spend = GammaGammaFitter(penalizer_coef=0.1).fit(repeaters["frequency"], repeaters["monetary_value"])
    return spend.customer_lifetime_value(
        purchases, repeaters["frequency"], repeaters["recency"], repeaters["T"], repeaters["monetary_value"], time=12
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
