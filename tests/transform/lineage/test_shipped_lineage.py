"""The lineage of the five shipped shops: complete, and right where it was written by hand."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage as trace_by_sqlglot

from patron.errors import NothingBuiltError, SettingsError
from patron.lake import Lake
from patron.predict import stage
from patron.project.project import Project
from patron.publish.snapshot import load_current
from patron.transform.compile_cache import read_compiled
from patron.transform.lineage import load
from patron.transform.lineage.explain import explain_column, list_origins
from patron.transform.lineage.load import load_lineage
from patron.transform.lineage.origin import ROWS
from patron.transform.lineage.picture import draw_svg, save_svg, write_mermaid
from patron.transform.lineage.predicted import MADE_FROM

SHOPS = ("cafe", "customer360", "food_delivery", "instacart", "online_retail")
GIVEN = ("predictions.", "history.", "meta.", "seeds.")


@pytest.fixture(scope="module")
def shops(example):
    return {name: (example(name).project, load_lineage(example(name).project)) for name in SHOPS}


@pytest.mark.parametrize("shop", SHOPS)
def test_every_column_of_gold_comes_from_somewhere(shops, shop):
    project, lineage = shops[shop]
    published = load_current(project.published)
    columns = [(f"gold.{table}", name) for table in published.tables for name in lineage.list_columns(f"gold.{table}")]
    assert len(columns) > 500
    for column in columns:
        report = explain_column(project, lineage, ".".join(column))
        assert report.sources or (report.ends and all(report.ends)), report.column


@pytest.mark.parametrize("shop", SHOPS)
def test_gold_has_the_columns_that_lineage_lists(example, shops, shop):
    lineage = shops[shop][1]
    found = example(shop).query(
        "select table_name, list(column_name order by ordinal_position) as names from information_schema.columns "
        "where table_schema = 'gold' group by all"
    )
    assert {row["table_name"]: row["names"] for row in found} == {
        row["table_name"]: lineage.list_columns(f"gold.{row['table_name']}") for row in found
    }


@pytest.mark.parametrize("shop", SHOPS)
def test_every_source_column_has_landed_and_every_other_start_is_known(shops, shop):
    project, lineage = shops[shop]
    landed = {
        f"bronze.{name}": {*Lake(project.lake).table(name).schema().names, ROWS} for name in project.settings.sources
    }
    for table, name in lineage.columns:
        if lineage.origin_of((table, name)) is None:
            assert name in landed.get(table, ()) or table.startswith(GIVEN), (table, name)


RECEIPT = ("receipts.transaction_date", "receipts.sales_outlet_id", "receipts.transaction_id")
BY_HAND = [
    ("cafe", "customer_360.net_amount", {"receipts.quantity", "receipts.unit_price"}),
    ("cafe", "customer_360.gender", {"customers.gender"}),
    ("cafe", "customer_360.email_domain", {"customers.customer_email"}),
    ("cafe", "customer_360.is_loyalty_member", {"customers.loyalty_card_number"}),
    ("cafe", "customer_360.region", set()),
    (
        "cafe",
        "customer_360.order_count",
        {*RECEIPT, "receipts.transaction_time", "receipts.customer_id"},
    ),
    ("cafe", "dim_product.category", {"products.product_category"}),
    ("cafe", "dim_location.latitude", {"outlets.store_latitude"}),
    ("cafe", "dim_date.calendar_date", {"receipts.transaction_date", "receipts.transaction_time"}),
    ("cafe", "dim_time.hour_of_day", set()),
    ("customer360", "customer_360.loyalty_tier", {"loyalty_accounts.tierlevel"}),
    ("customer360", "dim_product.category", {"products.category"}),
    ("food_delivery", "dim_courier.rating", {"deliveries.delivery_person_ratings"}),
    ("food_delivery", "review_sentiment.review_text", {"survey.reviews"}),
    ("instacart", "dim_product.department", {"departments.department"}),
    ("instacart", "customer_360.region", {"regions.region"}),
    ("online_retail", "customer_360.country", {"receipts.country"}),
    ("online_retail", "dim_product.product_name", {"receipts.description"}),
]


@pytest.mark.parametrize(("shop", "column", "sources"), BY_HAND)
def test_columns_lead_to_the_sources_that_the_mapping_names(shops, shop, column, sources):
    report = explain_column(*shops[shop], column)
    assert {source.lower() for source in report.sources} == sources


def test_a_segment_comes_from_what_its_scores_come_from(shops):
    scores = {
        source
        for score in ("recency_score", "frequency_score", "monetary_score")
        for source in explain_column(*shops["cafe"], f"customer_360.{score}").sources
    }
    assert set(explain_column(*shops["cafe"], "customer_360.segment").sources) == scores != set()


def test_each_step_in_staging_names_its_place_in_patron_yaml(shops):
    project, lineage = shops["cafe"]
    steps = {step.column: step for step in explain_column(project, lineage, "customer_360.net_amount").steps}
    [mapped] = steps["staging.stg_order_lines.unit_price"].mapped
    number = (project.root / "patron.yaml").read_text().splitlines().index("          unit_price: unit_price") + 1
    assert (mapped.source, mapped.expression) == ("receipts", "unit_price")
    assert f"line {number}," in mapped.where


def test_a_prediction_is_one_step_and_its_sources_count(shops):
    report = explain_column(*shops["cafe"], "customer_churn.churn_probability_90d")
    [predicted] = [step for step in report.steps if step.column.startswith("predictions.churn_scores.")][:1]
    assert predicted.kind == "predicted" and predicted.made_of == []
    assert "predictions.churn_features" in predicted.note
    assert {"receipts.quantity", "receipts.unit_price"} <= set(report.sources)


def test_a_sources_column_leads_to_all_that_is_made_of_it_and_nothing_else(shops):
    project, lineage = shops["cafe"]
    down = explain_column(project, lineage, "receipts.unit_price", "down")
    up = {
        f"{table.removeprefix('gold.')}.{name}"
        for table, name in lineage.columns
        if table.startswith("gold.") and name != ROWS
        if ("bronze.receipts", "unit_price") in lineage.trace_up((table, name))
    }
    assert {*down.gold, *down.predicted} == up
    assert not {*down.gold} & {*down.predicted}
    assert "customer_360.net_amount" in down.gold and "customer_360.gender" not in up


def test_a_column_that_only_a_prediction_reaches_is_told_apart(shops):
    down = explain_column(*shops["cafe"], "customers.gender", "down")
    assert {"customer_360.gender", "dim_customer.gender"} == set(down.gold)
    assert all(column.startswith("covariate_effects.") for column in down.predicted) and down.predicted


def test_all_columns_of_a_table_are_listed_with_their_sources(shops):
    origins = list_origins(shops["cafe"][1], "dim_product")
    assert origins["list_price"] == ["products.current_retail_price"]


@pytest.mark.parametrize("name", ["customer_360.nett_amount", "nosuch.thing"])
def test_an_unknown_column_is_refused_with_the_nearest(shops, name):
    with pytest.raises(SettingsError, match="There is no column"):
        explain_column(*shops["cafe"], name)


def test_models_that_predictions_read_are_those_that_lineage_says(shops):
    read = {table.partition(".")[2] for tables in MADE_FROM.values() for table in tables}
    nodes = read_compiled(shops["cafe"][0].compiled)
    inputs = {node.name for node in nodes if node.place.startswith(stage.INPUTS)}
    assert {*inputs, *stage.READS} <= read <= {node.name for node in nodes}
    written = {source for node in nodes for source in node.sources if source.startswith("predictions.")}
    assert written <= set(MADE_FROM)


@pytest.mark.parametrize("model", ["measures.customer_totals", "gold.customer_rfm"])
def test_sqlglots_own_lineage_finds_the_same_columns(shops, model):
    """Another way to the same: sqlglot qualifies the whole select, and follows one column at a time."""
    project, lineage = shops["cafe"]
    node = next(node for node in read_compiled(project.compiled) if f"{node.schema}.{node.name}" == model)
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for table, name in lineage.columns:
        folder, _, short = table.partition(".")
        schema.setdefault(folder, {}).setdefault(short, {})[name] = "text"
    for name in lineage.list_columns(model):
        found = set()
        for leaf in trace_by_sqlglot(name, parse_one(node.code, dialect="duckdb"), schema, dialect="duckdb").walk():
            if isinstance(leaf.source, exp.Table) and not leaf.downstream and "." in leaf.name:
                found.add((f"{leaf.source.db}.{leaf.source.name}", leaf.name.rpartition(".")[2].strip('"').lower()))
        own = {column for column in lineage.origin_of((model, name)).columns if column[1] != ROWS}
        assert own == found, name


def test_lineage_is_traced_once_for_each_version(shops, monkeypatch):
    project, lineage = shops["cafe"]

    def refuse(*_):
        raise AssertionError("traced again")

    monkeypatch.setattr(load, "trace_project", refuse)
    kept = load_lineage(project)
    assert (kept.tables, kept.passed) == (lineage.tables, lineage.passed)
    (project.compiled / "lineage.json").write_text('{"version": "another", "tables": {}, "passed": {}}')
    with pytest.raises(AssertionError, match="traced again"):
        load_lineage(project)
    monkeypatch.undo()
    assert load_lineage(project).tables == lineage.tables


def test_before_the_first_run_there_is_no_lineage(tmp_path):
    (tmp_path / "patron.yaml").write_text(
        json.dumps(
            {
                "shop": {"name": "x", "currency": "GBP", "timezone": "UTC"},
                "sources": {"a": {"files": "*.csv", "entities": {"customers": {"columns": {"customer_id": "id"}}}}},
            }
        )
    )
    with pytest.raises(NothingBuiltError):
        load_lineage(Project.load(tmp_path))


def test_the_picture_has_a_box_for_each_table_and_a_line_for_each_step(shops):
    report = explain_column(*shops["cafe"], "customer_360.net_amount")
    root = ElementTree.fromstring(draw_svg(report))
    name = "{http://www.w3.org/2000/svg}"
    tables = {step.column.rpartition(".")[0] for step in report.steps}
    assert len(root.findall(f"{name}rect")) == len(tables)
    arrows = sum(len(step.made_of) for step in report.steps)
    assert len(root.findall(f"{name}path")) == arrows
    assert write_mermaid(report).count(" --> ") == arrows


def test_a_picture_never_replaces_what_patron_did_not_write(shops, tmp_path):
    project, lineage = shops["cafe"]
    report = explain_column(project, lineage, "customer_360.gender")
    path = tmp_path / "own.svg"
    path.write_text("<svg>mine</svg>")
    with pytest.raises(SettingsError):
        save_svg(project, path, report)
    save_svg(project, path, report, overwrite=True)
    save_svg(project, path, report)
    with pytest.raises(SettingsError):
        save_svg(project, project.state / "a.svg", report)
    with pytest.raises(SettingsError, match="not an SVG"):
        save_svg(project, tmp_path / "a.png", report)
