"""`patron run --changed`: what changed in a project is built again, with all that depends on it, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from faults.projects import patron
from patron.errors import NothingBuiltError
from patron.pipeline.changed import run_changed
from patron.project.lock import lock_project
from patron.project.project import Project
from patron.transform import shipped_sql, unchanged
from patron.transform.render import dbt_project
from shops import corner
from shops.building import BuiltShop, write_project
from shops.own_tables import make_own

SQL = Path(shipped_sql.__file__).parent / "sql" / "models"
MODEL = "models/measures/product_prices.sql"
CHANGE = ("case when lines.line_kind = 'adjustment' then 1 end) as adj", "*) as adj")


@pytest.fixture(scope="module")
def main(build_shop) -> BuiltShop:
    """The shop as main built it; only read."""
    return build_shop("main", corner.settings(), corner.FILES)


@pytest.fixture
def branch(main, tmp_path) -> Path:
    """A checkout of the shop that has built nothing."""
    return write_project(tmp_path / "branch", corner.settings(), {})


def own_copy(main: BuiltShop, tmp_path: Path) -> Path:
    """The shop with everything that was built, to be changed."""
    shutil.copytree(main.folder, tmp_path / "own")
    return tmp_path / "own"


def change_model(monkeypatch, name: str, old: str, new: str) -> None:
    files = dict(shipped_sql.read_shipped_files())
    assert files[name].count(old) == 1
    files[name] = files[name].replace(old, new)
    monkeypatch.setattr(dbt_project, "read_shipped_files", lambda: files)
    monkeypatch.setattr(unchanged, "_hash_code", lambda: f"{name}: {new}")


def descendants(model: str) -> set[str]:
    """A model and all whose SQL names one of these by ref(...), read from the files without any of patron's code."""
    reads = {path.stem: set(re.findall(r"ref\('(\w+)'\)", path.read_text())) for path in SQL.rglob("*.sql")}
    found = {model}
    while more := {name for name, parents in reads.items() if parents & found} - found:
        found |= more
    return found


def gold(folder: Path) -> dict[str, list[tuple]]:
    """The published rows of a state folder."""
    name = json.loads((folder / "published/current.json").read_text())["name"]
    files = sorted((folder / "published" / name).glob("*.parquet"))
    return {file.stem: duckdb.sql(f"select * from '{file}' order by all").fetchall() for file in files}


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("lock", "lock.json"))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_changed_model_rebuilds_itself_and_its_descendants_and_leaves_main_as_it_is(main, branch, monkeypatch):
    before = hashes(main.folder)
    change_model(monkeypatch, MODEL, *CHANGE)
    report = run_changed(Project.load(branch), state=main.folder)
    assert set(report.built) == descendants("product_prices")
    assert report.models_rebuilt == sorted(report.built)
    assert report.predictions == []
    assert report.reason == "the definition of product_prices changed"
    assert hashes(main.folder) == before
    assert {path.name for path in (branch / ".patron").iterdir()} <= {"changed", "lock", "unchanged.json"}

    seen = patron("diff", "--state", main.folder, "--json", folder=branch)
    assert seen.code == 0
    (table,) = [one for one in seen.json["tables"] if one["table"] == "product_price_behaviour"]
    lines = Counter(line["code"] for line in corner.LINES)
    products = main.rows("gold.product_price_behaviour")
    count = sum(row["manual_line_count"] != lines[row["product_id"]] for row in products)
    assert count > 5
    assert (table["columns"]["manual_line_count"], table["changed"], table["added"]) == (count, count, 0)
    assert {one["table"] for one in seen.json["tables"]} <= descendants("product_prices")
    told = patron("diff", "--state", main.folder, "--markdown", folder=branch).out
    assert (
        f"| `product_price_behaviour` | {len(products)} | {len(products)} |  |  | {count} | manual_line_count" in told
    )


def test_other_tables_are_taken_from_main_unread(main, branch, tmp_path, monkeypatch):
    state = own_copy(main, tmp_path)
    with duckdb.connect(str(state / ".patron/warehouse.duckdb")) as connection:
        make_own(connection, "gold.daily_metrics", "gold.dim_product")
        connection.execute("delete from gold.daily_metrics; delete from gold.dim_product")
    change_model(monkeypatch, MODEL, *CHANGE)
    run_changed(Project.load(branch), state=state / ".patron")
    built = gold(branch / ".patron/changed")
    assert built["daily_metrics"] == []
    assert len(built["dim_product"]) == len(main.rows("gold.dim_product"))


def test_without_a_change_nothing_is_built(main, branch):
    report = run_changed(Project.load(branch), state=main.folder)
    assert (report.is_new, report.built, report.reason) == (False, {}, "nothing changed")
    said = patron("diff", "--state", main.folder, folder=branch)
    assert "Nothing differs in" in said.out


SETTINGS = {"churn": {"window_days": 30}, "clv": {"gross_margin": 0.5}, "rfm": {"method": "ntile"}}


def test_changed_settings_give_the_gold_of_a_full_build(main, tmp_path, build_shop):
    own = own_copy(main, tmp_path)
    write_project(own, corner.settings(**SETTINGS), {})
    report = run_changed(Project.load(own))
    assert {"customer_days", "order_lines", "dim_date"}.isdisjoint(report.built)
    assert {one.name for one in report.predictions} == {"purchases", "churn", "clusters"}
    full = build_shop("full", corner.settings(**SETTINGS), corner.FILES)
    assert gold(own / ".patron") == gold(full.folder / ".patron")
    assert "up to date" in patron("run", "--quiet", folder=own).out
    # in place: the last two snapshots are compared
    names = {one["table"] for one in patron("diff", "--json", folder=own).json["tables"]}
    assert "customer_churn" in names
    assert "daily_metrics" not in names


def test_settings_that_only_predictions_read_make_them_again_with_what_reads_them(main, branch):
    write_project(branch, corner.settings(predictions={"purchases": {"least_customers": 5_000}}), {})
    report = run_changed(Project.load(branch), state=main.folder)
    assert report.reason == "the settings of predictions changed"
    assert {"prediction_status", "customer_clv", "customer_360"} <= set(report.built)
    assert {"order_lines", "customer_measures", "daily_metrics"}.isdisjoint(report.built)
    assert "5,000" in str(gold(branch / ".patron/changed")["prediction_status"])


def test_rows_that_landed_since_are_no_change_of_the_project(main, tmp_path):
    own = own_copy(main, tmp_path)
    record = json.loads((own / ".patron/built.json").read_text())
    record["complete"]["since_batch"] -= 1
    (own / ".patron/built.json").write_text(json.dumps(record))
    with pytest.raises(NothingBuiltError, match="landed since"):
        run_changed(Project.load(own))
    record["begun"] = []
    (own / ".patron/built.json").write_text(json.dumps(record))
    with pytest.raises(NothingBuiltError, match="did not end"):
        run_changed(Project.load(own))


def test_a_state_is_not_read_while_a_run_writes_it(main, branch):
    with lock_project(main.project.state):
        refused = patron("run", "--changed", "--state", main.folder, folder=branch)
    assert (refused.code, "cannot be read now" in refused.err) == (4, True)
    assert not (branch / ".patron/changed").exists()


def test_a_state_is_a_folder_with_a_build(branch, tmp_path):
    refused = patron("run", "--changed", "--state", tmp_path, folder=branch)
    assert (refused.code, "holds no build" in refused.err) == (7, True)
    assert patron("run", "--changed", folder=branch).code == 7
    assert patron("run", "--state", tmp_path, folder=branch).code == 2
    assert patron("run", "--changed", "--refit", folder=branch).code == 2
