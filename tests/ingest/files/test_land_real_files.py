"""The real files, where they are: each count is known from the data's own README."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.ingest.files.land import FileSource, Landing, land_files
from patron.lake import Lake

pytestmark = pytest.mark.real_data


@pytest.fixture
def land(tmp_path: Path, real_data: Path):
    lake = Lake(tmp_path / "lake")

    def landed(pattern: str, **settings) -> tuple[Landing, Lake]:
        return land_files(lake, FileSource("real", (pattern,), **settings), root=real_data), lake

    return landed


def test_online_retail(land) -> None:
    landing, lake = land("online_retail/by-day/*.csv", required_columns=("InvoiceNo", "CustomerID"))
    assert (landing.files_landed, landing.rows, landing.rejected_rows) == (305, 541_909, 0)
    table = lake.table("real")
    assert table.row_count() == 541_909
    assert len(table.landings()) == 305
    again, _ = land("online_retail/by-day/*.csv")
    assert (again.files_landed, again.files_already_landed) == (0, 305)


@pytest.mark.parametrize(
    ("pattern", "rows"),
    [
        ("cafe/201904 sales reciepts.csv", 49_894),
        ("cafe/customer.csv", 2_246),
        ("cafe/product.csv", 88),
        ("customer360/Customer360Insights.csv", 2_000),
        ("customer360/360/*.csv", 900),
        ("customer360/shopping_behaviour/*.csv", 3_900),
        ("food_delivery/onlinedeliverydata.csv", 388),
        ("food_delivery/test.csv", 11_399),
        ("food_delivery/*.parquet", 1_000),
        ("instacart/orders_3106_users/orders.csv", 49_999),
        ("instacart/dimensions/products.csv", 49_688),
        ("instacart/dimensions/order_products__train.csv", 107_205),
        ("instacart/lines_100_users/instacart_ordertoproductmap.csv", 12_963),
    ],
)
def test_every_row_lands(land, pattern: str, rows: int) -> None:
    landing, lake = land(pattern)
    assert (landing.rows, landing.rejected_rows) == (rows, 0)
    assert lake.table("real").row_count() == rows


def test_headers(land) -> None:
    _, lake = land("cafe/201904 sales reciepts.csv")
    assert lake.table("real").schema().names[:2] == ["transaction_id", "transaction_date"]
    land("customer360/Customer360Insights.csv")
    assert lake.table("real").headers()["CampaignSchema "] == "CampaignSchema"


def test_products_with_broken_quotes_are_set_aside(land) -> None:
    landing, _ = land("instacart/lines_100_users/instacart_products.csv")
    assert (landing.rows, landing.rejected_rows) == (3_537, 4)


def test_names_for_files_without_header(land) -> None:
    landing, _ = land("cdnow/*.txt", columns=("line",))
    assert landing.rows == 69_659 + 6_919
