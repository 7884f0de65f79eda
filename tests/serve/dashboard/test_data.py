"""The only reader: parameters, masks, one snapshot a paint, and snapshots that go away."""

from __future__ import annotations

import shutil
from decimal import Decimal

import pytest

from patron.contract.personal_data import MASK, list_personal_columns
from patron.errors import EngineError
from patron.publish.snapshot import load_current
from patron.serve.dashboard.data import SnapshotGoneError, open_latest
from shops.building import BuiltShop


@pytest.fixture(scope="module")
def published(retailer, tmp_path_factory):
    """A copy of the published tables, to be spoiled."""
    folder = tmp_path_factory.mktemp("data") / "published"
    shutil.copytree(retailer.published, folder)
    return folder


def test_values_are_parameters(published):
    data = open_latest(published, frozenset())
    sql = "select count(*) as found from gold.customer_360 where customer_name = ?"
    assert data.first(sql, ["' or true --"]) == {"found": 0}
    assert data.rows(sql, ["x"]).parameters == ("x",)


def test_money_stays_decimal_and_first_of_nothing_is_none(published):
    data = open_latest(published, frozenset())
    assert isinstance(data.first("select net_amount from gold.kpi_overall")["net_amount"], Decimal)
    assert data.first("select net_amount, kpi_date from gold.kpi_overall where false") == {
        "net_amount": None,
        "kpi_date": None,
    }


def test_nothing_personal_comes_out_masked(published, retailer):
    masked, plain = (open_latest(published, columns) for columns in (list_personal_columns(), frozenset()))
    sql = "select table_name, column_name from information_schema.columns where table_schema = 'gold'"
    personal = [(table, column) for table, column in plain.rows(sql).rows if column in list_personal_columns()]
    assert {("customer_360", "email"), ("dim_customer", "address")} <= set(personal)
    for table, column in personal:
        values = f"select distinct {column} from gold.{table} where {column} is not null"
        assert set(masked.rows(values).rows) <= {(MASK,)}
    name = plain.first("select customer_name from gold.customer_360 where customer_name is not null")["customer_name"]
    looked_for = "select count(*) as found from gold.customer_360 where customer_name = ?"
    assert plain.first(looked_for, [name])["found"] > 0
    assert masked.first(looked_for, [name])["found"] == 0


def test_who_may_see_and_who_may_not_share_no_answer(published):
    sql = "select max(customer_name) as name from gold.customer_360"
    assert open_latest(published, frozenset()).first(sql)["name"] != MASK
    assert open_latest(published, list_personal_columns()).first(sql)["name"] == MASK
    assert open_latest(published, frozenset()).first(sql)["name"] != MASK


def test_a_deleted_snapshot_raises_its_own_error(published, tmp_path):
    folder = tmp_path / "published"
    shutil.copytree(published, folder)
    data = open_latest(folder, frozenset())
    shutil.rmtree(folder / data.snapshot.name)
    with pytest.raises(SnapshotGoneError):
        data.rows("select count(*) from gold.customer_360")


def test_a_damaged_table_is_no_reason_to_paint_again(published, tmp_path):
    folder = tmp_path / "published"
    shutil.copytree(published, folder)
    (folder / load_current(folder).name / "customer_360.parquet").write_bytes(b"PAR1 spoiled")
    with pytest.raises(EngineError, match="cannot be read"):
        open_latest(folder, frozenset()).rows("select count(*) from gold.customer_360")


def test_nothing_is_published(tmp_path):
    assert open_latest(tmp_path, frozenset()) is None


def test_the_snapshot_says_where_it_came_from(published, retailer):
    about = open_latest(published, frozenset()).about
    shop = BuiltShop(retailer.root)
    accounted = {(one.source, one.entity): one.silver_count for one in about.accounting}
    rows = shop.query("select source_name, count(*) as n from silver.order_lines group by 1")
    assert {(row["source_name"], "order_lines"): row["n"] for row in rows}.items() <= accounted.items()
    assert [one.source for one in about.sources] == list(retailer.settings.sources)
    assert sum(one.rows for one in about.sources) > 0
    assert "customer_events" not in about.empty
    assert "survey_segments" in about.empty
