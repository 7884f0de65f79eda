"""A mapping's expression gives on Spark what it gives on DuckDB, whose words it is written in."""

from __future__ import annotations

import json

import duckdb
import jinja2
import pytest

from patron.contract.entities import Column
from patron.engines.spark.time_formats import translate_format
from patron.project.mapping import expressions
from patron.project.mapping.mappings import ColumnMapping
from patron.project.mapping.safe_expressions import make_safe
from patron.project.settings import Warehouse
from patron.transform.render.nested_rows import render_nested
from patron.transform.render.type_casts import SourceShape, convert
from patron.transform.render.write_sql import write
from transform.compiled_sql import shipped_macros

TIMES = """2011-01-05 08:26:00 | 2011-1-5 8:26 | 2011-01-05T08:26 | 2011-01-05 | 2011/01/05 | 2011/1/5 8:26:00 | 2011 | 2011-01
2011-01-05 08 | 2011-01-05 08:26:00.1234567 | 2011-01-05 08:26:00Z | 2011-01-05 08:26:00+02 | 2011-01-05 08:26:00+02:00
2011-07-05T08:26:00.5+05:30 | 2011-01-05 08:26:00 +0200 | 2011-01-05 08:26:00 UTC | 2011-01-05 08:26Z | 2011-02-30 | 2011-13-01
12/01/2011 | 01.02.2011 | 2011-01-05 08:60:00 | 2011-01-05 8:2:3 | now | today | T08:26 | 08:26 | 20110105 | 1 | 12.5 | abc"""
NUMBERS = """1 | 1.5 | -1.5 | +1.5 | .5 | 5. | 1e3 | 1E-3 | 1.23455 | 1.23445 | -1.23455 | 0x10 | 1,000 | 12L | NaN | inf | 1 2
-Infinity | 1e400 | 99999999999999 | 999999999999999 | --1 | 1e | e1 | $1 | 1.2.3 | 0.00005 | 0.00004999 | -0 | 00012 | true | -"""
TRUTHS = "true | T | yes | Y | 1 | false | No | 0 | on | wahr | TRUE"
BY_FORMAT = {
    "%d/%m/%Y %H:%M": "05/01/2011 08:26 | 5/1/2011 8:26 | 5/1/2011 8:26:00 | 31/02/2011 10:00 | 5/13/2011 8:26 | 5/1/2011",
    "%Y%m%d": "20110105 | 201115 | 2011-01-05 | 20111305",
    "%d.%m.%y": "05.01.11 | 5.1.69 | 5.1.68 | 29.2.72 | 5.1.2011",
    "%Y-%m-%d %H:%M:%S.%f": "2011-01-05 08:26:00.123456 | 2011-01-05 08:26:00.5 | 2011-01-05 08:26:00",
    "%b %d, %Y %I:%M %p": "Jan 05, 2011 08:26 PM | jan 5, 2011 8:26 pm | January 5, 2011 8:26 PM | Jan 05, 2011 12:26 AM",
    "%d %B %Y": "5 January 2011 | 05 january 2011 | 5 Jan 2011",
    "%a %d %b %Y": "Wed 05 Jan 2011 | 05 Jan 2011",
    "%A, %d %b %Y": "Wednesday, 05 Jan 2011 | Wed 05 Jan 2011",
    "%Y-%m-%dT%H:%M:%S%z": "2011-07-05T08:26:00+0200 | 2011-07-05T08:26:00+02:00 | 2011-07-05T08:26:00Z | 2011-07-05T08:26:00-0330",
    "%-d/%-m/%Y": "5/1/2011 | 05/01/2011",
    "%d/%m/%Y %T": "05/01/2011 08:26:01",
    "%d/%m/%Y %H:%M %Z": "05/07/2011 08:26 UTC | 05/07/2011 08:26 GMT | 05/07/2011 08:26",
    "%m/%d/%Y, %I:%M:%S %p": "3/13/2024, 1:05:00 PM | 13/3/2024, 1:05:00 PM",
    "%a, %d %b %Y %H:%M:%S %z": "Fri, 01 Jul 2011 10:05:33 +0000 | 01 Jul 2011 10:05:33 +0000",
    "%Y%m%d%H%M%S": "20110705082600 | 20110705 | 20111305082600",
    "iso": "2011-07-05 08:26:00 +0200 | 2011-07-05 08:26:00 -03:30 | 2011-07-05T08:26:00Z | 05/07/2011",
    "epoch seconds": "1709287200 | 1709287200.5 | -86400 | 0 | 1709287200123 | abc | 1.7e9",
    "epoch milliseconds": "1709287200123 | 1709287200 | 1709287200123.0 | abc",
    "on %d.%m.%Y at %H o'clock": "on 05.01.2011 at 08 o'clock | 05.01.2011",
}
EXPRESSIONS = r"""regexp_replace(v, '\.0$', '') ; regexp_replace(v, '[0-9]', '') ; regexp_replace(v, '[0-9]', '', 'g')
regexp_replace(v, '(\d)(\d)', '\2-\1$') ; regexp_replace(v, 'A', 'z', 'gi') ; regexp_extract(v, '([a-z]+)([0-9]+)', 2)
regexp_matches(v, '[a-z]') ; split_part(v, '-', 2) ; substr(v, 2, 3) ; left(v, 2) ; right(v, 2) ; lower(v) ; upper(v)
trim(v) ; ltrim(v, '0') ; lpad(v, 5, '0') ; replace(v, '-', '') ; concat(v, 'x', null) ; concat_ws('-', v, null, 'z')
v || 'x' ; coalesce(nullif(v, ''), 'none') ; length(v) ; strpos(v, 'b') ; contains(v, 'b') ; starts_with(v, 'a')
v like 'a%' ; v ilike 'A%' ; v in ('a', 'b') ; case when v = 'a' then 1 else 2 end ; if(v = 'a', 1, 2)
cast(v as integer) ; cast(v as bigint) ; v::int ; cast(v as decimal(18, 2)) ; cast(v as date) ; cast(v as timestamp)
cast(v as int) // 2 ; cast(v as int) % 3 ; round(cast(v as decimal(18, 4)), 2) ; abs(cast(v as int)) ; greatest(v, 'b')
strptime(v, '%d/%m/%Y') ; try_strptime(v, '%d/%m/%Y') ; md5(v) ; reverse(v) ; translate(v, 'ab', 'xy') ; ifnull(v, 'x')
date_trunc('month', cast(v as timestamp)) ; extract(year from cast(v as date)) ; year(cast(v as date)) ; repeat(v, 2)
cast(v as timestamp) + interval 3 hour ; strftime(cast(v as date), '%Y%m') ; cast(v as boolean) ; v between 'a' and 'c'
string_split(v, '-')[1] ; v is distinct from 'a' ; v ~ '[a-z]+' ; cast(cast(v as timestamp) as text)"""
VALUES = [
    *["a", "b", "ab-12-cd", "A b", "12", "12.5", "-7.5", "17850.0", "2011-01-05", "05/01/2011", "2011", "1e7", None],
    *[
        "",
        " pad ",
        "Élan",
        "true",
        "0012",
        "x1y2",
        "2011-01-05 08:26:15.250",
        "2011-07-05T08:26:00+02:00",
        "a$1\\2",
        "08:26",
    ],
]

V = expressions.Expression.parse("v", "here")


@pytest.fixture(scope="module")
def spark(spark_ready, tmp_path_factory):
    from patron.engines.spark import session as spark_session

    yield spark_session.start(tmp_path_factory.mktemp("words"), Warehouse(engine="spark"))
    spark_session.stop()


def split(text: str) -> list[str]:
    return [part.strip() for line in text.splitlines() for part in line.split("|")]


def written(kind: str, fmt: tuple[str, ...] = (), timezone: str = "Europe/London") -> dict[str, str]:
    """The conversion of one text column, by dialect."""
    shape = SourceShape("source", {"v": "v"}, ("v",), frozenset({"v"}), frozenset(), (), timezone)
    value = convert(Column("c", kind, ""), ColumnMapping("here", V, format=fmt), shape).value  # type: ignore[arg-type]
    return {dialect: write(value, dialect) for dialect in ("duckdb", "spark")}


def answers(spark, texts: list[str | None], expressions: list[dict[str, str]]) -> tuple[list[tuple], list[tuple]]:
    """What each engine makes of each text, as text."""
    connection = duckdb.connect()
    connection.execute("create table t (i int, v text)")
    connection.executemany("insert into t values (?, ?)", list(enumerate(texts)))
    spark.createDataFrame(list(enumerate(texts)), "i int, v string").createOrReplaceTempView("t")
    texts_of = [
        ", ".join(f"cast({one[dialect]} as {kind})" for one in expressions)
        for dialect, kind in (("duckdb", "text"), ("spark", "string"))
    ]
    return (
        [tuple(row) for row in connection.sql(f"select i, v, {texts_of[0]} from t order by i").fetchall()],
        [tuple(row) for row in spark.sql(f"select i, v, {texts_of[1]} from t order by i").collect()],
    )


def unlike(one: list[tuple], other: list[tuple]) -> list[tuple]:
    return [(left, right) for left, right in zip(one, other, strict=True) if left != right]


@pytest.mark.spark
@pytest.mark.parametrize("timezone", ["UTC", "Europe/London", "Asia/Tokyo"])
def test_times_and_days(spark, timezone: str) -> None:
    expressions = [written("timestamp", timezone=timezone), written("date", timezone=timezone)]
    assert unlike(*answers(spark, split(TIMES), expressions)) == []


@pytest.mark.spark
def test_numbers(spark) -> None:
    assert unlike(*answers(spark, split(NUMBERS), [written("amount"), written("integer")])) == []


@pytest.mark.spark
def test_doubles(spark) -> None:
    """Read back from their text, which each engine writes in its own way."""
    one, other = (
        [(*row[:2], None if row[2] is None else float(row[2])) for row in rows]
        for rows in answers(spark, split(NUMBERS), [written("number")])
    )
    assert unlike(one, other) == []


@pytest.mark.spark
def test_truths(spark) -> None:
    assert unlike(*answers(spark, split(TRUTHS), [written("boolean")])) == []


@pytest.mark.spark
@pytest.mark.parametrize("fmt", BY_FORMAT)
def test_times_by_format(spark, fmt: str) -> None:
    one, other = answers(spark, split(BY_FORMAT[fmt]), [written("timestamp", (fmt,))])
    assert unlike(one, other) == []
    assert any(row[-1] for row in one)


@pytest.mark.spark
def test_expressions(spark) -> None:
    """One query for all, since Spark takes its time over each."""
    spelled = [part.strip() for line in EXPRESSIONS.splitlines() for part in line.split(";")]
    trees = [make_safe(expressions.parse(text, "here")).value for text in spelled]
    one, other = answers(spark, VALUES, [{d: write(tree, d) for d in ("duckdb", "spark")} for tree in trees])
    wrong = [
        (text, left[1], left[place], right[place])
        for left, right in zip(one, other, strict=True)
        for place, text in enumerate(spelled, start=2)
        if left[place] != right[place]
    ]
    assert wrong == []


@pytest.mark.spark
def test_a_large_number_of_a_native_column_as_an_id(spark) -> None:
    """pandas makes 12345678.0 of an id that is missing in some row."""
    shape = SourceShape("source", {"v": "v"}, ("v",), frozenset(), frozenset(), (), "UTC")
    value = convert(Column("c", "id", ""), ColumnMapping("here", V), shape).value
    numbers = [17850.0, 12345678.0, 1e7, -12345678.5, 0.5, 999999999999.0, None]
    spark.createDataFrame(list(enumerate(numbers)), "i int, v double").createOrReplaceTempView("t")
    rows = spark.sql(f"select {write(value, 'spark')} as id from t order by i").collect()
    assert [row["id"] for row in rows] == [None if n is None else duckdb_text(n) for n in numbers]


def duckdb_text(number: float) -> str:
    return str(duckdb.sql(f"select cast({number!r}::double as text)").fetchall()[0][0])


@pytest.mark.parametrize(
    ("fmt", "pattern"),
    [
        ("%d/%m/%Y %H:%M", "d/M/yyyy H:m"),
        ("%Y%m%d%H%M%S", "yyyyMMddHHmmss"),
        ("%Y-%m-%dT%H:%M:%SZ", "yyyy-M-d'T'H:m:s'Z'"),
        ("%d. %B '%y", "d. MMMM ''''yy"),
        ("%I:%M %p", "h:m a"),
    ],
)
def test_patterns(fmt: str, pattern: str) -> None:
    assert translate_format(fmt) == pattern


def test_only_sparks_family_gets_sparks_words() -> None:
    tree = make_safe(expressions.parse("cast(v as int)", "here")).value
    assert write(tree, "duckdb") == "TRY_CAST(v AS INT)"
    assert write(tree, "databricks") == write(tree, "spark") == "TRY_CAST(ROUND(TRY_CAST(v AS DECIMAL(38, 10))) AS INT)"


NESTED = """{"id": 1, "sku": "MUG", "price": 20.1, "big": 9007199254740993123, "no": null, "yes": true, "tax": {"rate": 0.5}}
{} | {"sku": ["a", 1]} | [] | [1, "two", null, {"id": 3}, [4]] | {"id": "zo\u00eb \\" \\\\"} | {cut | [cut | plain | 7 | null
{"it's": 1, "a.b": {"c": [1.5, 1e3]}} | [{"id": 1, "price": "2.50"}, {"id": 2}] | "quoted" | [[], {}]"""
KEYS = ["id", "sku", "price", "big", "no", "yes", "tax", "it's", "a.b"]


@pytest.mark.spark
def test_values_inside_columns(spark) -> None:
    macros = {dialect: shipped_macros(dialect) for dialect in ("duckdb", "spark")}
    texts = [
        json.dumps(json.loads(t), separators=(",", ":"), ensure_ascii=False) if is_json(t) else t for t in split(NESTED)
    ]
    fields = [
        {dialect: each["json_field"](each["json_fields"]("v", KEYS), place, key) for dialect, each in macros.items()}
        for place, key in enumerate(KEYS, start=1)
    ]
    none = [{dialect: f"{each['json_fields']('v', KEYS)} is null" for dialect, each in macros.items()}]
    elements = {dialect: each["json_elements"]("v", "v = '7'") for dialect, each in macros.items()}
    lists = [
        {"duckdb": f"({elements['duckdb']})[{n}]", "spark": f"try_element_at({elements['spark']}, {n})"}
        for n in range(1, 7)
    ]
    lengths = [{"duckdb": f"len({elements['duckdb']})", "spark": f"size({elements['spark']})"}]
    one, other = answers(spark, [*texts, None, "", " "], fields + none + lists)
    assert unlike(one, other) == []
    assert any(row[2] == "1" for row in one)
    one, other = answers(spark, texts, lengths)
    assert unlike(one, other) == []
    assert ("5",) in {row[2:] for row in one}


DOCUMENTS = [
    {
        "id": 1,
        "buyer": {"id": 7, "e.mail": "zoë@example.com"},
        "parcels": [{"at": "m", "boxes": [{"n": 1}, {"n": 20.5}]}],
    },
    {"id": 2, "buyer": None, "parcels": {"at": "t", "boxes": {"n": 9007199254740993}}},
    {"id": 3, "buyer": ["x"], "parcels": [{"at": "w", "boxes": []}, {"boxes": None}, None]},
    {"id": 4, "buyer": "ann", "parcels": [{"at": "f", "boxes": ["broken", {"n": None}]}, "lost"]},
    {"id": 5, "buyer": {}, "parcels": []},
]


@pytest.mark.spark
def test_rows_made_of_lists(spark) -> None:
    columns, names = ("id", "buyer", "parcels"), ["buyer.id", 'buyer."e.mail"', "parcels.at", "parcels.boxes.n"]
    shape = SourceShape("s", {c: c for c in columns}, columns, frozenset(columns), frozenset(), (), "UTC")
    as_bronze = {"ensure_ascii": False, "separators": (",", ":")}
    texts = [[None if d[c] is None else json.dumps(d[c], **as_bronze).strip('"') for c in columns] for d in DOCUMENTS]
    rows = [(*text, "f", 2**36 + place, None, 1) for place, text in enumerate(texts)]
    kinds = "id string, buyer string, parcels string, _source_file string, _row_key bigint, _ingested_at string, _batch_id bigint"
    spark.createDataFrame(rows, kinds).createOrReplaceTempView("landed")
    connection = duckdb.connect()
    connection.execute(f"create table landed ({kinds.replace('string', 'text')})")
    connection.executemany("insert into landed values (?, ?, ?, ?, ?, ?, ?)", rows)
    for explode in ((), ("parcels",), ("parcels", "boxes")):
        read = names if len(explode) == 2 else names[:3] if explode else names[:2]
        selects = {
            dialect: jinja2.Environment()
            .from_string(render_nested("landed", read, explode, shape, dialect), globals=shipped_macros(dialect))
            .render()
            for dialect in ("duckdb", "spark")
        }
        one = connection.sql(f"select * from ({selects['duckdb']}) order by _row_key").fetchall()
        other = [tuple(row) for row in spark.sql(f"select * from ({selects['spark']}) order by _row_key").collect()]
        assert len(one) == {0: 5, 1: 7, 2: 6}[len(explode)]
        assert unlike(one, other) == []


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
