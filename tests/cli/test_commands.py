"""The command line: help with examples that run, one JSON document for machines, exit codes as documented."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from faults.projects import ALL_OF_GOLD, GOOD, built, copy_of_built, forked, gold, patron, row, settings, source, write
from patron import errors
from patron.cli import app as cli
from patron.errors import PatronError

COMMANDS = (
    *(
        "up",
        "down",
        "init",
        "run",
        "stream",
        "produce",
        "demo",
        "plan",
        "check",
        "status",
        "quarantine",
        "replay",
        "profile",
        "history",
    ),
    *("query", "ask", "tables", "report", "dashboard", "dashboard-user", "audience", "export", "star"),
    *("value", "retention"),
    *("verify", "doctor", "inspect", "tidy", "diff"),
    *("land", "lineage", "metric", "dbt", "notify"),
)


def example(command: str) -> str:
    """The example in a command's help."""
    found = re.search(rf"Example: (patron {command}\b.*)", patron(command, "--help").out.replace("\n  ", " "))
    assert found, f"patron {command} --help shows no example"
    return " ".join(found[1].split(" Options:")[0].split())


def test_help_lists_every_command_once():
    listed = patron("--help").out
    assert {name for name in COMMANDS if re.search(rf"^  {name} ", listed, re.MULTILINE)} == set(COMMANDS)
    commands = typer.main.get_command(cli.app).commands
    assert {name for name, command in commands.items() if not command.hidden} == set(COMMANDS)


@pytest.mark.parametrize(
    "command",
    ["check", "land", "plan", "status", "quarantine", "replay", "query", "metric", "ask", "tables", "doctor", "verify"],
)
def test_the_example_in_the_help_runs(command, monkeypatch):
    monkeypatch.chdir(built())
    outcome = patron(*shlex.split(example(command))[1:])
    assert outcome.code == 0, outcome.err
    assert outcome.out


@pytest.mark.parametrize("command", ["profile", "history"])
def test_the_example_with_a_customer_runs_for_an_existing_customer(command, monkeypatch):
    monkeypatch.chdir(built())
    assert patron(*shlex.split(example(command).replace("12478", "c1"))[1:]).code == 0


def test_the_example_of_init_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/orders.csv").write_text("order id,date,customer id,amount\n1,2024-03-13,7,5.00\n")
    assert patron(*shlex.split(example("init"))[1:]).code == 0
    assert (tmp_path / "my-shop" / "patron.yaml").is_file()


def test_the_example_of_inspect_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("orders.csv", "customers.csv"):
        (tmp_path / name).write_text("id,city\n1,Bonn\n")
    assert "customers.csv: 1 row" in patron(*shlex.split(example("inspect"))[1:]).out


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Path, str]:
    """The example of demo, run as it stands in the help."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", *shlex.split(example("demo"))]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_demo_shows_segments_and_key_figures(demo):
    output = demo[1]
    for words in (
        "Customers by segment",
        "Champions",
        "Key figures",
        "Lifetime value per customer",
        "Net revenue",
        "Average order value",
    ):
        assert words in output
    assert "Traceback" not in output


def test_the_commands_that_the_demo_suggests_run(demo, monkeypatch):
    folder, output = demo
    monkeypatch.chdir(folder)
    commands = [line.strip() for line in output[output.index("Try next:") :].splitlines()[1:] if line.strip()]
    verbs = [re.search(rf"patron ({'|'.join(COMMANDS)})\b.*", command) for command in commands]
    assert len(verbs) >= 4
    for found in filter(None, verbs):
        if found[1] not in ("init", "dashboard"):
            outcome = patron(*shlex.split(found[0])[1:])
            assert outcome.code == 0, outcome.err
    assert gold(folder / "demo")["customer_360"]


ALLOWED_TO_PRINT = [
    "check",
    "status",
    "quarantine",
    "tables",
    "doctor",
    ("tables", "customer_360"),
    ("profile", "c1"),
    ("query", "select 1 as one"),
    ("ask", "order_gaps"),
    ("ask", "--list"),
    ("audience", "create", "Everyone", "--sql", "select customer_id from customer_360"),
]


@pytest.mark.parametrize("words", ALLOWED_TO_PRINT, ids=str)
def test_json_is_one_document_and_nothing_else(words):
    outcome = patron(*([words] if isinstance(words, str) else words), "--json", folder=built())
    assert outcome.code == 0
    assert outcome.json
    assert not outcome.err


FAILING = [
    (("run",), settings(chrun={}), 2, "settings"),
    (("run",), settings(sources={"a": source("none.csv")}), 3, "source"),
    (("check",), None, 7, "nothing_built"),
    (("quarantine",), None, 7, "nothing_built"),
    (("replay",), None, 7, "nothing_built"),
    (("profile", "c1"), None, 7, "nothing_built"),
    (("query", "select 1"), None, 7, "nothing_built"),
    (("ask", "order_gaps"), None, 7, "nothing_built"),
    (("ask", "nosuch"), None, 2, "settings"),
    (("tables",), None, 7, "nothing_built"),
    (("audience", "create", "Lost"), None, 7, "nothing_built"),
    (("audience", "measure", "Lost"), None, 3, "unknown_audience"),
    (("export", "--to", "postgres://nobody@127.0.0.1:1/none"), None, 7, "nothing_built"),
    (("run", "--as-of", "2011-02-30"), None, 2, "settings"),
    (("run", "--nosuch"), None, 2, "usage"),
]


@pytest.mark.parametrize(("words", "yaml_", "code", "kind"), FAILING, ids=lambda value: str(value)[:20])
def test_errors_exit_with_their_code_and_are_one_json_document(tmp_path, words, yaml_, code, kind):
    outcome = patron(*words, "--json", folder=write(tmp_path, yaml=yaml_))
    assert outcome.code == code
    assert set(outcome.json) == {"error", "what", "where", "next"}
    assert outcome.json["error"] == kind
    assert outcome.json["what"]
    assert "Traceback" not in outcome.err
    plain = patron(*words, folder=tmp_path)
    assert (plain.code, plain.out) == (code, "")
    assert "next: " in plain.err or kind == "usage" or "--as-of" in plain.err


READING_ERRORS = [
    (("profile", "c9"), 3, "There is no customer 'c9'.", "c1"),
    (("profile", "c'; drop table gold.customer_360; --"), 3, "There is no customer", "nearest IDs"),
    (("tables", "customer_36"), 2, "There is no table 'customer_36'", "did you mean 'customer_360'?"),
    (("query", "select nosuch from customer_360"), 2, "nosuch", "patron tables"),
    (("query", "selekt 1"), 2, "syntax error", "fix the SQL"),
]


@pytest.mark.parametrize(("words", "code", "what", "hint"), READING_ERRORS, ids=lambda value: str(value)[:20])
def test_errors_of_readers_suggest_the_nearest_name(words, code, what, hint):
    outcome = patron(*words, folder=built())
    assert (outcome.code, outcome.out) == (code, "")
    assert what in outcome.err
    assert hint in outcome.err


def test_every_error_has_a_documented_exit_code():
    def family(kind: type[PatronError]) -> set[type[PatronError]]:
        return {kind}.union(*(family(child) for child in kind.__subclasses__()))

    codes = {kind.exit_code for kind in family(errors.PatronError)}
    assert codes | {0, 130} == set(cli.EXIT_CODES)
    epilog = " ".join(patron("--help").out.split())
    for code, meaning in cli.EXIT_CODES.items():
        assert f"{code} {meaning}" in epilog


def test_wrong_arguments_are_a_usage_error():
    for words in ([], ["nosuch"], ["query"], ["query", "select 1", "--limit", "0"]):
        outcome = patron(*words)
        assert (outcome.code, "Traceback" in outcome.err) == (2, False)


OLD_SPELLINGS = [
    (("audience", "Everyone", "--sql", "select customer_id from customer_360"), "patron audience create NAME"),
    (("audience", "--sql", "select customer_id from customer_360", "Everyone"), "patron audience create NAME"),
    (("audience", "--list"), "patron audience list"),
    (("audience", "--measure", "Lost"), "patron audience measure"),
    (("audience", "--measure=Lost"), "patron audience measure"),
    (("publish", "--to", "postgres://nobody@127.0.0.1:1/none"), "patron export"),
    (("publish", "--anew", "--to", "postgres://nobody@127.0.0.1:1/none"), "patron export --force"),
]


@pytest.mark.parametrize(("words", "new"), OLD_SPELLINGS, ids=lambda value: " ".join(value)[:30])
def test_old_spellings_work_with_a_notice_that_names_the_new_one(words, new):
    old = patron(*words, "--json", folder=built())
    notice, *rest = old.err.splitlines()
    assert notice.startswith("notice: ")
    assert f"is now `{new}`" in notice
    assert not any("notice" in line for line in rest)
    assert old.json is not None  # still one document
    assert old.code in (0, 3)  # no such audience, no such server


def test_every_public_name_can_be_imported_and_is_documented():
    import patron as package

    for name in package.__all__:
        assert name == "__version__" or getattr(package, name).__doc__
    assert set(package.__all__) == set(dir(package))


def test_version():
    assert re.fullmatch(r"patron \d+\.\d+\.\d+\n", patron("--version").out)


HEAVY = {"pandas", "duckdb", "dbt", "deltalake", "pyarrow", "sqlglot", "numpy", "scipy", "pydantic", "yaml", "pyspark"}


@pytest.mark.parametrize("code", ["import patron", "from patron.cli.app import main; main(['--help'])"])
def test_heavy_libraries_are_imported_at_first_use(code):
    after = f"{code[:-1] if code.endswith(';') else code}"
    script = f"import sys\ntry:\n    {after}\nexcept SystemExit:\n    pass\nprint('|', *sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.rpartition("|")[2].split()}
    assert not loaded & HEAVY


NOT_FOR_NOTHING_NEW = {"dbt", "scipy", "sklearn", "lightgbm", "ssl", "pyspark", "dagster"}


def test_a_run_with_nothing_new_imports_nothing_to_build_or_to_send_with():
    call = f"from patron.cli.app import main; main(['run', '--project', {str(built())!r}])"
    script = f"import sys\ntry:\n    {call}\nexcept SystemExit:\n    pass\nprint('|', *sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Nothing new" in done.stdout
    loaded = {name.split(".")[0] for name in done.stdout.rpartition("|")[2].split()}
    assert loaded & NOT_FOR_NOTHING_NEW == set()


def test_init_refuses_what_it_cannot_make(tmp_path):
    made = tmp_path / "shop"
    assert patron("init", made).code == 0
    again = patron("init", made)
    assert (again.code, "already" in again.err) == (2, True)
    unknown = patron("init", tmp_path / "b", "--example", "online_retial")
    assert (unknown.code, "did you mean 'online_retail'?" in unknown.err) == (2, True)
    missing = patron("init", tmp_path / "b", "--data", tmp_path / "nowhere")
    assert (missing.code, "--data" in missing.err) == (3, True)
    assert not (tmp_path / "b").exists()
    (tmp_path / "file").write_text("x")
    in_the_way = patron("init", tmp_path / "file")
    assert (in_the_way.code, "is a file" in in_the_way.err) == (2, True)


def test_init_maps_a_folder_and_inspect_shows_it(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    rows = [f"{n},2024-03-{n + 10:02},K{n % 3},{n}.50" for n in range(1, 10)]
    (folder / "sales.csv").write_text("\n".join(["order id,date,customer id,amount", *rows]))
    made = patron("init", tmp_path / "shop", "--data", folder)
    assert (made.code, "Mapped by the values of your files" in made.out) == (0, True)
    assert patron("run", "--json", folder=tmp_path / "shop").code == 0
    table = patron("inspect", folder / "sales.csv", "--json").json["tables"][0]
    assert (table["name"], table["rows"], table["keys"]) == ("sales.csv", 9, ["order id"])
    shown = patron("inspect", "sales", folder=tmp_path / "shop")
    assert (shown.code, "sales: 9 rows" in shown.out) == (0, True)
    (folder / "sales.csv").write_text("order id,date,customer id\n1,01/02/2024,K1\n")
    asked = patron("init", tmp_path / "asked", "--data", folder)
    assert (asked.code, "leave 2 questions open" in asked.out) == (0, True)
    assert patron("run", folder=tmp_path / "asked").code == 2
    unknown = patron("init", tmp_path / "c", "--data", folder, "--from", "shopfy")
    assert (unknown.code, "did you mean 'shopify'?" in unknown.err) == (2, True)
    without = patron("init", tmp_path / "c", "--from", "shopify")
    assert (without.code, "--data" in without.err) == (2, True)


def test_init_on_one_file_reads_that_file_only(tmp_path):
    receipts = tmp_path / 'my "own" data' / "day [1].csv"
    receipts.parent.mkdir()
    receipts.write_text("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")
    (receipts.parent / "other.csv").write_text("x\n1\n")
    assert patron("init", tmp_path / "shop", "--example", "online_retail", "--data", receipts).code == 0
    written = yaml.safe_load((tmp_path / "shop" / "patron.yaml").read_text())
    assert written["data"] == str(receipts.parent)
    assert written["sources"]["receipts"]["files"] == receipts.name
    found = patron("doctor", "--json", folder=tmp_path / "shop").json
    assert [f["detail"] for f in found if f["name"] == "source receipts"] == ["1 files, 0.0 MB"]


def test_init_on_one_file_of_a_shop_of_several_is_refused(tmp_path):
    (tmp_path / "customer.csv").write_text("customer_id\n1\n")
    refused = patron("init", tmp_path / "shop", "--example", "cafe", "--data", tmp_path / "customer.csv")
    assert (refused.code, "reads 5 kinds of files" in refused.err) == (3, True)
    assert not (tmp_path / "shop").exists()


def test_init_prints_the_project_folder_as_json(tmp_path):
    assert patron("init", tmp_path / "[red]shop", "--json").json == {"project": str(tmp_path / "[red]shop")}
    assert "[bold]" in patron("init", tmp_path / "[bold]").out


def test_the_starter_project_says_that_files_are_missing(tmp_path):
    patron("init", tmp_path / "shop")
    outcome = patron("run", "--quiet", folder=tmp_path / "shop")
    assert outcome.code == 3
    assert "put files there" in outcome.err


def test_tables_lists_every_gold_table_with_rows_and_grain():
    listed = patron("tables", "--json", folder=built()).json
    assert sorted(table["table"] for table in listed) == sorted(ALL_OF_GOLD)
    counts = {table["table"]: table["rows"] for table in listed}
    assert {name: counts[name] for name in ("customer_360", "dim_churn_group")} == {
        "customer_360": 2,
        "dim_churn_group": 4,
    }
    assert all(table["description"].startswith("Grain: ") for table in listed)
    for name in ALL_OF_GOLD:
        columns = patron("tables", name, "--json", folder=built()).json
        assert all(column["description"] for column in columns), name
    assert patron("tables", "gold.customer_rfm", folder=built()).code == 0


def test_profile_shows_the_customer():
    output = " ".join(patron("profile", "c1", folder=built()).out.split())
    assert "USD 12.50 to date" in output
    assert "USD 17.50 gross, USD 0.00 discounts, USD 5.00 refunds" in output
    facts = patron("profile", "c1", "--json", folder=built()).json
    assert (facts["customer_id"], facts["net_amount"], facts["order_count"]) == ("c1", 12.5, 1)


def test_query_gives_a_table_json_and_csv():
    sql = "select customer_id, net_amount, segment, null as nothing from customer_360 order by 1"
    assert [
        (one["customer_id"], one["net_amount"], one["nothing"])
        for one in patron("query", sql, "--json", folder=built()).json
    ] == [
        ("c1", 12.5, None),
        ("c2", 5, None),
    ]
    rows = list(csv.reader(io.StringIO(patron("query", sql, "--csv", folder=built()).out)))
    assert rows[0] == ["customer_id", "net_amount", "segment", "nothing"]
    assert rows[1][:2] == ["c1", "12.5000"]
    shown = patron("query", sql, folder=built()).out
    assert "12.50" in shown
    assert "nothing" in shown


def test_query_shows_at_most_the_requested_rows():
    shown = patron("query", "select range as n from range(100)", "--limit", 3, folder=built()).out
    assert "97 more rows" in shown
    assert len(patron("query", "select range as n from range(100)", "--json", folder=built()).json) == 100


def test_a_row_too_wide_for_the_terminal_becomes_a_list():
    shown = patron("query", "select * from customer_360 order by customer_id limit 1", folder=built()).out
    lines = [line.split("│") for line in shown.splitlines() if line.startswith("│")]
    assert {cells[1].strip(): cells[2].strip() for cells in lines}["customer_id"] == "c1"


def test_rich_markup_in_data_is_printed_as_it_is(tmp_path):
    result = "select '[bold]x[/bold]' as \"[red]name[/red]\", '[/]' as b"
    shown = patron("query", result, folder=built()).out
    for text in ("[bold]x[/bold]", "[red]name[/red]", "[/]"):
        assert text in shown


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> Path:
    """A copy that has run once and may run again."""
    return copy_of_built(tmp_path_factory.mktemp("grown"))


def test_a_run_without_new_data_builds_nothing(grown):
    report = patron("run", "--json", folder=grown).json
    assert (report["rows_landed"], report["rebuilt"], report["models_built"]) == (0, False, 0)
    assert "Nothing new" in patron("run", "--quiet", folder=grown).out


def test_as_of_measures_at_that_day_and_a_later_run_goes_back(grown):
    before = gold(grown)
    report = patron("run", "--as-of", "2024-02-15", "--json", folder=grown).json
    assert (report["as_of"], report["rebuilt"]) == ("2024-02-15", True)
    sql = "select max(as_of_date) as day, max(last_order_date) as last from customer_360"
    assert patron("query", sql, "--json", folder=grown).json == [{"day": "2024-02-15", "last": "2024-02-01"}]
    assert patron("check", folder=grown).code == 0  # what was measured, was asked for
    assert patron("run", "--json", folder=grown).json["as_of"] == "2024-03-03"
    assert gold(grown) == before


def test_selected_models_are_built_and_not_published(grown):
    (grown / "data" / "more.csv").write_text(GOOD.split("\n")[0] + "\n" + row(customer_id="c3"))
    before = patron("query", "select count(*) as n from customer_360", "--json", folder=grown).json
    report = patron("run", "--select", "stg_order_lines order_lines", "--json", folder=grown).json
    assert (report["rows_landed"], report["models_built"], report["reason"]) == (
        1,
        2,
        "a selection was requested: stg_order_lines order_lines",
    )
    assert patron("query", "select count(*) as n from customer_360", "--json", folder=grown).json == before
    after = patron("run", "--full-refresh", "--json", folder=grown).json
    assert (after["rows_landed"], after["reason"], after["is_full_build"]) == (0, "a full refresh was requested", True)
    assert patron("query", "select count(*) as n from customer_360", "--json", folder=grown).json == [{"n": 3}]


def test_a_selection_without_a_model_is_refused(grown):
    done = patron("run", "--select", "custmer_360", folder=grown)
    assert done.code == 2
    assert "--select 'custmer_360'" in done.err


def test_progress_goes_to_the_error_stream_and_quiet_silences_it(tmp_path):
    folder = write(tmp_path, {"good.csv": GOOD.splitlines()[0] + "\n"})
    loud = forked("run", folder=folder)
    assert (loud.code, "bronze" in loud.err, "bronze" in loud.out) == (0, True, False)
    assert "Landed 0 rows from 1 file." in loud.out
    quiet = forked("run", "--quiet", folder=folder)
    assert (quiet.code, quiet.err) == (0, "")


def test_doctor_passes_an_intact_project_or_says_what_to_fix(tmp_path):
    assert patron("doctor", folder=built()).code == 0
    statuses = {f["name"]: f["status"] for f in patron("doctor", "--json", folder=built()).json}
    assert set(statuses.values()) == {"pass"}
    nothing = patron("doctor", "--json", folder=tmp_path)
    assert (nothing.code, nothing.json[-1]["status"]) == (5, "fail")
    assert "patron init" in nothing.json[-1]["detail"]
    for broken, name in (
        (settings(chrun={}), "patron.yaml"),
        (settings(rules={"segments": "nin"}), "expressions and rules"),
        (settings(sources={"a": source(columns={"quantity": "nosuch(a)"})}), "expressions and rules"),
        (settings(sources={"a": source("none-*.csv")}), "source a"),
        (settings(sources={"a": source(".")}), "source a"),
    ):
        outcome = patron("doctor", "--json", folder=write(tmp_path, yaml=broken))
        failed = [f["name"] for f in outcome.json if f["status"] == "fail"]
        assert (outcome.code, failed) == (5, [name])
    assert not (tmp_path / ".patron").exists()


def test_a_closed_pipe_is_not_an_error():
    command = [
        sys.executable,
        "-m",
        "patron",
        "query",
        "select * from range(300000)",
        "--csv",
        "--project",
        str(built()),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"range\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_the_json_report_of_a_run_is_complete(grown):
    report = patron("run", "--json", folder=grown).json
    assert json.loads(json.dumps(report)) == report
    assert set(report) >= {"rows_landed", "rows_rejected", "files_landed", "seconds", "warnings", "snapshot", "as_of"}
