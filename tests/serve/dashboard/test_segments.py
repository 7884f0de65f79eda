"""The page of segments in a browser: sizes, matrix, moves and lists are gold's, and follow the filters of the URL."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import duckdb
import pytest
from gold_rows import gold, records
from nasty_names import PASSWORDS

from patron.contract.personal_data import MASK
from patron.project.number_format import Formats
from patron.project.project import Project

SIZES = "Segments by customers and revenue"
PROGRAMMES = "Segments and recommended actions"
MATRIX = "RFM matrix"
MOVES = "Movement between segments"

LATER, LAST = dt.date(2024, 11, 1), dt.date(2025, 1, 1)


@pytest.fixture(scope="module")
def moved_shop(retailer, tmp_path_factory) -> Project:
    """The example customer360 with moves as three observed days would have left them."""
    folder = tmp_path_factory.mktemp("moved")
    shutil.copy(retailer.root / "patron.yaml", folder)
    published = folder / retailer.published.relative_to(retailer.root)
    shutil.copytree(retailer.published, published)
    names = [row[0] for row in gold(retailer, "select segment from dim_rfm_segment order by segment_order")]
    rows = [(LATER, names[0], name, 50 + place) for place, name in enumerate(names[1:])]
    rows += [(LAST, name, names[0], 10 + place) for place, name in enumerate(names[1:])]
    rows += [(LAST, None, names[1], 3), (LAST, names[2], None, 2)]
    pointer = json.loads((published / "current.json").read_text(encoding="utf-8"))
    with duckdb.connect() as connection:
        columns = "moved_date date, from_segment varchar, to_segment varchar, customer_count bigint"
        connection.execute(f"create table moves ({columns})")
        connection.executemany("insert into moves values (?, ?, ?, ?)", rows)
        connection.execute(f"copy moves to '{published / pointer['name'] / 'segment_moves.parquet'}'")
    pointer["tables"]["segment_moves"] = len(rows)
    (published / "current.json").write_text(json.dumps(pointer), encoding="utf-8")
    return Project.load(folder)


def test_sizes_and_programmes_are_gold(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    sql = """
    select segments.segment, count(*), sum(net_amount), segments.recommended_action
    from customer_360 join dim_rfm_segment as segments using (segment)
    group by segments.segment, segments.recommended_action, segment_order
    order by segment_order
    """
    expected = gold(retailer, sql)
    page = sheet(retailer).open("segments")
    assert page.tile("Customers") == formats.count(sum(row[1] for row in expected))
    assert page.tile("Net revenue") == formats.short_money(sum(row[2] for row in expected))
    result = records(page.csv(SIZES))
    assert [(row["Segment"], int(row["Customers"])) for row in result] == [row[:2] for row in expected]
    assert [float(row["Net revenue"]) for row in result] == pytest.approx([float(row[2]) for row in expected])
    rows = page.table(PROGRAMMES)
    assert [(row[0], row[2], row[-1]) for row in rows] == [(name, formats.count(n), do) for name, n, _, do in expected]


def test_the_matrix_is_gold(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    sql = "select recency_score, frequency_score, count(*), sum(net_amount) / count(*) from customer_360 where order_count > 0 group by all"
    cells = {row[:2]: row[2:] for row in gold(retailer, sql)}
    shown = sheet(retailer).open("segments").table(MATRIX)
    for recency, row in zip((5, 4, 3, 2, 1), shown, strict=True):
        for frequency, text in zip((1, 2, 3, 4, 5), row, strict=True):
            count, mean = cells[recency, frequency]
            assert text.split() == [formats.short_money(mean), formats.short_count(count)]


def test_a_filter_of_the_url_reaches_all_but_the_sizes(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    page = sheet(retailer).open("segments", segment="At Risk", channel="online")
    count = gold(
        retailer,
        "select count(*) from customer_360 where segment = 'At Risk' and preferred_channel = 'online'",
    )[0][0]
    assert page.tile("Customers") == formats.count(count)
    assert [row[0] for row in page.table(PROGRAMMES)] == ["At Risk"]
    assert len(records(page.csv(SIZES))) > 5
    assert len(records(page.csv("Customers of At Risk"))) == count


def test_the_csv_of_a_list_has_all_customers(retailer, sheet):
    page = sheet(retailer).open("segments")
    page.choose("List customers of", "At Risk")
    assert "list=At+Risk" in page.url
    expected = gold(
        retailer,
        "select customer_id, customer_name, email, net_amount from customer_360 where segment = 'At Risk' order by net_amount desc, customer_id",
    )
    result = records(page.csv("Customers of At Risk"))
    assert [(row["Customer"], row["Customer name"], row["Email"]) for row in result] == [row[:3] for row in expected]
    assert [float(row["Net revenue"]) for row in result] == [float(row[3]) for row in expected]
    assert len(page.table("Customers of At Risk")) == 10


@pytest.mark.parametrize(("name", "sees"), [("ana", True), ("ben", False)])
def test_a_list_is_masked_without_the_role(odd_shop, screen, name, sees):
    page = screen(odd_shop).open("segments")
    page.sign_in(name, PASSWORDS[name])
    segment = gold(odd_shop, "select segment from customer_360 where segment is not null order by 1 desc limit 1")[0][0]
    page.choose("List customers of", segment)
    people = gold(
        odd_shop,
        "select customer_name from customer_360 where segment = ? order by net_amount desc, customer_id",
        segment,
    )
    names = [row["Customer name"].removeprefix("'") for row in records(page.csv(f"Customers of {segment}"))]
    assert names == [person if sees else MASK for (person,) in people]


def test_moves_are_those_of_gold(moved_shop, screen, pictures):
    page = screen(moved_shop).open("segments")
    expected = gold(moved_shop, "select sum(customer_count) from segment_moves")[0][0]
    result = records(page.csv(MOVES))
    assert sum(int(row["Customers"]) for row in result) == expected
    assert {"New customers"} == {row["From segment"] for row in result} - {row["To segment"] for row in result}
    assert f"{expected} moves from Nov 1, 2024 to Jan 1, 2025" in page.text()
    assert "smaller moves" in page.text()
    page.picture(pictures / "moved" / "segments-light.png")


def test_moves_follow_period_and_segment(moved_shop, sheet):
    page = sheet(moved_shop).open("segments", period="2024-11", segment="Champions")
    sql = "select sum(customer_count) from segment_moves where moved_date = ? and 'Champions' in (from_segment, to_segment)"
    result = records(page.csv(MOVES))
    assert sum(int(row["Customers"]) for row in result) == gold(moved_shop, sql, LATER)[0][0]
    assert "No customer changed segment" in page.open("segments", period="2024-12").text()


def test_without_a_later_day_the_page_says_when_moves_show(retailer, sheet):
    assert "Movements appear after a run on a later day" in sheet(retailer).open("segments").text()
