"""What people write in patron.yaml, rule files and headers is data in every template: never Jinja, SQL or YAML."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jinja2
import pyarrow as pa
import pytest
import sqlglot

from engines import projects
from patron.engines.dialects import DIALECTS
from patron.errors import PatronError
from patron.ingest.column_names import split_nested
from patron.project.project import Project
from patron.project.settings import ProjectSettings
from patron.transform.render.dbt_project import render_project_files
from patron.transform.render.source_schema import derive_shapes
from patron.transform.render.write_sql import escape_jinja
from patron.transform.shipped_sql import read_shipped_files
from shops.building import picked
from transform.compiled_sql import shipped_macros

MARK = "stolen"
TRICK = """{{ stolen }}{% if stolen %}x'}}{{ stolen }}{{'y"}}{{ stolen('HOME') }}{#{% raw %}\\"""
FORMS = ("'{}'", '"{}"', "coalesce(Country, '{}')", "{}@")


KEY = object()
SHOP = {
    "shop": {"name": "Corner", "currency": "EUR", "locale": "de_DE", "timezone": "Europe/Berlin"},
    "data": "data",
    "sources": {
        "till": {
            "files": ["till/*.csv"],
            "null_values": ["NaN"],
            "left": {"memo": "nobody reads it"},
            "lookups": {
                "prices": {"on": {"sku": "upper(trim(article))"}},
                "branch": {"source": "stores", "on": {"code": "store.code"}},
            },
            "full_extract": {"stamp": "regexp_extract(_source_file, '[0-9]{8}')", "format": ["%Y%m%d"]},
            "entities": {
                "order_lines": {
                    "where": "kind = 'sale'",
                    "key": ["order_id"],
                    "deleted_when": "kind = 'void'",
                    "namespace": {"product_id": "source"},
                    "columns": {
                        "order_id": "receipt",
                        "ordered_at": {"expression": "at", "format": ["%d/%m/%Y"]},
                        "customer_id": "card",
                        "product_id": "article",
                        "unit_price": {"expression": "prices.price", "format": "1.234,50"},
                        "channel": "'till'",
                        "region": "branch.city",
                    },
                },
                "customers": {"columns": {"customer_id": "card", "attributes": ["hobby"]}},
            },
        },
        "prices": {"files": "prices.csv", "null_values": ["nothing"]},
        "stores": {"files": "stores.csv", "null_values": ["nowhere"]},
        "web": {
            "files": "web.jsonl",
            "entities": {
                "order_lines": {
                    "explode": "items",
                    "columns": {
                        "order_id": "id",
                        "ordered_at": "at",
                        "product_id": "items.sku",
                        "unit_price": "items.price",
                    },
                }
            },
        },
    },
    "customers": {"guests": ["walk-in"]},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every text in a file of settings; of keys, too, with KEY behind."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key, KEY)
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))
    elif isinstance(value, str):
        yield path


def changed(settings: dict[str, Any], path: tuple[Any, ...], text: str) -> dict[str, Any]:
    """The settings with another text at one place."""
    made = copy.deepcopy(settings)
    *way, last = path[:-1] if path[-1] is KEY else path
    at = made
    for step in way:
        at = at[step]
    if path[-1] is KEY:
        at[text] = at.pop(last)
    else:
        at[last] = text
    return made


def render(settings: dict[str, Any], dialect: str = "duckdb") -> dict[str, str]:
    """The files of a project whose sources have every column that it reads, all of them text."""
    project = Project(projects.HERE, ProjectSettings.model_validate(settings))
    looked_up = {"prices": ["price"], "stores": ["city", 'say "hi"', TRICK]}
    schemas = {}
    for name in project.settings.sources:
        read = [*project.required_columns(name), *project.optional_columns(name), *looked_up.get(name, ())]
        columns = dict.fromkeys(split_nested(column)[0] for column in read)
        schemas[name] = pa.schema([(column, pa.string()) for column in columns], {"patron.source_key": "[]"})
    return render_project_files(project, derive_shapes(project, schemas), dialect, {}, "latest")


def words_of_templates(files: dict[str, str]) -> Counter[str]:
    """The names in tags, and how many tags there are of each kind, in the files that do not ship."""
    shipped, environment, found = read_shipped_files(), jinja2.Environment(), Counter[str]()
    for name, text in files.items():
        if name.endswith(".sql") and text != shipped.get(name):
            for _, kind, value in environment.lex(text):
                if kind in ("comment_begin", "raw_begin", "block_begin") or (kind == "name" and value == MARK):
                    found[f"{name}: {value if kind == 'name' else kind}"] += 1
    return found


def test_every_text_of_a_mapping_is_data_in_the_templates():
    """Every text and key of a shop with every kind of mapping, as it is and inside SQL: refused, or in no template."""
    plain, taken = words_of_templates(render(SHOP)), []
    for number, path in enumerate(places(SHOP)):
        form = FORMS[number % len(FORMS)]
        quote = '"' if form == FORMS[1] else "'"
        for text in (TRICK, form.format(TRICK.replace(quote, 2 * quote))):
            try:
                files = render(changed(SHOP, path, text))
            except (PatronError, ValueError):
                continue
            taken.append(path)
            assert words_of_templates(files) <= plain, (path, text)
    assert len(taken) > 30
    assert {path[2:5] for path in taken} >= {
        ("null_values", 0),
        ("lookups", "prices", "on"),
        ("lookups", "branch", "on"),
    }


TEXTS = (TRICK, "\\", "\\'", "x' or '1' = '1", "it's \\' -- ", "\U0001f48e", "two\nlines\r\n", "{", "''", '"', "`")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_between_quotes_is_that_text_to_every_engine(dialect, text):
    between = shipped_macros(dialect)["escape_text"](text)
    (value,) = sqlglot.parse_one(f"select '{between}'", dialect=dialect).expressions
    assert value.is_string
    assert value.this == text


@pytest.mark.parametrize("text", TEXTS)
def test_marks_of_a_template_stay_as_they_are(text):
    assert jinja2.Template(escape_jinja(text) + "{{ 1 }}").render() == text + "1"


def test_what_people_call_things_stands_in_gold_as_they_wrote_it(build_shop):
    """Labels, words for nothing, keys of lookups, names of columns and of rule files: one shop, nothing but tricks."""
    tiers = [f"{TRICK}{number}" for number in range(3)]
    settings = {
        "shop": {"name": TRICK},
        "rules": {"segments": "{# mine #}.csv", "line_kinds": "{{ stolen }}#}.csv"},
        "clv": {"tiers": {"labels": tiers}},
        "support": {"issue_categories": {TRICK: ["late", TRICK]}},
        "sources": {
            "till": {
                "files": "till.json",
                "null_values": [TRICK],
                "lookups": {"prices": {"on": {"sku": f"nullif(trim(article), {sql_text(TRICK)})"}}},
                "entities": {
                    "order_lines": {
                        "columns": {
                            "order_id": "receipt",
                            "ordered_at": "at",
                            "customer_id": "card",
                            "product_id": "article",
                            "unit_price": "prices.price",
                            "product_name": sql_name(TRICK),
                            "region": "prices.place",
                            "channel": sql_text(f"till {TRICK}"),
                        }
                    }
                },
            },
            "prices": {"files": "prices.json", "null_values": [TRICK]},
        },
    }
    line = {"receipt": "1", "at": "2024-03-01", "card": "c1", "article": "a", TRICK: f"tea {TRICK}"}
    rows = [line, {**line, "receipt": "2", TRICK: TRICK}]
    segments = (
        "segment,min_recency,max_recency,min_frequency,max_frequency,min_monetary,max_monetary,description,action"
    )
    quoted = TRICK.replace('"', '""')
    files = {
        "till.json": json.dumps(rows),
        "prices.json": json.dumps([{"sku": "a", "price": "5", "place": TRICK}]),
        "../{# mine #}.csv": f'{segments}\n"{quoted}",1,5,1,5,1,5,"{quoted}","{quoted}"\n',
        "../{{ stolen }}#}.csv": f'rule_set,label,condition,keywords,why\nunit_price_flag,"{quoted}",true,,"{quoted}"\n',
    }
    shop = build_shop("tricks", settings, files)
    customer = shop.rows("gold.customer_360")[0]
    assert picked(customer, "segment", "clv_tier", "net_amount") == (TRICK, tiers[2], 10)
    assert shop.query("select product_name, channel, region from silver.order_lines order by order_id") == [
        {"product_name": f"tea {TRICK}", "channel": f"till {TRICK}", "region": None},
        {"product_name": None, "channel": f"till {TRICK}", "region": None},
    ]


def sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def sql_name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
