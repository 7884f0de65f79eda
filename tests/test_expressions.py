"""Mapping expressions: one harmless scalar, which cannot raise, in every engine's words."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from patron import expressions
from patron.errors import SettingsError

ACCEPTED = [
    "InvoiceNo",
    '"Invoice No"',
    "upper(trim(Country))",
    "cast(cast(a as double) as bigint)",
    "case when a = '1' then cast(b as int) else 0 end",
    "coalesce(nullif(a, ''), b)",
    "regexp_replace(a, '\\.0$', '')",
    "strptime(a, '%d/%m/%Y %H:%M')",
    "a || '-' || b",
    "split_part(a, '@', 2)",
    "cast(replace(a, '$', '') as decimal(18, 4)) * 2",
]
REFUSED = ["(select 1)", "1; 2", "select 1", "sum(a)", "now()", "random()", "a in (select 1)", "a as b", "a +", "count(*)"]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_scalar_is_refused(text):
    with pytest.raises(SettingsError) as raised:
        expressions.parse(text, "here")
    assert raised.value.where == "here"


@pytest.mark.parametrize("dialect", expressions.DIALECTS)
@pytest.mark.parametrize("text", ACCEPTED)
def test_what_is_accepted_is_written_for_every_engine(text, dialect):
    tree = expressions.trying(expressions.parse(text, "here")).value
    written = sqlglot.parse_one(expressions.to_sql(tree, dialect), read=dialect)
    assert not written.find(exp.Command)


def value(text: str, **columns: str | None) -> tuple[object, object]:
    """What an expression gives in DuckDB, and whether it counts as failed."""
    tried = expressions.trying(expressions.parse(text, "here"))
    failed = expressions.to_sql(tried.failed, "duckdb") if tried.failed is not None else "false"
    row = ", ".join("null" if v is None else f"'{v}'" for v in columns.values())
    sql = f"select {expressions.to_sql(tried.value, 'duckdb')}, {failed} from (values ({row})) t({', '.join(columns)})"
    found = duckdb.sql(sql).fetchone()
    assert found is not None
    return found


def test_strict_casts_become_trying_ones():
    assert value("cast(a as int)", a="7") == (7, False)
    assert value("cast(a as int)", a="x") == (None, True)
    assert value("cast(a as int)", a=" ")[1] is False
    assert value("cast(a as int)", a=None)[1] in (False, None)
    assert value("strptime(a, '%d/%m/%Y')", a="31/02/2024") == (None, True)


def test_a_failure_hidden_by_coalesce_still_counts():
    assert value("coalesce(cast(a as int), 0)", a="x") == (0, True)


def test_a_cast_that_a_case_skips_does_not_count():
    text = "case when a = '1' then cast(b as int) else 0 end"
    assert value(text, a="2", b="x") == (0, False)
    assert value(text, a="1", b="x") == (None, True)


def test_try_cast_written_by_the_user_is_left_alone():
    assert value("try_cast(a as int)", a="x") == (None, False)


def test_an_unknown_column_names_the_nearest():
    columns = {expressions.column_key(name): name for name in ("InvoiceNo", "Unit_Price")}
    bound = expressions.bind(expressions.parse('"unit price"', "here"), columns, "here")
    assert bound.sql() == '"Unit_Price"'
    with pytest.raises(SettingsError, match="Invoice_No") as raised:
        expressions.bind(expressions.parse("Invoice_No", "here"), columns, "here")
    assert "did you mean 'InvoiceNo'" in str(raised.value)
