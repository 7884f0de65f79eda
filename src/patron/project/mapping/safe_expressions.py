"""Rewrites expressions so that a value that does not convert becomes null, and no row stops a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from patron.project.mapping.expressions import cast
from patron.project.mapping.raise_rules import TRY_STRPTIME, never_raises


@dataclass(frozen=True)
class SafeExpression:
    """An expression that cannot raise, and the condition under which it failed to convert a value."""

    value: exp.Expression
    failed: exp.Expression | None


def make_safe(tree: exp.Expression) -> SafeExpression:
    """Rewrite strict casts and parses to their TRY form, and wrap what may still raise (a root of -1) in TRY.

    A cast that a CASE may skip counts as failed only if the whole expression is null.
    """
    always: list[exp.Expression] = []
    where_null: list[exp.Expression] = []

    def rewrite(node: exp.Expression) -> exp.Expression:
        if not _is_strict(node):
            return node
        tried = _try(node)
        bucket = where_null if node.find_ancestor(exp.Case, exp.If) else always
        bucket.append(exp.and_(_has_value(node.this), exp.Is(this=tried.copy(), expression=exp.null())))
        return tried

    value = replace_bottom_up(tree.copy(), rewrite)
    if where_null:
        always.append(exp.and_(_is_null(value), exp.or_(*where_null)))
    failed = exp.or_(*always) if always else None
    return SafeExpression(value, failed) if never_raises(value) else _wrap_in_try(value, failed)


def _wrap_in_try(value: exp.Expression, failed: exp.Expression | None) -> SafeExpression:
    """Return null where the engine rejects a row's values, and mark failure: a TRY that is neither true nor false."""
    raised = _is_null(exp.Try(this=_is_null(value)))
    if failed is not None:
        known = exp.Try(this=exp.func("coalesce", failed, exp.false()))
        raised = exp.or_(raised, exp.func("coalesce", known, exp.true()))
    return SafeExpression(exp.Try(this=value.copy()), raised)


def _is_null(tree: exp.Expression) -> exp.Expression:
    return exp.Is(this=exp.paren(tree.copy()), expression=exp.null())


def _is_strict(node: exp.Expression) -> bool:
    if type(node) is exp.Cast:
        return not isinstance(node.this, exp.Literal) and node.to.this not in exp.DataType.TEXT_TYPES
    return type(node) is exp.StrToTime


def _try(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Cast):
        return exp.TryCast(this=node.this, to=node.args["to"], safe=True, requires_string=True)
    return try_strptime(node.this, node.args["format"])


def _has_value(operand: exp.Expression) -> exp.Expression:
    """Return SQL that is true where the operand has a value: neither null nor blank as text."""
    as_text = cast(operand.copy(), "text")
    return exp.NEQ(this=exp.Trim(this=as_text), expression=exp.Literal.string(""))


def replace_bottom_up(tree: exp.Expression, rewrite: Callable[[exp.Expression], exp.Expression]) -> exp.Expression:
    """Apply `rewrite` to inner nodes first, so that an outer cast sees its operand already rewritten."""
    for node in list(tree.dfs(prune=lambda _: False))[::-1]:
        new = rewrite(node)
        if new is node:
            continue
        if node is tree:
            return new
        node.replace(new)
    return tree


def try_strptime(operand: exp.Expression, fmt: exp.Expression) -> exp.Expression:
    """Parse text by a strptime format; null if it does not match. Every engine spells this differently."""
    return exp.Anonymous(this=TRY_STRPTIME, expressions=[operand, fmt])
