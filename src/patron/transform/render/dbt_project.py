"""Writes .patron/dbt: the shipped models, plus what patron.yaml and the rule files say, as an ordinary dbt project."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping as MappingType
from functools import cache
from pathlib import Path
from typing import Any

from patron.contract.entities import Entity, load_entities
from patron.engines.dialects import find_dialect
from patron.project.mapping.lookups import has_own_rows
from patron.project.project import Project
from patron.transform.render import rules
from patron.transform.render.attributes import list_attributes
from patron.transform.render.customer_ids import build_filter
from patron.transform.render.lookup_columns import render_rows
from patron.transform.render.nested_rows import add_nested, has_nested_rows, name_nested_rows, render_nested_rows
from patron.transform.render.seeds import render_seeds
from patron.transform.render.sources_yml import describe_sources
from patron.transform.render.staging import is_keyed, render_staging
from patron.transform.render.stated_types import cast_gold
from patron.transform.render.type_casts import SourceShape
from patron.transform.render.variables import collect_settings_vars
from patron.transform.render.write_sql import escape_jinja, write
from patron.transform.rule_files import find_rule_file, is_shipped
from patron.transform.shipped_sql import read_shipped_files

SHIPPED_ENTITIES = (
    "order_lines",
    "customers",
    "products",
    "loyalty_accounts",
    "service_interactions",
    "campaign_touches",
    "deliveries",
    "reviews",
)
"""Entities whose silver model ships; those of the others are rendered from the contract."""

READ_ENTITIES = (*SHIPPED_ENTITIES, "loyalty_transactions", "visits")
"""Entities that measures read: their tables are there, empty, where no source maps them."""

_NOT_MEASURED = ("order_lines", "orders", "payments", "exchange_rates")
"""Events that no measure counts as they are; measures.as_of reads order_lines apart."""

_ONLY_BY_ORDER = (
    "models/changes/changed_orders.sql",
    "models/changes/changed_orders.yml",
    "tests/shares_agree.sql",
)
"""What only shops need whose lines depend on more than their own rows."""


def render_project_files(
    project: Project,
    shapes: MappingType[str, SourceShape],
    dialect: str,
    profile: dict[str, Any],
    as_of: str,
    variables: MappingType[str, Any] | None = None,
) -> dict[str, str]:
    """Render every file of the project, name -> text, without writing one.

    variables: those that models read besides the settings, such as how predictions are made. Raises
    SettingsError for a wrong rule file or an unknown column.
    """
    files = {**read_shipped_files(), **_render(project, shapes, dialect, as_of, variables or {})}
    if not project.order_values.is_needed:
        files = {name: text for name, text in files.items() if name not in _ONLY_BY_ORDER}
    files = cast_gold(files, dialect)
    files["profiles.yml"] = _json({"patron": {"target": "patron", "outputs": {"patron": profile}}})
    return files


def hash_files(files: dict[str, str]) -> str:
    """Hash names and texts of files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name]}\0".encode())
    return digest.hexdigest()


def _render(
    project: Project,
    shapes: MappingType[str, SourceShape],
    dialect: str,
    as_of: str,
    more_variables: MappingType[str, Any],
) -> dict[str, str]:
    staged = _list_staged(project)
    files = {f"models/staging/stg_{e.name}.sql": render_staging(project, e, shapes, dialect) for e in staged}
    for entity in staged:
        if is_keyed(project, entity):
            files[f"models/staging/latest_{entity.name}.sql"] = _latest_rows_sql(project, entity)
        if entity.name not in SHIPPED_ENTITIES:
            files[f"models/silver/{entity.name}.sql"] = _silver_sql(entity)
            files[f"models/silver/{entity.name}.yml"] = _json(_silver_yml(entity))
    for source in _with_own_rows(project):
        files[f"models/staging/rows_{source}.sql"] = render_rows(project, source, shapes, dialect)
    for entity in staged:
        for source, mapping in _find_filling(project, entity).items():
            if has_nested_rows(mapping, shapes[source]):
                name = f"models/staging/{name_nested_rows(source, entity.name)}.sql"
                files[name] = render_nested_rows(source, mapping, shapes[source], dialect)
    files["models/staging/sources.yml"] = _json(describe_sources(project))
    files["macros/rules.sql"] = _rules_macros(project, dialect)
    files |= render_seeds(project, dialect)
    variables = {
        **collect_settings_vars(project, as_of),
        **_structure_vars(project, staged, shapes, dialect),
        **more_variables,
    }
    files["dbt_project.yml"] = _dbt_project_yml(variables, dialect)
    return files


def _dbt_project_yml(variables: dict[str, Any], dialect: str) -> str:
    """The shipped settings with the engine's own and the project's variables."""
    shipped = read_shipped_files()["dbt_project.yml"]
    for name, value in find_dialect(dialect).model_settings.items():
        shipped = shipped.replace("  patron:\n", f"  patron:\n    {name}: {value}\n")
        shipped = shipped.replace("  patron: {+", f"  patron: {{{name}: {value}, +")
    return f"{shipped}vars:\n  patron: {_flow_yaml(variables)}\n"


def _flow_yaml(content: dict[str, Any]) -> str:
    """JSON is YAML, except that it writes characters such as emoji as two halves, which YAML does not take."""
    text = json.dumps(content, ensure_ascii=False)
    return re.sub(r"[^ -~]", lambda one: f"\\U{ord(one[0]):08x}", text)


def _list_staged(project: Project) -> list[Entity]:
    mapped = project.mapped_entities()
    return [entity for name, entity in load_entities().items() if name in READ_ENTITIES or name in mapped]


def _structure_vars(
    project: Project, staged: list[Entity], shapes: MappingType[str, SourceShape], dialect: str
) -> dict[str, Any]:
    keyed = [entity.name for entity in staged if is_keyed(project, entity)]
    return {
        "forgets_views": find_dialect(dialect).forgets_views,
        "sources_with_own_rows": _with_own_rows(project),
        "full_extracts": [name for name, source in project.settings.sources.items() if source.full_extract],
        "staged_entities": [entity.name for entity in staged],
        "keyed_entities": keyed,
        "things": [entity.name for entity in staged if entity.kind == "thing"],
        "entity_sources": {entity.name: len(_find_filling(project, entity)) for entity in staged},
        "attributes": list_attributes(project, load_entities()["customers"], shapes),
        "event_times": [
            {"entity": e.name, "column": e.event_time} for e in staged if e.event_time and e.name not in _NOT_MEASURED
        ],
        "accounted": [pair for entity in staged for pair in _list_accounted(project, entity, shapes, dialect)],
    }


def _with_own_rows(project: Project) -> list[str]:
    return [name for name, source in project.settings.sources.items() if has_own_rows(source)]


def _list_accounted(
    project: Project, entity: Entity, shapes: MappingType[str, SourceShape], dialect: str
) -> list[dict[str, Any]]:
    """What row_accounting needs of each source that fills an entity."""
    pairs = []
    for source, mapping in _find_filling(project, entity).items():
        shape = add_nested(shapes[source], mapping)
        kept, given = build_filter(entity, mapping, shape, project.settings.customers)
        pairs.append(
            {
                "entity": entity.name,
                "source": source,
                "rows": name_nested_rows(source, entity.name) if shape.has_nested else None,
                "is_exploded": shape.is_exploded,
                "filter": None if kept is None else write(kept, dialect),
                "given_customer_id": None if given is None else write(given, dialect),
            }
        )
    return pairs


def _find_filling(project: Project, entity: Entity) -> dict[str, Any]:
    """Sources that fill an entity; for order_lines also those that give orders without lines."""
    filling = project.mappings_of(entity.name)
    if entity.name == "order_lines":
        filling = {**filling, **project.orders_as_lines()}
    return filling


def _latest_rows_sql(project: Project, entity: Entity) -> str:
    version = f', version="{_version(project, entity)}"' if _has_versions(project, entity) else ""
    columns = ["source_name", "source_rank", *_id_namespace(entity), "_row_key", "_batch_id", "_entity_key"]
    columns += ["_is_deleted", *entity.columns]
    columns += ["_source_file"] if entity.name == "order_lines" and project.order_values.whole_orders else []
    first = f"{{{{ refresh(by=['_entity_key'], follows='stg_{entity.name}') }}}}"
    return f"{first}\n\n{{{{ latest_rows('{entity.name}', {columns!r}{version}) }}}}\n"


def _has_versions(project: Project, entity: Entity) -> bool:
    """Whether rows may say themselves which of them is newer; otherwise the latest arrival is."""
    column = entity.version_column
    is_mapped = any(column in mapping.columns for mapping in _find_filling(project, entity).values())
    return column is not None and (entity.kind == "thing" or is_mapped)


def _version(project: Project, entity: Entity) -> str:
    """What says which row of a key is newer. What a changelog says last is true, whatever it says it is."""
    sources = project.settings.sources
    changelogs = [name for name in _find_filling(project, entity) if sources[name].kind.is_changelog]
    if not changelogs:
        return str(entity.version_column)
    listed = ", ".join(f"'{name}'" for name in changelogs)
    return f"case when source_name not in ({listed}) then {entity.version_column} end"


def _silver_sql(entity: Entity) -> str:
    columns = list(entity.columns)
    rows = f"thing_rows('{entity.name}', {columns!r})" if entity.kind == "thing" else f"event_rows('{entity.name}')"
    listed = ",\n    ".join([*columns, "source_name", *_id_namespace(entity), "_row_key", "_batch_id", "_entity_key"])
    first = f"{{{{ silver('{entity.name}') }}}}"
    return f"{first}\n\nselect\n    {listed}\nfrom ({{{{ {rows} }}}}) as rows_kept\n"


def _id_namespace(entity: Entity) -> list[str]:
    """Ids of things are one namespace for the shop; those of events say whose they are."""
    return ["id_namespace"] if entity.kind == "event" else []


def _silver_yml(entity: Entity) -> dict[str, Any]:
    required = [c.name for c in entity.columns.values() if c.required]
    test = {"never_null": required, **({"key": [entity.id]} if entity.kind == "thing" else {})}
    columns = [{"name": c.name, "description": c.describe()} for c in entity.columns.values()]
    model = {
        "name": entity.name,
        "description": f"Grain: {entity.grain}.",
        "columns": columns,
        "data_tests": [{"holds": {"arguments": test}}],
    }
    return {"models": [model]}


def _rules_macros(project: Project, dialect: str) -> str:
    path = find_rule_file("line_kinds", project.settings.rules.line_kinds, project.root)
    return _render_shipped_rules(path, dialect) if is_shipped(path) else _render_rules(path, dialect)


def _render_rules(path: Path, dialect: str) -> str:
    parsed = rules.read_rules(path)
    macros = [_macro(rule_set, rules.render_case(parsed, rule_set, dialect)) for rule_set in rules.RULE_SETS]
    return f"{{# Rendered from {_name_in_comment(path)}: the first rule that holds names the line. #}}\n\n" + "\n".join(
        macros
    )


_render_shipped_rules = cache(_render_rules)


def _name_in_comment(path: Path) -> str:
    """The name of a file of the shop, without marks that would end a comment."""
    return re.sub(r"[^\w. -]", "_", path.name)


def _macro(name: str, sql: str) -> str:
    return f"{{% macro {name}() -%}}\n{escape_jinja(sql)}\n{{%- endmacro %}}\n"


def _json(content: dict[str, Any]) -> str:
    """JSON is YAML that nobody has to indent."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


_OWN_FOLDERS = ("macros", "models", "seeds", "tests")


def write_files(folder: Path, files: MappingType[str, str]) -> None:
    """Write the project and delete what no longer belongs to it.

    Unchanged files keep their time of change, so that dbt, if somebody runs it on them, parses only what changed.
    """
    for name, text in files.items():
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for own in _OWN_FOLDERS:
        for path in (folder / own).rglob("*"):
            if path.is_file() and path.relative_to(folder).as_posix() not in files:
                path.unlink()
