"""The rendered project as it is written: with what dbt's own tools read, and patron's run does not.

patron compiles the project without any of this, so no run does a test twice or waits for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from patron.project.mapping.lookups import has_own_rows, lookup_source
from patron.transform.compile.data_tests import read_yaml
from patron.transform.render.for_dbt.freshness import add_freshness
from patron.transform.render.for_dbt.semantic_models import RISK, describe_semantic_models, write_risk_view
from patron.transform.render.for_dbt.standard_tests import add_standard_tests, list_arguments
from patron.transform.render.stated_types import add_contract

if TYPE_CHECKING:
    from patron.project.project import Project

_SOURCES = "models/staging/sources.yml"
_TIME_SPINE = "models/gold/star/dim_date.yml"
_INCREMENTAL = re.compile(r"\{\{\s*(refresh|silver)\(")


def add_for_dbt(project: Project, files: Mapping[str, str], dialect: str) -> dict[str, str]:
    """Add contracts, standard tests, keys, freshness, metrics and what dbt plans its builds by.

    files: name -> text, as patron reads them.
    """
    written = dict(files)
    for name, text in files.items():
        if name.startswith("models/") and name.endswith(".yml"):
            written[name] = _describe_models(text, frozenset(_find_incremental(files, name, text)), dialect)
    columns = _list_gold_columns(files)
    columns[RISK] = list(dict.fromkeys(columns["customer_360"] + columns["customer_churn"]))
    written[f"models/semantic/{RISK}.sql"] = write_risk_view(columns)
    written["models/semantic/metrics.yml"] = _write_metrics(json.dumps(columns), dialect)
    written[_TIME_SPINE] = _json(_mark_time_spine(read_yaml(written[_TIME_SPINE])))
    written[_SOURCES] = _json(add_freshness(read_yaml(files[_SOURCES]), project.settings.sources))
    latest = sorted(name for name in files if name.startswith("models/staging/latest_"))
    written["models/staging/latest.yml"] = _json({"models": [_describe_latest(name) for name in latest]})
    written["dbt_project.yml"] = files["dbt_project.yml"] + _write_variables(project, files)
    return written


@lru_cache(maxsize=1024)
def _describe_models(text: str, incremental: frozenset[str], dialect: str) -> str:
    """A yml file with what dbt's own tools read; most are those that ship, the same for every shop."""
    content = read_yaml(text)
    if "models" not in content:
        return text
    return _json(
        {**content, "models": [_describe(one, one["name"] in incremental, dialect) for one in content["models"]]}
    )


def _find_incremental(files: Mapping[str, str], name: str, text: str) -> Iterator[str]:
    """Yield the models of a yml file whose SQL takes in only what changed."""
    folder = name.rpartition("/")[0]
    for model in read_yaml(text).get("models", ()):
        if _INCREMENTAL.search(files.get(f"{folder}/{model['name']}.sql", "")):
            yield model["name"]


def _describe(model: Mapping[str, Any], is_incremental: bool, dialect: str) -> dict[str, Any]:
    described = add_contract(add_standard_tests(model), dialect)
    key = list_arguments(model, "key")
    if key and is_incremental:
        described["config"] = {**described.get("config", {}), "unique_key": key}
    return described


@lru_cache(maxsize=16)
def _write_metrics(columns: str, dialect: str) -> str:
    """columns: those of each gold table, as JSON."""
    return _json(describe_semantic_models(json.loads(columns), dialect))


def _list_gold_columns(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Gold table -> its columns, as its yml file describes them."""
    described = (
        read_yaml(text) for name, text in files.items() if name.startswith("models/gold/") and name.endswith(".yml")
    )
    models = (model for content in described for model in content.get("models", ()))
    return {model["name"]: [column["name"] for column in model.get("columns", ())] for model in models}


def _mark_time_spine(content: Mapping[str, Any]) -> dict[str, Any]:
    """The calendar is the table of days on which metrics are laid out."""
    (model,) = content["models"]
    day = "calendar_date"
    columns = [{**one, "granularity": "day"} if one["name"] == day else one for one in model["columns"]]
    return {**content, "models": [{**model, "columns": columns, "time_spine": {"standard_granularity_column": day}}]}


def _describe_latest(name: str) -> dict[str, Any]:
    model = name.rpartition("/")[2].removesuffix(".sql")
    return {
        "name": model,
        "description": "Grain: one key of one source. Its latest good row.",
        "config": {"unique_key": ["source_name", "_entity_key"]},
    }


def _write_variables(project: Project, files: Mapping[str, str]) -> str:
    """Two more lines of the variables, which are the last of the file, in flow style."""
    listed = {
        "definitions": _hash_definitions(files),
        "sources_of_old_rows": sorted(set(_find_sources_of_old_rows(project))),
    }
    return f"  # how dbt plans a build of its own: macros/dbt_builds.sql\n{_as_global(listed)}"


def _as_global(variables: Mapping[str, Any]) -> str:
    return "".join(f"  {name}: {json.dumps(value)}\n" for name, value in variables.items())


def _hash_definitions(files: Mapping[str, str]) -> str:
    """A hash of all that decides what a table holds."""
    digest = hashlib.sha256()
    for name in sorted(name for name in files if name.endswith((".sql", ".csv")) or name == "dbt_project.yml"):
        digest.update(f"{name}\0{files[name]}\0".encode())
    return digest.hexdigest()[:32]


def _find_sources_of_old_rows(project: Project) -> Iterator[str]:
    """Sources of which a new row may change what an older row became (transform/stale_sources.py)."""
    for name, source in project.settings.sources.items():
        if source.full_extract is not None or source.rebuilt_times:
            yield name
        if has_own_rows(source):
            yield from (lookup_source(lookup, source) for lookup in source.lookups)


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
