"""Copies the corner shop to a folder, with the Parquet file that no hand can write."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from shops import contacts
from shops.building import as_csv

SHOP = Path(__file__).parent / "shop"

_MEMBERS = pa.schema(
    {
        "id": pa.int64(),
        "first_name": pa.string(),
        "last_name": pa.string(),
        "email": pa.string(),
        "country": pa.string(),
        "city": pa.string(),
        "born": pa.date32(),
        "income": pa.decimal128(10, 2),
        "score": pa.float64(),
        "joined": pa.timestamp("us", tz="UTC"),
        "loyal": pa.bool_(),
        "changed": pa.timestamp("us"),
    }
)


def copy_shop(folder: Path, engine: str) -> Path:
    """The project in FOLDER, for one engine."""
    shutil.copytree(SHOP, folder)
    rows = [dict(zip(_MEMBERS.names, row, strict=True)) for row in _member_rows()]
    pq.write_table(pa.Table.from_pylist(rows, _MEMBERS), folder / "data" / "members.parquet")
    for name, content in (
        ("sessions", contacts.SESSIONS),
        ("accounts", contacts.ACCOUNTS),
        ("points", contacts.POINTS),
    ):
        (folder / "data" / f"{name}.csv").write_text(as_csv(content), encoding="utf-8")
    with (folder / "patron.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nwarehouse: {{engine: {engine}}}\n")
    return folder


def _member_rows() -> list[tuple[object, ...]]:
    summer = dt.datetime(2024, 6, 30, 23, 30, 15, 250000, tzinfo=dt.UTC)  # the next day in London
    winter = dt.datetime(2024, 12, 24, 8, 0, tzinfo=dt.UTC)
    old, new = dt.datetime(2024, 1, 1), dt.datetime(2025, 1, 1, 12)
    born = dt.date(1969, 12, 31)
    return [
        (17850, "Ann", "O'Neil", "ann@example.com", "UK", "Leeds", born, Decimal("2500.50"), 700.0, summer, True, old),
        (17850, "Ann", "O'Neil", "ann.new@example.com", None, "York", born, Decimal("2600"), 700.5, summer, True, new),
        (90001, "Kei", None, None, "Japan", " Kyoto ", dt.date(2004, 2, 29), None, 650.0, winter, False, old),
        (90007, "Zoë", "Žák", "", "Czechia", None, None, Decimal("0"), None, None, None, None),
        (None, "Nobody", "Known", "x@example.com", None, None, None, None, None, None, None, old),
    ]
