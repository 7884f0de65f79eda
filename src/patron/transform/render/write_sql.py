"""An expression tree as SQL text for one engine: the last step of every mapping, filter and rule."""

from __future__ import annotations

from sqlglot import exp

from patron.engines.spark.dialect import WALL_CLOCK, in_spark_words
from patron.project.mapping import expressions

_SPARK_FAMILY = ("spark", "databricks")


def write(tree: exp.Expression, dialect: str) -> str:
    """The tree in the words of one engine, with the values that DuckDB would give."""
    if dialect != expressions.READ_DIALECT:
        tree = tree.transform(_wall_clock)
    if dialect in _SPARK_FAMILY:
        tree = in_spark_words(tree)
    return expressions.to_sql(tree, dialect)


def _wall_clock(node: exp.Expression) -> exp.Expression:
    """DuckDB's plain timestamp knows no zone; elsewhere the plain word may mean an instant."""
    is_plain = isinstance(node, exp.DataType) and node.this == exp.DataType.Type.TIMESTAMP
    return exp.DataType(this=WALL_CLOCK) if is_plain else node
