"""Each documented command, setting and query runs as it is printed."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from faults.projects import patron
from patron.project.project import Project
from patron.project.settings import ProjectSettings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]

ELSEWHERE = {
    r"patron demo": "test_commands runs the example of the help, tests/examples each shop",
    r"patron dashboard": "serves until it is stopped; tests/serve/dashboard",
    r"patron (up|down)": "start and stop processes; tests/launch",
    r"patron (stream|produce)": "need a broker; tests/pipeline/test_stream, tests/ingest/kafka",
    r".*--pdf": "needs a browser; tests/serve/report",
    r"patron dbt": "long; tests/engines/test_dbt_alone, test_dbt_shops and test_dbt_package",
    r"patron export --to (bigquery|snowflake|databricks)": "need an account; tests/publish/clouds, tests/engines/clouds",
    r"patron notify": "needs somebody who listens; tests/pipeline/notify",
    r"patron verify": "long, or needs the authors' files; tests/predict/verify",
    r"patron (init|inspect).*(--from|--example)": "other files; tests/examples",
    r"patron (run|check) .*(--full-refresh|--full-compare|--against-full|--refit)": "long; tests/pipeline",
    r"patron (run .*--changed|diff)": "need a change; tests/pipeline/test_changed",
    r"patron run .*--days": "changes the shop of other tests; tests/pipeline/test_days",
    r"patron audience (measure|create --sql)$": "names the command",
}
"""Commands that do not run here, and where or why."""

PLACEHOLDER = re.compile(r"\b[A-Z]{2,}(_[A-Z]+)*\b(?!\.md)|\.\.\.")


def printed() -> list[str]:
    """The commands of all pages: lines of blocks, and those in a text whose arguments are given."""
    found = dict[str, None]()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for line in re.findall(r"^ {4}(?:cd \S+ && )?(patron .*)$", text, flags=re.MULTILINE):
            found[re.split(r"\s{2,}#|\s>\s|\s&&\s", line)[0].strip()] = None
        inline = re.findall(r"`(patron [^`\n]* [^`\n]*)`", text)
        found |= dict.fromkeys(line for line in inline if not PLACEHOLDER.search(line))
    return list(found)


def commands() -> list[str]:
    """The commands that run here."""
    return [each for each in printed() if not any(re.match(known, each) for known in ELSEWHERE)]


@pytest.fixture(scope="module")
def place(example, tmp_path_factory) -> Path:
    """A folder with the shop of the README as `demo`, and what the pages name beside it."""
    folder = tmp_path_factory.mktemp("documented")
    shutil.copytree(example("online_retail").folder, folder / "demo")
    (folder / "PATH/TO").mkdir(parents=True)
    (folder / "exports").symlink_to(folder / "demo/data")
    (folder / "PATH/TO/FILES").symlink_to(folder / "demo/data")
    coats = "select customer_id from customer_360 where order_count > 3"
    (folder / "demo/coats.sql").write_text(coats)
    orders = "select order_id, customer_id, order_date as ordered_at, order_amount as amount from fct_orders"
    text = patron("query", orders, "--csv", folder=folder / "demo").out
    (folder / "demo/orders.csv").write_text(text)
    start, stop = dt.date(2022, 1, 1), dt.date(2024, 12, 31)
    subscriptions = ["customer_id,started_at,ended_at,price"]
    for number in range(400):
        begun = start + dt.timedelta(days=number)
        ended = begun + dt.timedelta(days=30 * (1 + number % 17 + 40 * (number % 5 == 0)))
        subscriptions.append(f"c{number},{begun},{ended if ended <= stop else ''},{10 + number % 7}")
    (folder / "demo/subscriptions.csv").write_text("\n".join(subscriptions) + "\n")
    (folder / "demo/customers.csv").write_text("customer,city\n1,Bonn\n")
    return folder


@pytest.mark.parametrize("command", commands())
def test_a_documented_command_runs_as_printed(place, command, monkeypatch):
    words = shlex.split(command)[1:]
    is_from_above = "demo" in words or "my-shop" in words or "PATH/TO/FILES" in words or "exports/" in words
    monkeypatch.chdir(place if is_from_above else place / "demo")
    if "my-shop" in words and words[0] == "init":
        shutil.rmtree(place / "my-shop", ignore_errors=True)
    elif "my-shop" in words and not (place / "my-shop").exists():
        shutil.copytree(place / "demo", place / "my-shop")
    outcome = patron(*(word.replace("orders.parquet", "orders.csv") for word in words))
    assert outcome.code == 0, outcome.err
    assert outcome.out


def test_most_documented_commands_are_run():
    assert len(commands()) > 30


@pytest.mark.parametrize("known", ELSEWHERE)
def test_what_runs_elsewhere_is_printed(known):
    assert any(re.match(known, each) for each in printed())


SETTINGS = sorted(
    {
        text
        for page in PAGES
        for text in re.findall(r"`([a-z_]+: ?\{[^`]*\})`", page.read_text(encoding="utf-8"))
        if text.partition(":")[0] in ProjectSettings.model_fields and "..." not in text
    }
)


@pytest.mark.parametrize("text", SETTINGS)
def test_a_documented_setting_is_taken_as_printed(tmp_path, text):
    shutil.copy(ROOT / "src/patron/transform/rules/line_kinds_default.csv", tmp_path / "my_rules.csv")
    till = {
        "files": "*.csv",
        "entities": {"order_lines": {"columns": {"order_id": "a", "ordered_at": "b", "unit_price": "c"}}},
    }
    base = yaml.safe_dump({"shop": {"name": "Documented"}, "sources": {"till": till}})
    key = text.partition(":")[0]
    kept = {name: value for name, value in yaml.safe_load(base).items() if name != key}
    given = yaml.safe_load(text)
    if key == "shop":
        given["shop"] = {"name": "Documented", **given["shop"]}
    (tmp_path / "patron.yaml").write_text(yaml.safe_dump({**kept, **given}))
    Project.load(tmp_path)


def test_the_settings_of_the_tutorial_are_among_them():
    assert {"churn: {window_days: 45}", "clv: {gross_margin: 0.42}", "rules: {segments: thirteen}"} <= set(SETTINGS)


@pytest.mark.parametrize("window", [3, 4, 20, 45, 89, 90, 365])
def test_the_churn_window_can_be_set_alone(window):
    from patron.project.settings.churn import Churn

    churn = Churn(window_days=window)
    assert 0 < churn.low_days < churn.medium_days < window
    if window >= 90:
        assert (churn.low_days, churn.medium_days) == (30, 60)


def test_two_forms_of_output_at_once_are_refused(place):
    for words in (("query", "select 1"), ("ask", "order_gaps"), ("ask", "--list"), ("ask", "select 1")):
        outcome = patron(*words, "--json", "--csv", folder=place / "demo")
        assert (outcome.code, "name one" in outcome.err) == (2, True)
