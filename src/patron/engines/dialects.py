"""What differs between the SQL of engines, as far as mappings and the rendered project must know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def _keep(tree: exp.Expression) -> exp.Expression:
    return tree


@dataclass(frozen=True)
class Dialect:
    """An engine's SQL.

    name: as in sqlglot and dbt. macro_prefixes: whose macros it takes, its own first; dbt's default__ come last.
    is_written_in: whether mappings are written in it, so that nothing needs to be translated. try_parse_time: how to
    parse a text {this} by a {format}, null if it does not match. quote_mark: encloses a name. forgets_views: whether
    views end with the session, so that what others read must be a table. model_settings: lines of dbt_project.yml for
    every table. infers_stated_types: whether gold's columns get the types that their yml states without a cast.
    type_names: how it spells these types, where not in the same way. translate: replaces the parts of an expression
    tree that sqlglot's own translation from DuckDB would give another value.
    """

    name: str
    macro_prefixes: tuple[str, ...]
    is_written_in: bool = False
    try_parse_time: str = "TRY_TO_TIMESTAMP({this}, {format})"
    quote_mark: str = '"'
    forgets_views: bool = False
    model_settings: Mapping[str, str] = field(default_factory=dict)
    infers_stated_types: bool = False
    type_names: Mapping[str, str] = field(default_factory=dict)
    translate: Callable[[exp.Expression], exp.Expression] = _keep

    def spell_type(self, stated: str) -> str:
        """Spell a type that a gold model's yml states."""
        return self.type_names.get(stated, stated)

    def quote(self, name: str) -> str:
        """Write a name as an identifier of this engine. It must not contain the mark."""
        return f"{self.quote_mark}{name}{self.quote_mark}"


def _translate_to_spark(tree: exp.Expression) -> exp.Expression:
    from patron.engines.spark.dialect import translate_to_spark

    return translate_to_spark(tree)


_IN_SPARK = {"text": "string", "integer": "int", "timestamp": "timestamp_ntz"}
_IN_BIGQUERY = {
    **{"text": "string", "integer": "int64", "bigint": "int64", "double": "float64", "boolean": "bool"},
    **{"timestamp": "datetime", "decimal(18,4)": "numeric", "decimal(38,4)": "bignumeric"},
}

_DIALECTS = (
    Dialect(
        "duckdb",
        ("duckdb",),
        is_written_in=True,
        try_parse_time="TRY_STRPTIME({this}, {format})",
        infers_stated_types=True,
    ),
    Dialect(
        "spark",
        ("spark",),
        quote_mark="`",
        forgets_views=True,
        model_settings={"+file_format": "delta"},  # dbt-spark would write Parquet, which cannot be replaced in one step
        type_names=_IN_SPARK,
        translate=_translate_to_spark,
    ),
    Dialect(
        "databricks",
        ("databricks", "spark"),
        quote_mark="`",
        type_names=_IN_SPARK,
        translate=_translate_to_spark,
    ),
    Dialect(
        "bigquery",
        ("bigquery",),
        try_parse_time="SAFE.PARSE_DATETIME({format}, {this})",
        quote_mark="`",
        type_names=_IN_BIGQUERY,
    ),
    Dialect("snowflake", ("snowflake",), type_names={"timestamp": "timestamp_ntz"}),
)
_BY_NAME = {dialect.name: dialect for dialect in _DIALECTS}

DIALECTS = tuple(_BY_NAME)
"""The names of all dialects."""


def find_dialect(name: str) -> Dialect:
    """Find a dialect by its name."""
    return _BY_NAME[name]
