"""What differs from one engine's SQL to another's, where a rendered project must know it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def _unchanged(tree: exp.Expression) -> exp.Expression:
    return tree


@dataclass(frozen=True)
class Dialect:
    """An engine's SQL.

    name: as sqlglot and dbt have it. is_written_in: whether mappings are written in it, so that nothing needs to be
    translated. macro_prefixes: whose macros it takes, its own first; dbt's default__ come last.
    forgets_views: whether views end with the session, so that what others read must be a table. model_settings: lines
    of dbt_project.yml for every table. quote_mark: what encloses a name. translate: an expression tree with what
    sqlglot's own translation from DuckDB would give another value replaced.
    """

    name: str
    macro_prefixes: tuple[str, ...]
    is_written_in: bool = False
    quote_mark: str = '"'
    forgets_views: bool = False
    model_settings: Mapping[str, str] = field(default_factory=dict)
    translate: Callable[[exp.Expression], exp.Expression] = _unchanged

    def quote(self, name: str) -> str:
        """The name as an identifier of this engine. It must not hold the mark."""
        return f"{self.quote_mark}{name}{self.quote_mark}"


def _translate_to_spark(tree: exp.Expression) -> exp.Expression:
    from patron.engines.spark.dialect import translate_to_spark

    return translate_to_spark(tree)


_DIALECTS = (
    Dialect("duckdb", ("duckdb",), is_written_in=True),
    Dialect(
        "spark",
        ("spark",),
        quote_mark="`",
        forgets_views=True,
        model_settings={"+file_format": "delta"},  # dbt-spark would write Parquet, which cannot be replaced in one step
        translate=_translate_to_spark,
    ),
    Dialect("databricks", ("databricks", "spark"), quote_mark="`", translate=_translate_to_spark),
    Dialect("bigquery", ("bigquery",), quote_mark="`"),
    Dialect("snowflake", ("snowflake",)),
)
_BY_NAME = {dialect.name: dialect for dialect in _DIALECTS}


def find_dialect(name: str) -> Dialect:
    """The description of an engine's SQL by its name."""
    return _BY_NAME[name]
