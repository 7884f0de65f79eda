"""`patron ask`: saved questions by name, the list of them, and what is said where a shop cannot answer."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
import sqlglot
import yaml
from sqlglot import exp

import patron as package
from faults.projects import built, copy_of_built, patron, write
from patron.errors import SettingsError
from patron.project.project import Project
from patron.publish.snapshot import POINTER, load_current
from patron.serve.questions import CannotAnswerError, get_question, list_missing, list_questions

ROOT = Path(__file__).parents[2]
MODELS = Path(package.__file__).parent / "transform" / "sql" / "models"
SAVED = {one.name: one for one in list_questions()}
NO_PEOPLE = {
    "shop": {"name": "No people"},
    "sources": {
        "till": {
            "files": "*.csv",
            "entities": {
                "order_lines": {
                    "columns": {"order_id": "order_id", "ordered_at": "ordered_at", "unit_price": "unit_price"}
                }
            },
        }
    },
}


@pytest.fixture(scope="module")
def no_people(tmp_path_factory) -> Path:
    """A shop that has run, and maps neither customers nor products."""
    folder = write(tmp_path_factory.mktemp("no-people"), yaml=NO_PEOPLE)
    assert patron("run", "--quiet", folder=folder).code == 0
    return folder


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_question_is_one_ordered_select_over_gold(name):
    saved = SAVED[name]
    assert saved.text.endswith("?")
    (tree,) = sqlglot.parse(saved.sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    assert tree.args.get("order"), "an answer has an order"
    assert saved.tables
    assert all(list((MODELS / "gold").glob(f"*/{table}.sql")) for table in saved.tables)


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_question_is_answered_from_columns_that_are_described(name):
    read = {column.name for column in sqlglot.parse_one(SAVED[name].sql, read="duckdb").find_all(exp.Column)}
    described = {column["name"] for table in SAVED[name].tables for column in _model(table)["columns"]}
    named = {alias.alias for alias in sqlglot.parse_one(SAVED[name].sql, read="duckdb").find_all(exp.Alias)}
    assert read <= described | named


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_question_has_its_page_with_every_column_and_setting(name):
    page = " ".join((ROOT / "docs" / "questions" / f"{name}.md").read_text().split())
    index = (ROOT / "docs" / "questions.md").read_text()
    assert f"[{name}](questions/{name}.md) | {SAVED[name].text} |" in index
    for table in SAVED[name].tables:
        assert f"`{table}`" in page
        missing = [column["name"] for column in _model(table)["columns"] if not _has_word(page, column["name"])]
        assert not missing, f"{table}: {missing}"
    from patron.project.settings.questions import Questions

    if name in Questions.model_fields:
        assert all(_has_word(page, key) for key in Questions.model_fields[name].annotation.model_fields)


def _has_word(page: str, word: str) -> bool:
    return re.search(rf"\b{word}\b", page) is not None


def _model(table: str) -> dict:
    return yaml.safe_load(next((MODELS / "gold").glob(f"*/{table}.yml")).read_text())["models"][0]


def test_tables_are_read_from_the_sql_without_its_steps():
    from patron.serve.questions import Question

    sql = "with some as (select * from gold.a join b using (x)) select * from some join (select 1 from c) on true"
    assert Question("any", "Any?", sql).tables == ["a", "b", "c"]


@pytest.mark.parametrize("name", [name for name, saved in SAVED.items() if "cohort" in name or "gap" in name])
def test_an_answer_is_the_select_of_the_question(name):
    answered = patron("ask", name, "--json", folder=built())
    requested = patron("query", SAVED[name].sql, "--json", folder=built())
    assert (answered.code, answered.json) == (0, requested.json)
    assert answered.json


def test_an_answer_as_a_table_as_csv_and_in_python():
    shown = patron("ask", "order_gaps", "--limit", "1", folder=built())
    assert shown.out.startswith(SAVED["order_gaps"].text)
    assert "1 more rows" in shown.out
    rows = list(csv.DictReader(io.StringIO(patron("ask", "order_gaps", "--csv", folder=built()).out)))
    assert [row["customer_id"] for row in rows] == ["c1", "c2"]
    answer = package.ask(Project.load(built()), "order_gaps")
    assert [str(row["customer_id"]) for row in answer.records()] == ["c1", "c2"]
    assert package.ask(Project.load(built()), "select 1 as one").rows == [(1,)]


def test_a_select_is_run_unchanged():
    sql = "select count(*) as customers from customer_360"
    assert patron("ask", sql, "--json", folder=built()).json == [{"customers": 2}]
    assert patron("ask", sql, folder=built()).out == patron("query", sql, folder=built()).out


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ordergaps", "did you mean 'order_gaps'?"), ("Cohort-Retention", "'cohort_retention'"), ("zzz", "--list")],
)
def test_an_unknown_name_suggests_the_nearest(name, hint):
    outcome = patron("ask", name, folder=built())
    assert (outcome.code, outcome.out) == (2, "")
    assert f"There is no question {name!r}." in outcome.err
    assert hint in outcome.err
    assert patron("ask", name, "--json", folder=built()).json["error"] == "settings"
    with pytest.raises(SettingsError):
        get_question(name)


def test_a_name_and_the_list_do_not_go_together():
    for words in (["ask"], ["ask", "order_gaps", "--list"]):
        outcome = patron(*words, folder=built())
        assert (outcome.code, "Name one question" in outcome.err) == (2, True)


def test_the_list_has_every_question_and_says_what_this_shop_can_answer(no_people):
    listed = {row["name"]: row for row in patron("ask", "--list", "--json", folder=no_people).json}
    assert list(listed) == sorted(SAVED)
    for name, row in listed.items():
        assert row["question"] == SAVED[name].text
        assert row["tables"] == SAVED[name].tables
        assert row["can_answer"] == (not row["missing"])
    assert listed["cohort_retention"]["missing"] == ["order_lines.customer_id"]
    assert listed["golden_baskets"]["missing"] == [
        "order_lines.customer_id",
        "order_lines.product_id",
        "products.department or products.category",
    ]
    here = {row["name"]: row for row in patron("ask", "--list", "--json", folder=built()).json}
    assert here["cohort_retention"]["can_answer"]
    assert here["golden_baskets"]["missing"] == ["products.department or products.category"]


def test_the_list_as_a_table(no_people):
    output = re.sub(r"[│\s]+", " ", patron("ask", "--list", folder=no_people).out)
    assert all(name in output for name in SAVED)
    assert "no: no source maps" in output
    assert " yes " in re.sub(r"[│\s]+", " ", patron("ask", "--list", folder=built()).out)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("cohort_retention", "no source maps order_lines.customer_id."),
        ("golden_baskets", "products.department or products.category."),
    ],
)
def test_an_unanswerable_question_names_what_is_missing(no_people, name, missing):
    outcome = patron("ask", name, folder=no_people)
    assert (outcome.code, outcome.out) == (3, "")
    assert f"This shop cannot answer '{name}'" in outcome.err
    assert missing in outcome.err
    result = patron("ask", name, "--json", folder=no_people)
    assert (result.code, result.json["error"]) == (3, "cannot_answer")
    with pytest.raises(CannotAnswerError):
        package.ask(Project.load(no_people), name)


def test_an_empty_answer_is_reported_without_a_table(tmp_path):
    shop = built()  # nobody there has been silent for long and is a customer with large orders
    outcome = patron("ask", "lapsed_top_spenders", folder=shop)
    assert (outcome.code, outcome.out.splitlines()[1:]) == (
        0,
        ["No rows: its inputs are mapped, and no row qualifies."],
    )
    assert patron("ask", "lapsed_top_spenders", "--json", folder=shop).json == []


def test_tables_older_than_a_question_are_refused(tmp_path):
    folder = copy_of_built(tmp_path)
    published = Project.load(folder).published
    snapshot = json.loads((published / POINTER).read_text())
    del snapshot["tables"]["customer_order_gaps"]
    (published / POINTER).write_text(json.dumps(snapshot))
    outcome = patron("ask", "order_gaps", folder=folder)
    assert (outcome.code, "older than the question" in outcome.err, "patron run" in outcome.err) == (7, True, True)
    assert load_current(published) is not None


def test_what_a_question_lacks_is_what_its_tables_need(no_people):
    project = Project.load(no_people)
    assert list_missing(project, SAVED["order_gaps"]) == ["order_lines.customer_id"]
    assert list_missing(Project.load(built()), SAVED["order_gaps"]) == []
