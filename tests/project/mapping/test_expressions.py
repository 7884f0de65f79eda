"""Mapping expressions: one harmless scalar each, the same on every engine, and never the end of a run."""

from __future__ import annotations

import itertools

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from patron.engines.dialects import DIALECTS
from patron.engines.sql_text import to_sql
from patron.errors import SettingsError
from patron.project.mapping import expressions
from patron.project.mapping.safe_expressions import SafeExpression, make_safe
from patron.transform.render import dry_run as trial
from patron.transform.render.write_sql import escape_jinja, write

COLUMNS = {expressions.column_key(name): name for name in ("a", "b", "qty", "price", "Order Date", "No.")}
WHERE = "patron.yaml, line 7"


def refused(text: str) -> str:
    with pytest.raises(SettingsError) as raised:
        expressions.bind(expressions.parse(text, WHERE), COLUMNS, WHERE)
    assert raised.value.where == WHERE
    return str(raised.value)


def tried(text: str) -> SafeExpression:
    return make_safe(expressions.bind(expressions.parse(text, WHERE), COLUMNS, WHERE))


ROWS = [
    {"a": None, "b": None, "qty": None, "price": None, "Order Date": None, "No.": None},
    {"a": "", "b": " ", "qty": "", "price": "  ", "Order Date": "", "No.": ""},
    {"a": "1", "b": "x", "qty": "-4", "price": "7.5", "Order Date": "31/01/2024", "No.": "1"},
    {"a": "x'; drop table t", "b": "{{ 1 }}", "qty": "1e18", "price": "NaN", "Order Date": "2024-02-30", "No.": "0"},
    {"a": "🙂", "b": "(", "qty": "9223372036854775807", "price": "-0", "Order Date": "infinity", "No.": "é"},
]


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        names = list(ROWS[0])
        quoted = ", ".join(f'"{name}" varchar' for name in names)
        connection.execute(f"create table t (i integer, {quoted})")
        for number, row in enumerate(ROWS):
            connection.execute("insert into t values (?, ?, ?, ?, ?, ?, ?)", [number, *(row[name] for name in names)])
        yield connection


def computed(engine, *trees) -> list[tuple]:
    """The value of each tree for each row, all in one query, as staging has them."""
    listed = ", ".join(to_sql(tree, "duckdb") for tree in trees)
    return engine.execute(f"select {listed} from t order by i").fetchall()


REFUSED = {
    "(select 1)": "holds a subquery",
    "a in (select 1)": "holds a subquery",
    "exists(select 1)": "holds a subquery",
    "a; b": "holds 2 statements",
    "a; drop table x": "holds 2 statements",
    "drop table x": "is a statement",
    "insert into x values (1)": "is a statement",
    "with q as (select 1) select * from q": "is a statement",
    "from x": "is a statement",
    "copy t to 'x'": "is a statement",
    "attach 'x'": "is a statement",
    "values (1)": "holds a list of rows",
    "count(*)": "holds an aggregate",
    "sum(qty)": "holds an aggregate",
    "max(a)": "holds an aggregate",
    "string_agg(a, ',')": "holds an aggregate",
    "row_number() over ()": "holds a window function",
    "lag(a) over (order by b)": "holds a window function",
    "unnest([1, 2])": "holds rows made of a list",
    "*": "holds a star",
    "COLUMNS(*)": "holds a star",
    "columns('a')": "holds a star",
    "#1": "a column by its place",
    "a as b": "is a statement",
    "a, b": "cannot be read as SQL",
    "?": "holds a parameter",
    "$x": "holds a parameter",
    "now()": "depends on the clock or on chance",
    "current_timestamp": "depends on the clock or on chance",
    "current_date": "depends on the clock or on chance",
    "localtimestamp": "depends on the clock or on chance",
    "today()": "depends on the clock or on chance",
    "transaction_timestamp()": "depends on the clock or on chance",
    "age(timestamp '2020-01-01')": "depends on the clock or on chance",
    "random()": "depends on the clock or on chance",
    "uuid()": "depends on the clock or on chance",
    "uuidv7()": "depends on the clock or on chance",
    "nextval('s')": "depends on the clock or on chance",
    "current_user": "depends on the clock or on chance",
    "current_setting('threads')": "depends on the clock or on chance",
    "getenv('HOME')": "depends on the clock or on chance",
    "cast(qty as nosuchtype)": "casts to nosuchtype, which is not a type",
    "t.a": "names a table (t.a)",
    "": "is blank",
    "-- nothing": "is blank",
    "upper(": "cannot be read as SQL",
    "a ||": "cannot be read as SQL",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_one_harmless_scalar_is_refused(text):
    output = refused(text)
    assert REFUSED[text] in output
    assert repr(text) in output


@pytest.mark.parametrize("text", ["not " * 500 + "a", "[" * 300 + "a" + "]" * 300, "(" * 3000 + "a" + ")" * 3000])
def test_an_expression_that_nests_too_deep_is_refused(text):
    assert "nests too deep" in refused(text)


def test_every_function_of_duckdb_that_is_no_function_of_its_arguments_is_refused(engine):
    names = engine.execute(
        "select distinct function_name from duckdb_functions() "
        "where function_type = 'scalar' and stability in ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')"
    ).fetchall()
    for (name,) in names:
        with pytest.raises(SettingsError):
            expressions.parse(f"{name}()", WHERE)


@pytest.mark.parametrize(("written", "nearest"), [("qtyy", "qty"), ("orderdate", "Order Date"), ("Prise", "price")])
def test_an_unknown_column_is_named_with_the_nearest_spelling(written, nearest):
    output = refused(f"upper({written})")
    assert f"There is no column {written!r}." in output
    assert f"did you mean {nearest!r}? there are: a, b, qty, price, Order Date, No." in output


@pytest.mark.parametrize("text", ["Order Date", '"Order Date"', "order_date", '"order date"', "ORDER_DATE"])
def test_a_column_is_found_however_a_person_writes_it(text):
    bound = expressions.bind(expressions.parse(text, WHERE), COLUMNS, WHERE)
    assert bound.sql("duckdb") == '"Order Date"'


STRICT = {
    "cast(b as int)": 'TRY_CAST("b" AS INT)',
    "b::int": 'TRY_CAST("b" AS INT)',
    "case when a = '1' then cast(b as int) else 0 end": 'CASE WHEN "a" = \'1\' THEN TRY_CAST("b" AS INT) ELSE 0 END',
    "coalesce(cast(b as date), date '2024-01-01')": 'TRY_CAST("b" AS DATE)',
    "cast(cast(b as int) as text)": 'CAST(TRY_CAST("b" AS INT) AS TEXT)',
    "cast(cast(b as int) as date)": 'TRY_CAST(TRY_CAST("b" AS INT) AS DATE)',
    "strptime(b, '%d/%m/%Y')": "TRY_STRPTIME(\"b\", '%d/%m/%Y')",
    "strptime(b, ['%d/%m/%Y', '%Y'])": "TRY_STRPTIME(\"b\", ['%d/%m/%Y', '%Y'])",
    "case when a = '1' then strptime(b, '%Y') end": "TRY_STRPTIME(\"b\", '%Y')",
}


@pytest.mark.parametrize("text", STRICT)
def test_strict_casts_become_trying_ones(text):
    assert STRICT[text] in to_sql(tried(text).value, "duckdb")


def test_a_value_that_did_not_convert_counts_as_failed_and_a_blank_does_not(engine):
    one = tried("cast(qty as int)")
    assert computed(engine, one.value, one.failed) == [
        (None, None),
        (None, False),
        (-4, False),
        (None, True),  # 1e18
        (None, True),  # beyond 32 bits
    ]


def test_a_cast_that_a_case_skips_is_no_failure(engine):
    one = tried("case when a = '1' then cast(qty as int) else 0 end")
    values = computed(engine, one.value, one.failed)
    assert [bool(failed) for _, failed in values] == [False] * 5
    taken = tried("case when a <> '1' then cast(qty as int) else 0 end")
    assert [bool(failed) for _, failed in computed(engine, taken.value, taken.failed)] == [
        False,
        False,
        False,
        True,
        True,
    ]


RAISING = [
    "sqrt(cast(qty as double))",
    "ln(cast(No. as double))".replace("No.", '"No."'),
    "chr(cast(qty as int))",
    "cast(qty as bigint) * 9223372036854775807",
    "cast(qty as bigint) + 1",
    "cast(cast(qty as double) as decimal(3, 1)) * 1e30",
    "cast(sqrt(cast(qty as double)) as int)",
    "cast(qty as decimal(18, 4)) * cast(price as decimal(38, 20))",
    '1 / cast("No." as int)',
    '100 % cast("No." as int)',
    'cast(qty as int) // cast("No." as int)',
    "nullif(qty, 0)",
    "qty in (1, 2)",
    "not a",
    "case when a then 1 end",
    "a and b = 'x'",
    "to_base(cast(qty as bigint), 2)",
    "make_date(cast(qty as int), 13, 40)",
    "date '2024-01-01' + to_days(cast(qty as int))",
    "date_trunc('month', cast(\"Order Date\" as date))",
    "list_extract([1, 2], cast(qty as bigint))",
    "a[cast(qty as bigint)]",
    "substr(a, cast(qty as bigint), cast(price as bigint))",
    'repeat(a, cast("No." as int))',
    "factorial(cast(qty as int))",
    "from_base64(a)",
    "unhex(a)",
    "json_extract(b, '$.a')",
    "format('{:d}', a)",
    "regexp_replace(a, b, 'x')",
    "asin(cast(price as double))",
    "case when a = '1' then sqrt(cast(qty as double)) else 0 end",
    "coalesce(sqrt(cast(qty as double)), 0)",
    "struct_pack(x := sqrt(cast(qty as double)))",
    "strptime(a || chr(cast(qty as int)), '%Y')",
]


def test_what_an_engine_may_refuse_at_run_time_gives_null_and_counts_as_failed(engine):
    """All in one query: what two expressions share must not be computed beforehand, outside any TRY."""
    trees = [tree for text in RAISING for tree in (tried(text).value, tried(text).failed)]
    rows = computed(engine, *trees)
    roots = RAISING.index("sqrt(cast(qty as double))") * 2
    assert [row[roots] for row in rows] == [None, None, None, 1e9, pytest.approx(9223372036854775807**0.5)]
    assert [bool(row[roots + 1]) for row in rows] == [False, False, True, False, False]
    for number, text in enumerate(RAISING):
        value, failed = 2 * number, 2 * number + 1
        assert not rows[0][failed], f"{text}: nothing was there, so nothing failed"
        for row in rows:
            if row[failed]:
                assert row[value] is None or "coalesce" in text, f"{text}: failed, and yet {row[value]}"


def test_aggregated_and_filtered_expressions_do_not_raise_either(engine):
    sql = [to_sql(tried(text).value, "duckdb") for text in RAISING]
    listed = ", ".join(f"count({one}), count(case when ({one}) is null then 1 end)" for one in sql)
    engine.execute(f"select {listed} from t").fetchall()
    for one in sql:
        engine.execute(f"select count(*) from t where ({one}) is not null").fetchall()


PLAIN = [
    "a",
    "upper(trim(a))",
    "nullif(trim(a), '') is not null",
    r"regexp_replace(a, '\.0$', '')",
    "cast(price as decimal(18, 4)) > 0",
    "coalesce(nullif(a, ''), b)",
    "a || '-' || b",
    "case when a = 'x' then b else lower(a) end",
    "a in ('1', '2')",
    "strptime(\"Order Date\", '%d/%m/%Y')",
    "not (a = 'x' or b is null)",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_cannot_raise_costs_no_try(engine, text):
    one = tried(text)
    assert "TRY(" not in to_sql(one.value, "duckdb")
    computed(engine, one.value)


ACCEPTED = [
    *PLAIN,
    *(text for text in RAISING if not any(own in text for own in ("repeat(", "struct_pack", "to_days", "factorial"))),
    "split_part(a, ',', 1)",
    "left(a, 3)",
    "length(a) > 3 and a like '%x%'",
    "a ilike '%x'",
    "date_diff('day', cast(a as date), cast(b as date))",
    "round(cast(price as double) * 100) / 100",
    "greatest(a, b)",
    "concat_ws(' ', a, b)",
    "if(a = '1', cast(b as int), 2)",
    "cast(qty as decimal(18, 4)) * cast(price as decimal(18, 4))",
    "'it''s' || a",
    "-cast(qty as int)",
    "extract(year from cast(a as date))",
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_accepted_expressions_are_written_for_every_engine(dialect):
    for text in ACCEPTED:
        one = tried(text)
        for tree in filter(None, (one.value, one.failed)):
            sqlglot.parse_one(write(tree, dialect), read=dialect)


LITERALS = [
    "{{ x }}",
    "{% raw %}",
    "{% endraw %}{{ 1/0 }}",
    "{# c #}",
    "{{{{",
    "{%{{#}%}",
    "}}{{",
    "{{ '{{' }}",
    "{%- x -%}",
    "{",
]


@pytest.mark.parametrize("text", LITERALS)
def test_marks_of_a_template_in_a_literal_stay_as_they_are(text):
    import jinja2

    sql = to_sql(tried(f"a || '{text.replace(chr(39), chr(39) * 2)}'").value, "duckdb")
    assert jinja2.Template(escape_jinja(sql)).render() == sql
    assert duckdb.sql(f"select {sql} from (select 'a' as a)").fetchone() == ("a" + text,)


@given(st.text("{}%#'\" x\n-", max_size=12))
def test_no_text_at_all_is_taken_for_a_template(text):
    import jinja2

    environment = jinja2.Environment(keep_trailing_newline=True)
    assert environment.from_string(escape_jinja(text)).render() == text


def _expressions() -> st.SearchStrategy[str]:
    """Small scalar expressions over the columns, many of which raise for some rows."""
    leaf = st.sampled_from(
        ["a", "b", "qty", "price", '"Order Date"', "'x'", "''", "'{{ y }}'", "0", "-1", "1.5", "null", "true"]
    )
    number = st.sampled_from(["cast({} as int)", "cast({} as double)", "try_cast({} as bigint)", "length({})"])
    text = st.sampled_from(["upper({})", "trim({})", "nullif({}, '')", "cast({} as text)", "substr({}, 2)", "chr({})"])
    root = st.sampled_from(
        ["sqrt({})", "ln({})", "abs({})", "round({}, 2)", "-({})", "({}) is null", "cast({} as date)"]
    )
    two = st.sampled_from(
        ["({} + {})", "({} * {})", "({} / {})", "({} % {})", "({} || {})", "coalesce({}, {})", "({} > {})", "({} = {})"]
    )
    chosen = "case when {} = 'x' then {} else {} end"

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds(lambda shape, one: shape.format(one), number | text | root, inner),
            st.builds(lambda shape, one, other: shape.format(one, other), two, inner, inner),
            st.builds(chosen.format, inner, inner, inner),
        )

    return st.recursive(leaf, more, max_leaves=5)


def try_as_text(engine, text: str) -> None:
    """What a run does before it computes an expression over delimited text."""
    trial._try(engine, expressions.Expression.parse(text, WHERE), None)
    trial._try(
        engine,
        expressions.Expression.parse(text, WHERE),
        trial._make_typed_rows(engine, dict.fromkeys(ROWS[0], "varchar")),
    )


@hypothesis_settings(max_examples=250, deadline=None)
@given(st.lists(_expressions(), min_size=1, max_size=4))
def test_no_accepted_expression_can_stop_a_run(engine, texts):
    """Whatever the trial lets pass computes for every row, beside whatever else, and is written for every engine."""
    trees = []
    for text in texts:
        try:
            try_as_text(engine, text)
        except SettingsError:
            continue
        one = tried(text)
        trees += [one.value] if one.failed is None else [one.value, one.failed]
    if trees:
        computed(engine, *trees)
    for tree, dialect in itertools.product(trees, DIALECTS):
        sqlglot.parse_one(to_sql(tree, dialect), read=dialect)


@pytest.mark.parametrize("text", ["a + 1", "round(qty)", "coalesce(qty, 0)", "-qty", "strftime(a, '%Y')"])
def test_reckoning_with_text_is_refused_with_what_to_write(engine, text):
    trial._try(engine, expressions.Expression.parse(text, WHERE), None)  # the columns might be numbers
    with pytest.raises(SettingsError) as raised:
        try_as_text(engine, text)
    assert "cast(Quantity as decimal(18, 4))" in str(raised.value)


def test_an_expression_of_thousands_of_parts_is_refused_and_one_of_many_values_is_not():
    """Rendering goes over each expression some dozen times."""
    said = refused("+".join(["price"] * 3001))
    assert "has more than 5,000 parts; long lists belong in a source to look up" in said
    assert len(said) < 1000
    values = " ".join(f"when sku = '{n}' then 'c{n}'" for n in range(500))
    assert expressions.parse(f"case {values} end", WHERE) is not None
