"""Platforms' exports run unedited: hand-written files in their published layouts, with sums by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml

from patron.errors import SettingsError, SourceError
from patron.examples.first_mapping.tables import read_tables
from patron.examples.presets.match import list_presets, load_preset, recognize
from shops.building import add_files
from shops.mapped_folders import count_lines, map_folder

SHOPIFY = """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Id,Tags,Source,Lineitem discount
#2001,mia@example.test,paid,,,EUR,90.00,5.00,14.37,95.00,SPRING,10.00,2024-05-01 09:00:00 +0200,2,Bowl,20.00,BOW,,0.00,1,,web,0.00
#2001,mia@example.test,,,,,,,,,,,2024-05-01 09:00:00 +0200,1,Vase,60.00,VAS,,,,,,0.00
#2002,Mia@Example.test ,partially_refunded,,,EUR,60.00,0.00,9.58,60.00,,0.00,2024-05-03 10:00:00 +0200,1,Vase,60.00,VAS,,15.00,2,,web,0.00
#2003,leo@example.test,voided,,,EUR,500.00,0.00,0.00,500.00,,0.00,2024-05-04 10:00:00 +0200,1,Lamp,500.00,LAM,,0.00,3,,web,0.00
#2004,leo@example.test,paid,,,EUR,700.00,0.00,0.00,700.00,,0.00,2024-05-05 10:00:00 +0200,1,Lamp,700.00,LAM,,0.00,4,"vip, test",web,0.00
#2006,,paid,,,EUR,53.00,0.00,0.00,53.00,,0.00,2024-05-06 12:00:00 +0200,1,Gift Card,50.00,GC50,,0.00,6,,pos,0.00
#2006,,,,,,,,,,,,2024-05-06 12:00:00 +0200,1,Tip,3.00,,,,,,,0.00
#2005,ida@example.test,paid,,,EUR,12.00,0.00,0.00,12.00,,0.00,2024-05-06 23:30:00 -0500,3,Card,4.00,CAR,,0.00,5,,web,0.00
"""

WOOCOMMERCE = """\
Order Number,Order Status,Order Date,First Name (Billing),Last Name (Billing),Email (Billing),Country Code (Billing),SKU,Item #,Item Name,Quantity,Item Cost,Coupon Code,Discount Amount,Order Refund Amount,Order Total Amount
801,Completed,2024-05-01 10:00,Mia,Example,mia@example.test,DE,TEA,1,Tea,2,4.50,,0,0,9.00
801,Completed,2024-05-01 10:00,Mia,Example,mia@example.test,DE,CUP,2,Cup,1,8.00,,0,0,17.00
802,Processing,2024-05-02 11:00,Leo,Example,Leo@example.test,DE,CUP,1,Cup,2,8.00,,0,0,16.00
803,Cancelled,2024-05-02 12:00,Ida,Example,ida@example.test,DE,CUP,1,Cup,50,8.00,,0,0,400.00
"""

SQUARE = """\
Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,Device Name,Customer ID,Customer Name,Location
2024-05-01,09:12:44,Berlin,Drinks,Coffee,2,Regular,CO1,"$1,007.00",($7.00),"$1,000.00",$19.00,T1,P1,Till,CU1,Mia Example,Main St
2024-05-02,09:15:10,Berlin,Food,Bun,1,Regular,BN1,$2.50,$0.00,$2.50,$0.00,T2,P2,Till,,,Main St
2024-05-03,10:15:10,Berlin,Drinks,Coffee,-1,Regular,CO1,($503.50),$3.50,($500.00),($9.50),T3,P3,Till,CU1,Mia Example,Main St
"""

STRIPE = """\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Description,Fee,Status,Mode,Customer ID,Customer Email,Customer Description,Refunded date (UTC)
ch_1,2024-05-01 22:30:00,50.00,0.00,eur,TRUE,Order 1,1.00,Paid,Live,cus_1,mia@example.test,Mia,
ch_2,2024-05-02 10:00:00,30.00,0.00,eur,TRUE,Order 2,1.00,Paid,Live,,LEO@example.test,,
ch_3,2024-05-03 10:00:00,99.00,0.00,eur,FALSE,Order 3,0.00,Failed,Live,cus_1,mia@example.test,Mia,
"""

AMAZON = "\n".join(
    "\t".join(cells)
    for cells in [
        "amazon-order-id merchant-order-id purchase-date last-updated-date order-status fulfillment-channel sales-channel "
        "product-name sku asin item-status quantity currency item-price item-tax shipping-price item-promotion-discount "
        "ship-country".split(),
        "171-1|-|2024-05-01T10:00:00+00:00|2024-05-02T10:00:00+00:00|Shipped|Amazon|Amazon.de|Bowl|BOW|B01|Shipped|2|EUR|"
        "40.00|7.60|3.99|5.00|DE".split("|"),
        "171-1|-|2024-05-01T10:00:00+00:00|2024-05-02T10:00:00+00:00|Shipped - Delivered to Buyer|Amazon|Amazon.de|Vase|VAS|"
        "B02|Shipped|1|EUR|60.00|11.40|0.00||DE".split("|"),
        "171-2|-|2024-05-02T10:00:00+00:00|2024-05-02T10:00:00+00:00|Cancelled|Amazon|Amazon.de|Vase|VAS|B02|Cancelled|0|"
        "|||||DE".split("|"),
        "171-3|-|2024-05-03T10:00:00+00:00|2024-05-02T10:00:00+00:00|Shipped - Returned to Seller|Amazon|Amazon.de|Vase|VAS|"
        "B02|Shipped|1|EUR|60.00|11.40|0.00||DE".split("|"),
    ]
)

MAGENTO = """\
ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total (Purchased),Status,Billing Address,Shipping Address,Shipping Information,Customer Email,Customer Group,Subtotal,Shipping and Handling,Customer Name,Payment Method,Total Refunded
000000001,Main,"May 1, 2024 10:00:00 AM",Mia Example,Mia Example,"$1,105.00","$1,105.00",Complete,-,-,Flat Rate,mia@example.test,General,"$1,100.00",$5.00,Mia Example,checkmo,
000000002,Main,"May 2, 2024 1:30:00 PM",Leo Example,Leo Example,$25.00,$25.00,processing,-,-,Flat Rate,Leo@example.test,General,$20.00,$5.00,Leo Example,checkmo,
000000003,Main,"May 3, 2024 1:30:00 PM",Leo Example,Leo Example,$900.00,$900.00,canceled,-,-,Flat Rate,leo@example.test,General,$900.00,$0.00,Leo Example,checkmo,
000000004,Main,"May 3, 2024 1:30:00 PM",Ida Example,Ida Example,$70.00,$70.00,closed,-,-,Flat Rate,ida@example.test,General,$70.00,$0.00,Ida Example,checkmo,
"""

ETSY = """\
Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Discount Amount,Order Shipping,Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,Date Paid,Date Shipped,Ship Name,Ship City,Ship State,Ship Country,Order ID,SKU
05/13/24,Bowl,mia77,2,20.00,,4.00,5.00,0.00,36.00,EUR,901,L1,05/13/24,,Mia Example,Bonn,,Germany,3001,BOW
05/13/24,Vase,mia77,1,60.00,,0.00,5.00,0.00,60.00,EUR,902,L2,05/13/24,,Mia Example,Bonn,,Germany,3001,VAS
04/02/24,Card,leo,3,4.00,,0.00,2.00,0.00,12.00,EUR,903,L3,04/02/24,,Leo Example,Ulm,,Germany,3002,CAR
"""

EXPORTS = {
    # platform: (file, text, net, orders, buyers)
    "woocommerce": ("orders-2024-05.csv", WOOCOMMERCE, Decimal("33.00"), 2, 2),  # 9 + 8; 16
    "square": ("items-2024-05.csv", SQUARE, Decimal("502.50"), 2, 1),  # 1,000.00 + 2.50 - 500.00
    "stripe": ("payments.csv", STRIPE, Decimal("80.00"), 2, 2),
    "amazon": ("orders.txt", AMAZON, Decimal("95.00"), 1, 0),  # 40 - 5 + 60
    "magento": ("orders.csv", MAGENTO, Decimal("1120.00"), 2, 2),  # 1,105 - 5; 25 - 5
    "etsy": ("EtsySoldOrderItems2024.csv", ETSY, Decimal("108.00"), 2, 2),  # 40 - 4 + 60; 12
}


@pytest.mark.parametrize("platform", EXPORTS)
def test_an_export_runs_unedited(platform, tmp_path):
    name, text, *right = EXPORTS[platform]
    mapped = map_folder(tmp_path, {name: text}, platform)
    assert mapped.questions == 0
    shop = mapped.run()
    assert shop.rows("quarantine.quarantined_rows") == []
    assert count_lines(shop) == tuple(right)


def test_shopify_counts_discounts_refunds_and_test_orders_once(tmp_path):
    shop = map_folder(tmp_path, {"orders_export_1.csv": SHOPIFY}, "shopify").run()
    # 40 + 60 - 10; 60 - 15; 12. The void order, the one tagged `test`, the gift card and the tip are no revenue.
    assert count_lines(shop) == (Decimal("147.00"), 3, 2)


def test_shopify_fills_down_and_knows_a_person_by_one_address(tmp_path):
    shop = map_folder(tmp_path, {"orders_export_1.csv": SHOPIFY}, "shopify").run()
    found = shop.query("select order_id, customer_id, status, line_kind from silver.order_lines")
    assert {row["status"] for row in found if row["order_id"] == "#2001"} == {"paid"}
    assert {row["customer_id"] for row in found if row["order_id"] in ("#2001", "#2002")} == {"mia@example.test"}
    assert {row["line_kind"] for row in found if row["order_id"] == "#2003"} == {"not_completed"}


@pytest.mark.parametrize(("name", "text"), [("orders_export_1.csv", SHOPIFY), *(row[:2] for row in EXPORTS.values())])
def test_an_export_is_recognised_without_its_platforms_name(name, text, tmp_path):
    add_files(tmp_path, {name: text})
    tables, _ = read_tables(tmp_path / "data")
    found = recognize(tables)
    platform = next((key for key, row in EXPORTS.items() if row[0] == name), "shopify")
    assert found is not None
    assert found.preset.name == platform


def test_files_beside_an_export_are_mapped_too(tmp_path):
    mapped = map_folder(tmp_path, {"orders_export_1.csv": SHOPIFY, "rates.csv": "currency,rate\nUSD,0.92\nGBP,1.15\n"})
    assert mapped.columns("rates", "exchange_rates") == {"currency": "currency", "exchange_rate": "rate"}
    settings = yaml.safe_load(mapped.text)
    assert settings["sources"]["shopify_orders"]["files"] == ["orders_export_*.csv"]
    assert settings["shop"]["currency"] == "EUR"


def test_an_unknown_platform_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(SettingsError, match="no preset 'shopfy'") as refused:
        map_folder(tmp_path, {"orders.csv": SHOPIFY}, "shopfy")
    assert "shopify" in str(refused.value.do)


def test_files_of_another_kind_are_refused_with_the_columns_that_they_lack(tmp_path):
    with pytest.raises(SourceError, match=r"has no column 'Order ID', 'Sale Date'"):
        map_folder(tmp_path, {"orders.csv": "a,b\n1,2\n"}, "etsy")
    assert not (tmp_path / "project/patron.yaml").exists()


@pytest.mark.parametrize("name", list_presets())
def test_a_preset_needs_the_status_or_the_amounts_of_its_platform(name):
    for needed in load_preset(name).needed.values():
        assert any("status" in column.lower() for column in needed) or name in ("square", "etsy")
