"""Rule files: wrong ones are refused by file and line before any data is read; right ones name every line."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import duckdb
import pytest

from faults.projects import patron, settings, write
from patron.errors import SettingsError
from patron.project.project import Project
from patron.transform.render import dry_run as trial
from patron.transform.render import rules, segments
from patron.transform.rule_files import find_shipped_rule_file, list_shipped_rules

RULES = "rule_set,label,condition,keywords,why\n"
SEGMENTS = ",".join(segments.HEADER) + "\n"
WHOLE = "Everyone,1,5,1,5,1,5,all,Wait\n"


def save(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


WRONG_RULES = [
    ("another header", "label,condition\nsale,true\n", "has the header 'label,condition'", None),
    ("no header", "", "has the header ''", None),
    ("an unknown rule set", RULES + "line_kinds,sale,,,x\n", "There is no rule set 'line_kinds'", 2),
    ("an unknown label", RULES + "line_kind,refund,,,x\n", "'refund' is no line kind", 2),
    ("a blank label", RULES + "unit_price_flag,,unit_price > 5,,x\n", "gives no label", 2),
    ("a subquery", RULES + 'line_kind,sale,"quantity > (select 1)",,x\n', "holds a subquery", 2),
    ("two statements", RULES + "line_kind,sale,true; drop table x,,x\n", "holds 2 statements", 2),
    ("an unknown column", RULES + "line_kind,sale,quantty > 1,,x\n", "did you mean 'quantity'?", 2),
    ("a column of a later stop", RULES + "line_kind,sale,line_amount > 1,,x\n", "no column 'line_amount'", 2),
    ("the clock", RULES + "line_kind,sale,ordered_at > now(),,x\n", "depends on the clock", 2),
    ("a row too short", RULES + "line_kind,sale,true\n", "does not have 5 cells", 2),
    ("a row too long", RULES + "line_kind,sale,true,,x,y\n", "does not have 5 cells", 2),
    ("the third line", RULES + "line_kind,sale,,,x\nline_kind,no,,,x\n", "'no' is no line kind", 3),
    ("not UTF-8", (RULES + "line_kind,sale,,café,x\n").encode("latin-1"), "cannot be read", None),
]


@pytest.mark.parametrize(("text", "what", "line"), [w[1:] for w in WRONG_RULES], ids=[w[0] for w in WRONG_RULES])
def test_a_wrong_rule_is_refused_with_file_and_line(tmp_path, text, what, line):
    path = save(tmp_path, text)
    with pytest.raises(SettingsError) as raised:
        rules.read_rules(path)
    assert what in str(raised.value)
    assert raised.value.where == (f"{path}, line {line}" if line else str(path))


WRONG_SEGMENTS = [
    ("another header", "segment,action\nA,b\n", "has the header"),
    (
        "not total",
        SEGMENTS + "Best,5,5,5,5,1,5,x,Thank\n",
        "120 of the 125 score triples have no segment, such as (1, 1, 1)",
    ),
    ("behind another", SEGMENTS + WHOLE + "Lost,1,1,1,1,1,1,x,Call\n", "No customer can ever be 'Lost'"),
    ("outside 1 to 5", SEGMENTS + "A,0,5,1,5,1,5,x,y\n" + WHOLE, "recency goes from '0' to '5'"),
    ("upside down", SEGMENTS + "A,1,5,4,2,1,5,x,y\n" + WHOLE, "frequency goes from '4' to '2'"),
    ("no number", SEGMENTS + "A,1,5,1,5,one,5,x,y\n" + WHOLE, "monetary goes from 'one' to '5'"),
    ("nameless", SEGMENTS + ",1,5,1,5,1,5,x,y\n", "names no segment"),
]


@pytest.mark.parametrize(("text", "what"), [w[1:] for w in WRONG_SEGMENTS], ids=[w[0] for w in WRONG_SEGMENTS])
def test_a_wrong_segment_file_is_refused(tmp_path, text, what):
    with pytest.raises(SettingsError) as raised:
        segments.read_segments(save(tmp_path, text))
    assert what in str(raised.value)
    assert "mine.csv" in raised.value.where


@pytest.mark.parametrize("name", list_shipped_rules("segments"))
def test_shipped_segments_give_each_of_the_125_triples_exactly_one(name):
    shipped = segments.read_segments(find_shipped_rule_file("segments", name))
    taken = segments.assign(shipped)
    assert set(taken) == set(product(range(1, 6), repeat=3))
    assert all(taken.values())
    assert {one.name for one in taken.values()} == {one.name for one in shipped}


@pytest.mark.parametrize("name", list_shipped_rules("line_kinds"))
@pytest.mark.parametrize("rule_set", rules.RULE_SETS)
def test_shipped_line_kinds_are_written_for_every_engine(name, rule_set):
    import sqlglot

    read = rules.read_rules(find_shipped_rule_file("line_kinds", name))
    for dialect in ("duckdb", "spark", "databricks", "bigquery", "snowflake"):
        sqlglot.parse_one(rules.render_case(read, rule_set, dialect), read=dialect)
    assert all(rule.why for rule in read)


def kind_of(tmp_path: Path, text: str, **line: str) -> str:
    """What the rules call a line with these values, SQL literals all."""
    sql = rules.render_case(rules.read_rules(save(tmp_path, RULES + text)), "line_kind", "duckdb")
    values = {"product_name": "null", "product_name_lower": "lower(product_name)", **line}
    names = ", ".join(f"{value} as {name}" for name, value in values.items() if name != "product_name_lower")
    lines = f"select *, lower(product_name) as product_name_lower from (select {names})"
    return duckdb.sql(f"select {sql} from ({lines})").fetchone()[0]


def test_the_first_rule_that_holds_names_the_line(tmp_path):
    text = "line_kind,free,unit_price = 0,,a\nline_kind,return,quantity < 0,,b\n"
    assert kind_of(tmp_path, text, unit_price="0", quantity="-1") == "free"
    assert kind_of(tmp_path, text, unit_price="1", quantity="-1") == "return"
    assert kind_of(tmp_path, text, unit_price="1", quantity="1") == "sale"
    assert kind_of(tmp_path, text, unit_price="null", quantity="null") == "sale"


def test_keywords_are_found_in_any_case_and_are_no_patterns(tmp_path):
    text = "line_kind,charge,,Post_age|50% off|o'clock,x\n"
    for name, kind in {"'POST_AGE'": "charge", "'postage'": "sale", "'50% OFF'": "charge", "'50 off'": "sale"}.items():
        assert kind_of(tmp_path, text, product_name=name) == kind
    assert kind_of(tmp_path, text, product_name="'nine o''clock tea'") == "charge"
    assert kind_of(tmp_path, text, product_name="null") == "sale"


def test_a_condition_that_cannot_be_computed_leaves_the_line_to_later_rules(tmp_path):
    text = (
        "line_kind,free,sqrt(cast(quantity as double)) > 2,,a root of a negative number\n"
        "line_kind,charge,cast(product_id as int) > 1000,,a code with letters\n"
        "line_kind,return,quantity < 0,,later\n"
    )
    assert kind_of(tmp_path, text, quantity="-9", product_id="'POST'") == "return"
    assert kind_of(tmp_path, text, quantity="-9", product_id="'1001'") == "charge"
    assert kind_of(tmp_path, text, quantity="9", product_id="null") == "free"


def test_marks_of_a_template_in_a_rule_stay_as_they_are(tmp_path):
    text = RULES + "unit_price_flag,{{ 1/0 }}{% endraw %},product_name = '{{ x }}',,x\n"
    sql = rules.render_case(rules.read_rules(save(tmp_path, text)), "unit_price_flag", "duckdb")
    import jinja2

    from patron.transform.render.dbt_project import _macro

    rendered = jinja2.Template(_macro("flag", sql) + "{{ flag() }}").render().strip()
    assert rendered == sql


REFUSED_BY_RUN = {
    "line_kinds": (RULES + "line_kind,refund,,,x\n", "'refund' is no line kind"),
    "segments": (SEGMENTS + "Best,5,5,5,5,1,5,x,Thank\n", "have no segment"),
    "countries": ("raw,country\nUK,United Kingdom\n", "has the header"),
}


@pytest.mark.parametrize("kind", REFUSED_BY_RUN)
def test_a_run_refuses_a_rule_file_before_any_data_is_read(tmp_path, kind):
    text, what = REFUSED_BY_RUN[kind]
    folder = write(tmp_path, yaml=settings(rules={kind: "./mine.csv"}))
    save(tmp_path, text)
    outcome = patron("run", "--quiet", folder=folder)
    assert (outcome.code, what in outcome.err, "mine.csv" in outcome.err) == (2, True, True)
    assert not (folder / ".patron").exists()


def test_a_condition_that_no_engine_computes_is_refused_with_its_line(tmp_path):
    folder = write(tmp_path, yaml=settings(rules={"line_kinds": "./mine.csv"}))
    save(tmp_path, RULES + "line_kind,free,product_id > 5,,text and number\n")
    with pytest.raises(SettingsError) as raised:
        trial.check_before_landing(Project.load(folder))
    assert raised.value.where.endswith("mine.csv, line 2")
    assert "cannot be computed" in raised.value.what


def test_a_segment_file_may_say_the_churn_risk_or_not(tmp_path):
    shipped = find_shipped_rule_file("segments", "nine").read_text(encoding="utf-8").splitlines()
    without = tmp_path / "segments.csv"
    without.write_text("\n".join(line.rpartition(",")[0] for line in shipped) + "\n", encoding="utf-8")
    assert {segment.churn_risk for segment in segments.read_segments(without)} == {""}
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("\n".join([shipped[0], shipped[1].replace(",Low", ",Tiny"), *shipped[2:]]), encoding="utf-8")
    with pytest.raises(SettingsError, match="'Tiny' is no churn risk"):
        segments.read_segments(wrong)
