"""The products page: what earns and comes back is gold's, and so are the pairs of the network."""

from __future__ import annotations

from gold_rows import gold, records

from patron.project.number_format import Formats
from patron.serve.dashboard.pages.products.network import Link, lay_out, select_strongest

PAIRS = "Frequently bought together"


def test_tiles_and_articles_are_gold(cafe, sheet):
    formats = Formats.of(cafe.settings.shop)
    page = sheet(cafe).open("products")
    count, margin = gold(cafe, "select count(*), sum(margin_amount) / sum(net_amount) from gold.product_margin")[0]
    assert page.tile("Products sold") == formats.count(count)
    assert page.tile("Margin rate") == formats.share(margin, digits=1)
    best = "select product_name, unit_count from gold.product_margin order by net_amount desc, product_id limit 5"
    shown = [(row[0], row[3]) for row in page.table("Products in detail")[:5]]
    assert shown == [(name, formats.count(units)) for name, units in gold(cafe, best)]


def test_departments_are_shown_first_and_categories_on_demand(cafe, sheet):
    by_margin = "select name from gold.category_ranking where level = ? order by margin_amount desc"
    page = sheet(cafe).open("products")
    assert [row[0] for row in page.table("Categories in detail")] == [x for (x,) in gold(cafe, by_margin, "department")]
    page.choose("Show", "Categories")
    assert "level=category" in page.url
    shown = [row["Name"] for row in records(page.csv("Top categories by margin"))]
    assert shown == [x for (x,) in gold(cafe, by_margin, "category")]


def test_a_level_can_be_sent_to_a_colleague(cafe, sheet):
    page = sheet(cafe).open("products", level="category")
    assert "Coffee" in [row[0] for row in page.table("Categories in detail")]


def test_without_pairs_the_analysed_baskets_are_reported(cafe, sheet):
    baskets = gold(cafe, "select basket_count from gold.product_affinity_coverage")[0][0]
    assert f"{baskets:,} baskets were analysed" in sheet(cafe).open("products").text()


def test_without_categories_the_page_says_what_to_map(retail, sheet):
    output = sheet(retail).open("products").text()
    assert "Categories: no data" in output
    assert "no product has a known cost" in output


def test_pairs_are_the_surest_of_gold_each_once(retail, sheet):
    page = sheet(retail).open("products")
    downloaded = records(page.csv(PAIRS))
    pairs = {frozenset((row["Product"], row["Bought with"])) for row in downloaded}
    codes = "select distinct least(product_id, partner_product_id), greatest(product_id, partner_product_id) from gold.product_affinity"
    assert len(downloaded) == min(60, len(gold(retail, codes)))
    assert len(pairs) == len(downloaded)
    surest = "select lift from gold.product_affinity order by log_likelihood_ratio desc limit 1"
    assert float(downloaded[0]["Lift"]) == gold(retail, surest)[0][0]
    network = page.chart(PAIRS)
    shown = [row[0] for row in page.table("Pairs bought together")]
    assert len(shown) == len(downloaded)
    assert shown[0] in network


def test_price_behaviours_add_up_to_all_products(retail, sheet):
    rows = records(sheet(retail).open("products").csv("Price behaviour"))
    assert (
        sum(int(row["Products"]) for row in rows)
        == gold(retail, "select count(*) from gold.product_price_behaviour")[0][0]
    )


def links(*pairs: str) -> list[Link]:
    return [Link(one, other, one, other, 2.0) for one, other in pairs]


def test_no_two_products_share_a_row_and_the_order_of_links_does_not_matter():
    web = links("ab", "bc", "cd", "da", "be", "xy")
    at = lay_out(web)
    assert sorted(row for _, row in at.values()) == list(range(7))
    assert at == lay_out(web[::-1])
    assert all(x < 0.35 or x > 0.65 for x, _ in at.values())


def test_the_network_keeps_the_strongest_links_that_its_products_allow():
    assert [link.one + link.other for link in select_strongest(links("ab", "cd", "ef", "ac"), 4)] == ["ab", "cd", "ac"]
