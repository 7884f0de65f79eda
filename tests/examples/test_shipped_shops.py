"""The shipped shops: generated, run, held against the generators' truth; and the questions of their pages."""

from __future__ import annotations

import importlib
import re
import shutil
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import pytest
import yaml

from patron.errors import SourceError
from patron.examples.scaffold import init
from patron.pipeline.check.check import check
from patron.serve.query import ask
from shops.building import BuiltShop, picked

DOCS = Path(__file__).parents[2] / "docs"


def built(name, example, tmp_path_factory):
    shop = example(name)
    module = importlib.import_module(f"patron.examples.{name}.generator")
    return shop, module.generate(tmp_path_factory.mktemp(f"{name}_again"))


@pytest.fixture(scope="module")
def cafe(example, tmp_path_factory):
    return built("cafe", example, tmp_path_factory)


@pytest.fixture(scope="module")
def customer360(example, tmp_path_factory):
    return built("customer360", example, tmp_path_factory)


@pytest.fixture(scope="module")
def instacart(example, tmp_path_factory):
    return built("instacart", example, tmp_path_factory)


@pytest.fixture(scope="module")
def food_delivery(example, tmp_path_factory):
    return built("food_delivery", example, tmp_path_factory)


def test_the_cafe_gives_the_generators_truth(cafe):
    shop, truth = cafe
    last = shop.rows("gold.kpi_overall")[-1]
    assert picked(last, "net_amount", "order_count") == (truth["amount"], truth["receipts"])
    lines = shop.rows("silver.order_lines")
    assert len(lines) == truth["lines"]
    assert sum(row["customer_id"] is None for row in lines) == truth["guest_lines"]
    assert sum(row["is_amount_mismatch"] for row in lines) == truth["mismatched_lines"]
    assert sum(row["promotion_id"] is not None for row in lines) == truth["promoted_lines"]
    assert sum(row["stated_amount"] for row in lines) == truth["stated_amount"]
    assert not check(shop.project).failed


def test_promotions_of_the_cafe_are_seen_to_work(cafe):
    """They make people come more often, by the generator's own uplift; matched customers tell, within the interval."""
    shop, truth = cafe
    row = shop.by("gold.promotion_impact", "comparison", "measure")[
        "matched on window, orders and earlier spend", "order_count"
    ]
    assert row["promoted_count"] > 50
    uplift = [row[name] / row["other_mean"] for name in ("difference_low", "difference_high")]
    assert uplift[0] < truth["promotion_uplift"] < uplift[1]


def test_customer_360_gives_the_generators_truth(customer360):
    shop, truth = customer360
    assert sum(row["net_amount"] for row in shop.rows("gold.daily_metrics")) == truth["completed_amount"]
    assert sum(row["raw_amount"] for row in shop.rows("measures.ledger")) == truth["all_amount"]
    campaigns = shop.rows("gold.campaign_performance")
    assert sum(row["session_count"] for row in campaigns) == truth["sessions"]
    assert sum(row["conversion_count"] for row in campaigns) == truth["conversions"]
    assert sum(row["revenue_amount"] for row in campaigns) == truth["session_revenue"]
    assert sum(row["returned_count"] for row in campaigns) == truth["returns"]
    invalid = [row for row in shop.rows("silver.customers") if row["is_email_valid"] is False]
    assert len(invalid) == truth["invalid_emails"]
    assert not check(shop.project).failed


def test_conversion_rates_lie_around_the_true_ones(customer360):
    shop, truth = customer360
    rows = shop.by("gold.campaign_performance", "campaign")
    inside = [
        rows[name]["conversion_rate_low"] < rate < rows[name]["conversion_rate_high"]
        for name, rate in truth["conversion_rates"].items()
    ]
    assert sum(inside) >= 5  # of six intervals of 95%


def test_escalation_is_seen_to_cost_purchases(customer360):
    shop, truth = customer360
    assert truth["escalation_factor"] < 1
    row = shop.by("gold.support_impact", "comparison", "group_name", "outcome")[
        "escalation", "escalated", "later_purchase"
    ]
    assert row["difference"] < 0


@pytest.mark.parametrize("label", ["segment", "churn_risk", "clv_tier", "preferred_channel", "engagement_level"])
def test_every_label_has_its_customers(customer360, label):
    shop, _ = customer360
    found = {row[label] for row in shop.rows("gold.customer_360")} - {None}
    expected = {
        "segment": {row["segment"] for row in shop.rows("gold.dim_rfm_segment")},
        "churn_risk": {"Critical", "High", "Medium", "Low"},
        "clv_tier": {"Bronze", "Silver", "Gold", "Platinum"},
        "preferred_channel": {"online", "in store", "Omnichannel"},
        "engagement_level": {"None", "Low", "Medium", "High"},
    }
    assert found == expected[label]


def test_instacart_gives_the_generators_truth(instacart):
    shop, truth = instacart
    last = shop.rows("gold.kpi_overall")[-1]
    with_lines = truth["orders"] - truth["orders_without_lines"]
    assert picked(last, "net_amount", "order_count") == (truth["amount"], with_lines)
    lines = shop.by("quarantine.row_accounting", "source_name", "entity")["lines", "order_lines"]
    assert picked(lines, "silver_count", "filtered_count", "quarantined_count") == (
        *(truth["lines"], truth["foreign_lines"]),
        truth["broken_lines"],
    )
    assert len(shop.rows("silver.customers")) == truth["customers"]
    assert len(shop.rows("silver.orders")) == truth["orders"]
    result = f"{truth['orders_without_lines']} of {truth['orders']:,} orders have no lines and count in no measure"
    report = check(shop.project)
    assert not report.failed
    assert result in [finding.detail for finding in report.findings if finding.section == "orders"]


def test_margins_of_departments_follow_the_assumptions(instacart):
    shop, truth = instacart
    departments = {row["product_id"]: row["department"] for row in shop.rows("gold.dim_product")}
    found = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for row in shop.rows("gold.product_margin"):
        amount, cost = found[departments[row["product_id"]]]
        found[departments[row["product_id"]]] = amount + row["net_amount"], cost + row["cost_amount"]
    assert found == truth["by_department"]
    returns = yaml.safe_load((shop.folder / "patron.yaml").read_text())["sources"]["returns"]
    stated = (shop.folder / returns["data"] / returns["files"]).read_text().split()[1:]
    rates = {row["return_rate"] for row in shop.rows("silver.products")}
    assert rates == {float(line.split(",")[1]) for line in stated}


def test_rebuilt_times_are_the_true_ones_until_a_capped_gap(instacart):
    """Order, weekdays, hours and gaps below 30 days throughout; the very days until a longer gap is lost."""
    shop, truth = instacart
    placed = defaultdict(list)
    for row in sorted(shop.rows("silver.orders"), key=lambda row: row["order_number"]):
        placed[int(row["customer_id"])].append(row)
    assert placed.keys() == truth["histories"].keys()
    exact = capped = 0
    for customer, true in truth["histories"].items():
        rebuilt = [row["ordered_at"] for row in placed[customer]]
        assert rebuilt == sorted(rebuilt)
        assert [(at.weekday(), at.hour) for at in rebuilt] == [(at.weekday(), at.hour) for at in true]
        is_whole = True
        for number, (before, at) in enumerate(pairwise(true), 1):
            gap, found = (at.date() - before.date()).days, (rebuilt[number].date() - rebuilt[number - 1].date()).days
            assert placed[customer][number]["is_gap_capped"] == (gap >= 30)
            assert found == gap if gap < 30 else 30 <= found <= min(gap, 36)
            capped += gap >= 30
            is_whole = is_whole and found == gap
            exact += is_whole
            assert (rebuilt[number] == at) if is_whole else True
        assert rebuilt[0] == true[0]
    assert capped == truth["capped_gaps"]
    assert exact > len(shop.rows("silver.orders")) / 2


def test_what_is_assumed_of_groceries_is_marked(instacart):
    shop, _ = instacart
    marked = {
        "silver.order_lines": "ordered_at, unit_price",
        "silver.orders": "ordered_at",
        "silver.products": "list_price, return_rate, unit_cost",
        "gold.dim_product": "list_price, return_rate, unit_cost",
        "silver.customers": "address, city, region",
    }
    assert {name: {row["assumed"] for row in shop.rows(name)} for name in marked} == {
        name: {words} for name, words in marked.items()
    }
    assert None not in {row["assumed"] for row in shop.rows("gold.customer_360") if row["order_count"]}


def ids(rows):
    return {int(row["customer_id"]) for row in rows}


def test_cohorts_of_groceries_are_of_the_true_months(instacart):
    """First orders are rebuilt exactly, and each has lines."""
    shop, truth = instacart
    months = Counter(times[0].date().replace(day=1) for times in truth["histories"].values())
    rows = [row for row in shop.rows("gold.cohort_retention") if row["months_since"] == 0]
    assert {row["cohort_month_date"]: row["customer_count"] for row in rows} == months
    assert len(months) == 13  # a year from 7 January


def test_order_gaps_of_groceries_are_the_true_ones(instacart):
    """Of those whose gaps are all below 30 days. A last order without lines is none."""
    shop, truth = instacart
    found, checked = shop.by("gold.customer_order_gaps", "customer_id"), 0
    for customer, times in truth["histories"].items():
        days = [(later.date() - at.date()).days for at, later in pairwise(times)]
        if max(days) < 30:
            row = found[str(customer)]
            true = days[: row["order_count"] - 1]
            assert len(times) - row["order_count"] in (0, 1)
            assert picked(row, "gap_count", "longest_gap_days", "median_gap_days") == (
                *(len(true), max(true)),
                median(true),
            )
            assert row["average_gap_days"] == pytest.approx(mean(true))
            checked += 1
    assert checked > 50


def test_the_lapsed_the_golden_and_the_loyal_are_found(instacart):
    shop, truth = instacart
    assert truth["lapsed"] <= ids(shop.rows("gold.lapsed_top_spenders"))
    assert truth["golden"] <= ids(shop.rows("gold.golden_baskets"))
    assert truth["loyal"] == ids(row for row in shop.rows("gold.customer_360") if row["order_count"] > 10)
    assert truth["loyal"] == ids(shop.rows("gold.loyalty_uplift"))


def test_each_of_a_pair_is_the_first_partner_of_the_other(instacart):
    shop, truth = instacart
    partners = shop.by("gold.product_affinity", "product_id", "partner_rank")
    for one, other in truth["pairs"]:
        assert partners[str(one), 1]["partner_product_id"] == str(other)
        assert partners[str(other), 1]["partner_product_id"] == str(one)


def test_first_orders_of_groceries_are_smaller(instacart):
    """By the generator's factor, but for the growing and the shrinking, and for larger baskets of the loyal."""
    shop, truth = instacart
    rows = shop.rows("gold.monthly_order_value")
    first, returning = (
        sum(row[f"{kind}_spent_amount"] for row in rows) / sum(row[f"{kind}_order_count"] for row in rows)
        for kind in ("first", "returning")
    )
    assert float(first / returning) < truth["first_order_factor"] + 0.05


def test_regions_of_groceries_have_their_day_and_hour(instacart):
    shop, truth = instacart
    assert {
        row["region"]: picked(row, "preferred_weekday", "preferred_hour")
        for row in shop.rows("gold.region_ordering_times")
    } == {region: (weekday or 7, hour) for region, (weekday, hour) in truth["habits"].items()}  # ISO


def test_departments_of_groceries_are_ranked_by_the_assumed_margins(instacart):
    shop, truth = instacart
    rows = [row for row in shop.rows("gold.category_ranking") if row["level"] == "department"]
    assert {row["name"]: picked(row, "net_amount", "cost_amount") for row in rows} == truth["by_department"]
    margins = {name: amount - cost for name, (amount, cost) in truth["by_department"].items()}
    ranked = sorted(rows, key=lambda row: row["margin_amount_rank"])
    assert [row["name"] for row in ranked] == sorted(margins, key=lambda name: margins[name], reverse=True)
    assert {row["return_rate_source"] for row in rows} == {"stated"}


def test_baskets_that_shrink_and_grow_are_found(instacart):
    """Of the customers with six orders: every planted one, and few others."""
    shop, truth = instacart
    rows = shop.rows("gold.basket_shift")
    shrinking, growing = (ids(row for row in rows if row[name]) for name in ("is_shrinking", "is_growing"))
    assert truth["shrinking"] & ids(rows) <= shrinking
    assert truth["growing"] & ids(rows) <= growing
    assert len(shrinking - truth["shrinking"]) < 0.03 * len(rows)


def test_a_changed_assumption_reaches_every_line(instacart, tmp_path):
    """The lowest price of every department a dollar higher: each line costs a dollar more."""
    shop, truth = instacart
    other = BuiltShop(shutil.copytree(shop.folder, tmp_path / "dearer"))
    prices = other.folder / "assumptions" / "prices.csv"
    header, *rows = [line.split(",") for line in prices.read_text().split()]
    dearer = [[number, str(Decimal(lowest) + 1), *rest] for number, lowest, *rest in rows]
    prices.write_text("\n".join(map(",".join, [header, *dearer])) + "\n")
    other.run()
    assert other.rows("gold.kpi_overall")[-1]["net_amount"] == truth["amount"] + truth["lines"]


def test_assumptions_are_the_projects_own_whatever_data_it_reads(tmp_path):
    """--data points the shop's own files elsewhere, and what the example assumes stays beside patron.yaml."""
    (tmp_path / "files").mkdir()
    made = init(tmp_path / "shop", "instacart", tmp_path / "files")
    written = yaml.safe_load((made / "patron.yaml").read_text())
    assert written["data"] == str(tmp_path / "files")
    own = {name: source["data"] for name, source in written["sources"].items() if "data" in source}
    assert own == dict.fromkeys(["prices", "returns", "regions"], "assumptions")
    assert sorted(path.name for path in (made / "assumptions").iterdir()) == [
        "prices.csv",
        "regions.csv",
        "returns.csv",
    ]
    assert not (init(tmp_path / "cafe", "cafe", tmp_path / "files") / "assumptions").exists()


def test_one_file_is_no_shop_of_groceries(tmp_path):
    (tmp_path / "orders.csv").write_text("order_id\n1\n")
    with pytest.raises(SourceError, match="reads 6 kinds of files"):
        init(tmp_path / "shop", "instacart", tmp_path / "orders.csv")


def test_food_delivery_gives_the_generators_truth(food_delivery):
    shop, truth = food_delivery
    orders, deliveries = shop.rows("gold.fct_orders"), shop.rows("silver.deliveries")
    assert len(orders) == len(deliveries) == truth["deliveries"]
    assert sum(row["delivery_minutes"] is not None for row in orders) == truth["timed_deliveries"]
    assert sum(row["picked_up_at"] is None for row in deliveries) == truth["untimed_orders"]
    assert sum(row["distance_km"] is None for row in orders) == truth["placeless_deliveries"]
    assert max(row["distance_km"] for row in orders if row["distance_km"]) < 25  # no way goes round the world
    picked_up = [(row["ordered_at"], row["picked_up_at"]) for row in deliveries if row["picked_up_at"]]
    assert sum(at.date() < picked.date() for at, picked in picked_up) == truth["past_midnight"]
    assert {(picked - at).seconds // 60 for at, picked in picked_up} == {5, 10, 15}
    assert len(shop.rows("gold.dim_courier")) == truth["couriers"]
    stores = [row for row in shop.rows("gold.dim_location") if row["location_kind"] == "store"]
    assert len(stores) == truth["restaurants"]
    assert len(shop.rows("silver.customers")) == truth["customers"]
    sentiments = Counter(row["sentiment"] for row in shop.rows("gold.review_sentiment"))
    assert (sentiments, sentiments.total()) == (truth["sentiments"], truth["reviews"])
    assert not check(shop.project).failed


@pytest.mark.parametrize("factor", ["traffic", "weather"])
def test_what_slows_a_courier_down_is_seen(food_delivery, factor):
    shop, truth = food_delivery
    rows = shop.by("gold.delivery_quality", "factor", "factor_value")
    more = truth[f"{factor}_minutes"]
    base = next(value for value, minutes in more.items() if minutes == 0)
    minutes = {value: rows[factor, value]["average_delivery_minutes"] for value in more}
    assert {value: minutes[value] - minutes[base] for value in more} == pytest.approx(more, abs=1.2)


def test_orders_of_food_delivery_have_the_customers_of_the_assumptions(food_delivery):
    """The mapping's ids are those that the files were written with: every order and review finds its row."""
    shop, _ = food_delivery
    customers = {row["customer_id"] for row in shop.rows("silver.customers")}
    folder = shop.folder / "assumptions"
    slots = dict(line.split(",", 1) for line in (folder / "order_slots.csv").read_text().split()[1:])
    assert {line.split(",")[0] for line in (folder / "review_dates.csv").read_text().split()[1:]} == customers
    for row in shop.rows("gold.fct_orders"):
        own = slots[row["order_id"].removeprefix("0x").zfill(3)[-3:]].split(",")
        assert [row["customer_id"], row["order_amount"]] == [own[0], Decimal(own[1])]
        assert row["assumed"].startswith("customer_id, order_amount")
    assert {row["customer_id"] for row in shop.rows("gold.fct_orders")} <= customers
    assert None not in {row["reviewed_at"] for row in shop.rows("gold.review_sentiment")}
    assert {row["assumed"] for row in shop.rows("gold.review_sentiment")} == {"reviewed_at"}


def test_assumptions_need_a_survey(tmp_path):
    """`patron init` says what is missing, and leaves no project that a run would stumble over."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "test.csv").write_text("ID,Order_Date\n0x1,01-01-2023\n")
    with pytest.raises(SourceError, match="no rows in onlinedeliverydata"):
        init(tmp_path / "shop", "food_delivery", tmp_path / "files")
    assert not (tmp_path / "shop" / "patron.yaml").exists()


def test_the_survey_from_postgresql_gives_the_same_customers(food_delivery, postgres, tmp_path):
    """As docs/food_delivery.md says: the file loaded as text, a key, and the block of patron.yaml in place of `files`."""
    shop, _ = food_delivery
    other = BuiltShop(tmp_path / "tables")
    shutil.copytree(shop.folder, other.folder, ignore=shutil.ignore_patterns("lake", ".patron", "*.duckdb"))
    survey = other.folder / "data" / "onlinedeliverydata.csv"
    columns = ", ".join(f'"{name}" text' for name in survey.read_text(encoding="utf-8").splitlines()[0].split(","))
    postgres.run(f"""
create table survey ({columns});
\\copy survey from '{survey}' csv header
alter table survey add answer integer generated always as identity primary key;
grant select on survey to owner;
""")
    survey.unlink()
    written = (other.folder / "patron.yaml").read_text(encoding="utf-8")
    changed = written.replace('    files: "**/onlinedeliverydata.csv"\n', "")
    changed = changed.replace("    # postgres:\n    #   table:", "    postgres:\n      table:")
    (other.folder / "patron.yaml").write_text(changed, encoding="utf-8")
    other.run()
    assert plain(other.rows("silver.customers")) == plain(shop.rows("silver.customers"))
    assert other.rows("gold.survey_segments") == shop.rows("gold.survey_segments")
    words = "select customer_id, reviewed_at, review_text from silver.reviews order by all"
    assert other.query(words) == shop.query(words)
    once = 'select min("Pin code") from (select "Pin code" from survey group by 1 having count(*) = 1) as once'
    postgres.run(f'delete from survey where "Pin code" = ({once})')
    assert other.run().as_dict()["rows_landed"] == 1
    before, after = plain(shop.rows("silver.customers")), plain(other.rows("silver.customers"))
    assert len(after) == len(before) - 1
    assert all(row in before for row in after)


def plain(rows):
    """Without what tells of landings."""
    return [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]


def questions(page: str) -> list[str]:
    """The queries of a page, as it shows them."""
    return re.findall(r"```sql\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("sql", questions("cafe.md"))
def test_questions_of_the_cafe_have_answers(cafe, sql):
    assert ask(cafe[0].project, sql).rows


@pytest.mark.parametrize("sql", questions("groceries.md"))
def test_questions_of_groceries_have_answers(instacart, sql):
    assert ask(instacart[0].project, sql).rows


@pytest.mark.parametrize("sql", questions("food_delivery.md"))
def test_questions_of_food_delivery_have_answers(food_delivery, sql):
    assert ask(food_delivery[0].project, sql).rows


@pytest.mark.parametrize("sql", questions("customer360.md"))
def test_questions_of_customer_360_have_answers(customer360, sql):
    assert ask(customer360[0].project, sql).rows
