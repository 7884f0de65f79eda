"""The command line as a user meets it: whole processes, exit codes, one JSON document, read-only questions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def patron(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "patron", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    return folder, patron("demo", "online_retail", "--folder", str(folder), "--quiet").stdout


def test_demo_ends_with_segments_key_figures_and_next_commands(demo):
    folder, said = demo
    assert "Champions/VIPs" in said
    assert "Net revenue" in said
    assert f"check --project {folder}" in said


def test_the_commands_that_demo_names_run(demo):
    folder, said = demo
    import shlex

    named = [shlex.split(line.strip()) for line in said.split("Ask next:")[1].splitlines() if line.strip()]
    for words in named:
        if "init" not in words:
            subprocess.run(words, check=True, capture_output=True)


@pytest.mark.parametrize("command", ["init", "run", "demo", "check", "profile", "query", "tables", "doctor"])
def test_help_holds_an_example(command):
    assert f"Example: patron {command}" in patron(command, "--help").stdout


def test_help_and_import_load_nothing_heavy():
    heavy = "duckdb dbt deltalake pyarrow sqlglot numpy pandas pydantic".split()
    code = f"import sys, patron, patron.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_json_is_one_document_also_for_errors(demo, tmp_path):
    folder, _ = demo
    for words in (["run"], ["check"], ["tables"], ["query", "select 1 as a"], ["doctor"]):
        assert json.loads(patron(*words, "--json", "--project", str(folder)).stdout) is not None
    error = json.loads(patron("run", "--json", "--project", str(tmp_path), code=2).stdout)
    assert error["error"] == "settings"
    assert error["next"]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into gold.customer_rfm select * from gold.customer_rfm",
        "copy (select 1) to 'x.csv'",
        "attach 'x.duckdb'",
        "set enable_external_access = true",
        "select 1; select 2",
        "select * from read_csv('/etc/passwd')",
        "create table x as select 1",
        "select * from customer_36",
    ],
)
def test_questions_cannot_change_or_leave_gold(demo, sql):
    folder, _ = demo
    assert patron("query", sql, "--project", str(folder), code=2).stderr


def test_csv_is_csv(demo):
    folder, _ = demo
    said = patron("query", "select 1 as a, 'x,y' as b", "--csv", "--project", str(folder)).stdout
    assert said == 'a,b\n1,"x,y"\n'


def test_markup_in_data_is_shown_as_it_is(demo):
    folder, _ = demo
    assert "[bold]x[/bold]" in patron("query", "select '[bold]x[/bold]' as a", "--project", str(folder)).stdout


def test_an_unknown_customer_names_near_ones(demo):
    folder, _ = demo
    assert "nearest ids" in patron("profile", "nobody", "--project", str(folder), code=3).stderr


def test_init_refuses_a_project_that_is_there_and_an_unknown_example(demo, tmp_path):
    folder, _ = demo
    assert "already" in patron("init", str(folder), code=2).stderr
    assert "online_retail" in patron("init", str(tmp_path / "x"), "--example", "online_retial", code=2).stderr
    assert "There is no" in patron("init", str(tmp_path / "x"), "--data", str(tmp_path / "none"), code=3).stderr


def test_init_guesses_a_mapping_from_the_users_files(tmp_path):
    data = tmp_path / "till"
    data.mkdir()
    (data / "a.csv").write_text('Receipt No;Sold at;Card;Qty;Price\n1;31/01/2024 10:00;7;1;"1.234,50"\n')
    shop = tmp_path / "shop"
    patron("init", str(shop), "--data", str(data))
    text = (shop / "patron.yaml").read_text()
    assert "order_id: Receipt No" in text
    assert 'ordered_at: {expression: Sold at, format: "%d/%m/%Y %H:%M"}' in text
    assert 'unit_price: {expression: Price, format: "1.234,50"}' in text
    patron("run", "--quiet", "--project", str(shop))
    said = patron("query", "select customer_id, net_amount from customer_360", "--csv", "--project", str(shop)).stdout
    assert said == "customer_id,net_amount\n7,1234.5000\n"


def test_usage_errors_exit_2():
    assert "Did you mean 'run'" in patron("rnu", code=2).stderr


def test_nothing_built_yet_exits_7(tmp_path):
    patron("init", str(tmp_path / "shop"))
    for words in (["query", "select 1"], ["tables"], ["profile", "1"], ["check"]):
        assert "patron run" in patron(*words, "--project", str(tmp_path / "shop"), code=7).stderr


def test_check_fails_when_somebody_changed_a_table(demo):
    import duckdb

    folder, _ = demo
    with duckdb.connect(str(folder / ".patron" / "warehouse.duckdb")) as connection:
        connection.execute("delete from silver.order_lines where _row_key = (select min(_row_key) from silver.order_lines)")
    said = patron("check", "--project", str(folder), code=5).stdout
    assert "1 lost" in said
    patron("run", "--full-refresh", "--quiet", "--project", str(folder))
    patron("check", "--project", str(folder))
