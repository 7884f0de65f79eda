"""Lists of people to contact: who is in them, what they hold, where they go, and what is kept of them."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from activate.many_customers import MADE, later, shop_of
from faults.projects import built, copy_of_built, patron
from patron.activate import audience as audiences
from patron.activate.audience import AudienceRequest, create_audience
from patron.activate.members import EmptyAudienceError
from patron.activate.record import load_members, load_records
from patron.errors import EngineError, SettingsError
from postgres_server import PASSWORD, PASSWORD_IN_URL


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """1,000 customers; tests only look."""
    return shop_of(tmp_path_factory.mktemp("many"), 1000)


@pytest.fixture
def shop(tmp_path):
    return shop_of(tmp_path / "shop", 1000, audiences={"personal": ["email", "customer_name", "phone"]})


def exported(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def made(project, name="At Risk", **wish):
    return create_audience(project, AudienceRequest(name, **wish))


# Selection


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("At Risk", "segment = 'At Risk'"),
        ("at risk", "segment = 'At Risk'"),
        ("Gold", "clv_tier = 'Gold'"),
        ("churn:high", "churn_group = 'High'"),
        ("Tier: High", "clv_tier = 'High'"),
        ("Frequent buyers", "order_count = 6"),
    ],
)
def test_a_name_means_a_segment_churn_group_tier_or_cluster(many, name, condition):
    expected = duckdb.sql(
        f"select count(*) from read_parquet('{many.published}/1Z/customer_360.parquet') where {condition}"
    ).fetchone()[0]
    assert made(many, name).people == expected > 0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("At Rsk", "did you mean 'At Risk'?"),
        ("Frequent", "did you mean 'Frequent buyers'?"),
        ("High", "'churn:High' or 'tier:High'"),
        ("tier:Loyal", "tiers: Gold, High"),
        ("zzz", "segments: At Risk, Lost, Loyal, New"),
    ],
)
def test_an_unknown_or_ambiguous_name_is_refused_with_suggestions(many, name, says):
    with pytest.raises(SettingsError) as refused:
        made(many, name)
    assert says in str(refused.value)


def test_a_select_chooses_customers_by_id_and_its_name_identifies_it(shop, tmp_path):
    sql = "select customer_id, 'x' as other from customer_360 where order_count = 3 -- these\n;"
    found = made(shop, "Threes", sql=sql, holdout=0, to=str(tmp_path / "a.csv"))
    assert found.people == 143
    assert load_records(shop.audiences)[0].definition["sql"] == sql
    twice = made(shop, "Threes", sql="select 'c1' as customer_id union all select 'c1' union all select 'nobody'")
    assert twice.people == 1


@pytest.mark.parametrize(
    "sql",
    ["select 1 as a", "drop table customer_360", "select customer_id from nosuch", "select 1; select 2", "selekt"],
)
def test_a_select_without_customer_ids_is_refused(many, sql):
    with pytest.raises(SettingsError):
        made(many, "Mine", sql=sql)


def test_top_ranks_by_the_number_and_ties_by_id(many, tmp_path):
    project = shop_of(tmp_path / "shop", 1000)
    made(project, top=20, by="order_count", holdout=0, to=str(tmp_path / "a.csv"))
    rows = exported(tmp_path / "a.csv")
    people = duckdb.sql(
        f"select customer_id from read_parquet('{many.published}/1Z/customer_360.parquet') where segment = 'At Risk' "
        "order by order_count desc, customer_id limit 20"
    ).fetchall()
    assert [row["customer_id"] for row in rows] == [one[0] for one in people]


def test_value_at_stake_is_expected_value_times_churn_probability(many, tmp_path):
    project = shop_of(tmp_path / "shop", 1000)
    found = made(project, top=5, by="Value at stake", holdout=0, to=str(tmp_path / "a.csv"))
    assert found.by == "value_at_stake"
    assert [float(row["value_at_stake"]) for row in exported(tmp_path / "a.csv")] == pytest.approx([96.0] * 5)


def test_customers_without_the_number_are_ranked_last_with_a_warning(many):
    found = made(many, by="predicted_clv_1y")
    assert "have no predicted_clv_1y; they are ranked last, by id." in found.warnings[-1]


def test_region_and_channel_narrow_it(many):
    assert made(many, region="süd-west", channel="online").people == 84
    with pytest.raises(SettingsError, match="No customer has the region") as refused:
        made(many, region="Nrth")
    assert "did you mean 'North'?" in str(refused.value)
    with pytest.raises(EmptyAudienceError):
        made(many, "Mine", sql="select 'nobody' as customer_id")


@pytest.mark.parametrize("by", ["segment", "email", "net_amont", "1; drop"])
def test_ranking_by_anything_but_a_number_is_refused(many, by):
    with pytest.raises(SettingsError, match="Customers have no number"):
        made(many, by=by)


# Personal columns


@pytest.mark.parametrize("column", ["email", "Email ", "customer_name", "PHONE"])
def test_personal_columns_need_permission(many, tmp_path, column):
    with pytest.raises(SettingsError, match=r"personal data, which .* does not allow") as refused:
        made(many, columns=(column,), to=str(tmp_path / "a.csv"))
    assert f"audiences: {{personal: [{column.strip().lower()}]}}" in str(refused.value)
    assert not (tmp_path / "a.csv").exists()


def test_only_permitted_personal_columns_are_exported(shop, tmp_path):
    made(shop, columns=("email", "region"), to=str(tmp_path / "a.csv"))
    rows = exported(tmp_path / "a.csv")
    expected = "customer_id segment churn_group clv_tier recommended_action net_amount email region".split()
    assert list(rows[0]) == expected
    assert all(row["email"] == f"{row['customer_id'][1:]}@example.com" for row in rows)


def test_permission_for_an_unknown_column_is_refused(tmp_path):
    yaml = {"audiences": {"personal": ["emial"]}}
    with pytest.raises(SettingsError, match="did you mean 'email'"):
        shop_of(tmp_path / "shop", 10, **yaml)


def test_personal_columns_are_exported_only_on_request(shop, tmp_path):
    made(shop, to=str(tmp_path / "a.csv"))
    assert not {"email", "customer_name", "phone"} & set(exported(tmp_path / "a.csv")[0])
    assert not {"email", "customer_name"} & set(pq.read_schema(next(shop.audiences.glob("*/members.parquet"))).names)


# Destinations


def test_formulas_are_escaped_and_unicode_is_kept(shop, tmp_path):
    made(shop, columns=("customer_name", "phone"), holdout=0, to=str(tmp_path / "a.csv"))
    names = {row["customer_id"]: row["customer_name"] for row in exported(tmp_path / "a.csv")}
    assert (names["c4"], names["c8"], names["c12"]) == ("'=1+1", '\'@Zoë, "Ω"', "Name 12")
    made(shop, columns=("customer_name", "phone"), holdout=0, to=str(tmp_path / "a.parquet"))
    plain = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert {"=1+1", '@Zoë, "Ω"'} <= {row["customer_name"] for row in plain}
    assert {row["phone"] for row in plain} == {"+44 20"}


def test_the_control_group_is_not_exported(shop, tmp_path):
    found = made(shop, holdout=0.3, to=str(tmp_path / "a.csv"))
    members = load_members(shop.audiences, load_records(shop.audiences)[0]).to_pylist()
    held = {one["customer_id"] for one in members if one["is_held_out"]}
    out = [row["customer_id"] for row in exported(tmp_path / "a.csv")]
    assert (len(members), len(held), len(out)) == (found.people, found.held_out, found.treatment)
    assert found.people == found.held_out + found.treatment == 250
    assert not held & set(out)
    assert held | set(out) == {one["customer_id"] for one in members}


def test_a_postgres_table_is_replaced_in_full_and_foreign_tables_are_refused(shop, postgres, tmp_path):
    made(shop, holdout=0, to=postgres.url, columns=("customer_name",))
    assert postgres.run("select count(*), sum(net_amount) from audience_at_risk").split() == ["250|31375.0000"]
    assert postgres.run("select customer_name from audience_at_risk where customer_id = 'c4'").split() == ["=1+1"]
    made(shop, holdout=0, to="PATRON_POSTGRES", top=5)
    assert postgres.run("select count(*) from audience_at_risk").split() == ["5"]
    postgres.run("create table mine (a int); alter table mine owner to owner")
    with pytest.raises(SettingsError, match="patron did not create it"):
        made(shop, to=postgres.url, table="mine")
    assert len(load_records(shop.audiences)) == 2
    text = json.dumps([one.exported for one in load_records(shop.audiences)])
    assert "PostgreSQL table public.audience_at_risk" in text
    assert not {PASSWORD, PASSWORD_IN_URL} & set(text.split())
    assert PASSWORD_IN_URL not in text


@pytest.mark.parametrize("to", ["list.xlsx", "list", "mysql://a:hunter2@b/c", "UNSET_VARIABLE"])
def test_other_destinations_are_refused(many, to):
    with pytest.raises(SettingsError) as refused:
        made(many, to=to)
    assert "hunter2" not in str(refused.value)
    assert load_records(many.audiences) == []


# The record


def test_a_preview_writes_and_records_nothing(many):
    found = made(many)
    assert (found.id, found.people, load_records(many.audiences)) == (None, 250, [])


def test_the_record_holds_the_request(shop, tmp_path):
    made(shop, top=100, by="net_amount", seed=5, holdout=0.2, region="North", to=str(tmp_path / "a.csv"))
    (record,) = load_records(shop.audiences)
    assert (record.id, record.name, record.seed, record.holdout) == ("at_risk-2024-07-01-1", "At Risk", 5, 0.2)
    assert (record.as_of, record.snapshot, record.counted_after) == ("2024-07-01", "1Z", MADE.isoformat())
    assert record.people == record.treatment + record.held_out == 83
    assert record.definition["region"] == "North"
    assert record.exported["to"] == str(tmp_path / "a.csv")
    assert set(record.means) == {"net_amount", "order_count", "days_since_last_order"}


def test_a_repeated_request_holds_out_the_same_people(shop, tmp_path):
    for number in (1, 2):
        made(shop, to=str(tmp_path / f"{number}.csv"))
    one, two = (load_members(shop.audiences, record).to_pylist() for record in load_records(shop.audiences))
    assert one == two
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_an_export_that_fails_is_not_recorded(shop, tmp_path, monkeypatch):
    (tmp_path / "old.csv").write_text("what was there")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("patron.activate.to_file.csv.writer", full)
    with pytest.raises(EngineError):
        made(shop, to=str(tmp_path / "old.csv"), overwrite=True)
    assert (load_records(shop.audiences), list(shop.audiences.iterdir())) == ([], [])
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["old.csv"]
    assert (tmp_path / "old.csv").read_text() == "what was there"


def test_half_written_records_are_skipped(shop, tmp_path):
    made(shop, to=str(tmp_path / "a.csv"))
    (shop.audiences / "at_risk-2024-07-01-2").mkdir()
    (shop.audiences / "lost-2024-07-01-1").mkdir()
    (shop.audiences / "lost-2024-07-01-1" / "audience.json").write_text("{")
    assert [one.id for one in load_records(shop.audiences)] == ["at_risk-2024-07-01-1"]
    assert made(shop, to=str(tmp_path / "b.csv")).id == "at_risk-2024-07-01-3"


def test_contacting_the_control_group_of_another_audience_gives_a_warning(shop, tmp_path):
    first = made(shop, holdout=0.3, to=str(tmp_path / "a.csv"))
    again = made(shop, holdout=0.3, to=str(tmp_path / "b.csv"))
    assert again.warnings == []
    sql = "select customer_id from customer_360 where segment in ('At Risk', 'Lost')"
    other = made(shop, "Both", sql=sql, holdout=0, to=str(tmp_path / "c.csv"))
    assert (
        f"{first.held_out} of the customers to contact are in the control group of at_risk-2024-07-01-1"
        in other.warnings[0]
    )
    assert "measured until 2024-09-28" in other.warnings[0]
    later(shop, [("c1", MADE + dt.timedelta(days=91), 5.0)])
    assert made(shop, "Both", sql=sql, holdout=0, to=str(tmp_path / "d.csv")).warnings == []


def test_a_small_holdout_gives_a_warning(many):
    assert "too few to measure the effect later" in made(many, top=50).warnings[0]
    assert made(many, top=50, holdout=0).warnings == []


def test_an_audience_without_a_treatment_group_is_refused(shop, tmp_path, monkeypatch):
    monkeypatch.setattr(audiences, "draw_holdout", lambda *_: [True] * 250)
    with pytest.raises(SettingsError, match="Every customer would be held out"):
        made(shop, to=str(tmp_path / "a.csv"))


# The commands


def test_the_commands_create_list_and_measure(tmp_path):
    folder = copy_of_built(tmp_path)
    sql = tmp_path / "all.sql"
    sql.write_text("select customer_id from customer_rfm")
    words = (
        "audience",
        "create",
        "Everybody",
        "--sql",
        sql,
        "--to",
        tmp_path / "a.csv",
        "--holdout",
        "10%",
        "--seed",
        2,
    )
    out = patron(*words, folder=folder)
    assert out.code == 0, out.err
    assert "To measure the effect later: patron audience measure everybody-2024-03-03-1" in out.out
    (record,) = patron("audience", "list", "--json", folder=folder).json
    assert record["people"] == 2
    assert "everybody-2024-03-03-1" in patron("audience", "list", folder=folder).out
    measured = patron("audience", "measure", "Everybody", folder=folder)
    assert measured.code == (0 if record["held_out"] else 3)


@pytest.mark.parametrize("holdout", ["95%", "10", "-1%", "ten", "nan"])
def test_an_invalid_share_is_refused(holdout):
    assert patron("audience", "create", "Lost", "--holdout", holdout, folder=built()).code == 2


@pytest.mark.parametrize("words", [("create",), ("measure",), ("list", "Lost"), ("Lost", "--list")])
def test_wrong_arguments_are_a_usage_error(words):
    refused = patron("audience", *words, folder=built())
    assert (refused.code, "Usage: " in refused.err) == (2, True)
