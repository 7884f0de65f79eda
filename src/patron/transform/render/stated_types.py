"""The types that the yml beside a gold model states for its columns: cast to, where an engine would infer others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from patron.engines.dialects import find_dialect

if TYPE_CHECKING:
    from patron.engines.dialects import Dialect

_GOLD = "models/gold/"


def list_stated_types(model: Mapping[str, Any]) -> dict[str, str]:
    """List column -> type of a model's properties; empty unless every column states one, since part is no contract."""
    columns = model.get("columns", ())
    is_whole = columns and all("data_type" in column for column in columns)
    return {column["name"]: column["data_type"] for column in columns} if is_whole else {}


def find_column_family(model: Mapping[str, Any]) -> str:
    """Find how the columns begin of which a setting says how many there are; empty if it says so of none."""
    return str(model.get("config", {}).get("meta", {}).get("column_family", ""))


def add_contract(model: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    """Add a contract to a gold model's properties: dbt refuses to build a table with other columns or types.

    The types are spelled as the engine does. A model whose columns follow a setting gets none.
    """
    stated = list_stated_types(model)
    if not stated or find_column_family(model):
        return dict(model)
    spell = find_dialect(dialect).spell_type
    columns = [{**column, "data_type": spell(column["data_type"])} for column in model["columns"]]
    config = {**model.get("config", {}), "contract": {"enforced": True}}
    return {**model, "columns": columns, "config": config}


def cast_gold(files: Mapping[str, str], dialect: str) -> dict[str, str]:
    """Cast the columns of gold models to their stated types, unless the engine infers them by itself.

    files: name -> text of the project. Sums, differences of days and products get other types on other engines, such as
    decimal(28,4) for decimal(38,4).
    """
    from patron.transform.compile.data_tests import read_yaml

    known = find_dialect(dialect)
    if known.infers_stated_types:
        return dict(files)
    cast = dict(files)
    for name, text in files.items():
        if name.startswith(_GOLD) and name.endswith(".sql"):
            properties = files.get(f"{name.removesuffix('.sql')}.yml")
            model = read_yaml(properties)["models"][0] if properties else {}
            stated = {} if find_column_family(model) else list_stated_types(model)
            cast[name] = _cast(text, stated, known) if stated else text
    return cast


def _cast(sql: str, stated: Mapping[str, str], dialect: Dialect) -> str:
    listed = ",\n    ".join(f"cast({name} as {dialect.spell_type(kind)}) as {name}" for name, kind in stated.items())
    return f"select\n    {listed}\nfrom (\n{sql.rstrip()}\n) as computed\n"
