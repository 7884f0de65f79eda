"""Decides which expressions can never raise an error, whatever the values of a row; in doubt, they can.

The others are wrapped in TRY, which is cheap, but computes an expression twice if failure has to be told from null.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

TRY_STRPTIME = "PATRON_TRY_STRPTIME"
"""The function that parses text by a strptime format, null where it does not fit; its name differs by engine."""

Parts = list[exp.Expression]

_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Nullif, exp.In)
_TEXT_BY_PATTERN = (exp.RegexpReplace, exp.RegexpExtract, exp.Replace, exp.SplitPart)
_TEXT = (exp.Upper, exp.Lower, exp.Trim, exp.Concat, exp.DPipe, *_TEXT_BY_PATTERN)
_TRUTHS = (*_COMPARED[:6], exp.In, exp.Is, exp.Not, exp.And, exp.Or, exp.RegexpLike, exp.Boolean, exp.Null)


def never_raises(tree: exp.Expression) -> bool:
    """Return whether no value can make an expression raise, given that its strict casts have become TRY_CASTs."""
    rule = next((rule for kinds, rule in _RULES if isinstance(tree, kinds)), None)
    parts = [part for part in tree.iter_expressions() if not isinstance(part, exp.DataType)]
    return rule is not None and rule(tree, parts) and all(map(never_raises, parts))


def _always(_: exp.Expression, __: Parts) -> bool:
    return True


def _is_tried(tree: exp.Expression, _: Parts) -> bool:
    return isinstance(tree, exp.TryCast) or is_text(tree)


def _of_null(tree: exp.Expression, _: Parts) -> bool:
    return isinstance(tree.expression, exp.Null)


def _beside_literals(_: exp.Expression, parts: Parts) -> bool:
    """Return whether text is combined with text literals, or cast values with numbers, so that no cast is implicit."""
    value, others = parts[0], parts[1:]
    if not all(isinstance(other, exp.Literal) for other in others):
        return False
    if all(other.is_string for other in others):
        return is_text(value)
    return isinstance(value, exp.TryCast) and not any(other.is_string for other in others)


def _by_literals(_: exp.Expression, parts: Parts) -> bool:
    """Return whether the pattern is a literal; the dry run has checked that it is valid."""
    return all(isinstance(part, exp.Literal) for part in parts[1:])


def _of_truths(_: exp.Expression, parts: Parts) -> bool:
    """Return whether all operands are truth values, as text in their place would be cast."""
    return all(map(_is_truth, parts))


def _of_cases(tree: exp.Expression, _: Parts) -> bool:
    results = [tree.args.get("default"), *(branch.args["true"] for branch in tree.args["ifs"])]
    return tree.this is None and _have_same_type(results)


def _of_branches(tree: exp.Expression, _: Parts) -> bool:
    return _is_truth(tree.this) and _have_same_type([tree.args.get("true"), tree.args.get("false")])


def _of_one_kind(_: exp.Expression, parts: Parts) -> bool:
    return _have_same_type(list(parts))


def _have_same_type(results: list[exp.Expression | None]) -> bool:
    """Return whether all results have one type, as text next to numbers would be cast."""
    given = [result for result in results if result is not None and not isinstance(result, exp.Null)]
    of_text = sum(map(is_text, given))
    return of_text in (0, len(given))


def is_text(tree: exp.Expression) -> bool:
    """Return whether an expression is text, as far as it shows; the dry run knows the columns' types."""
    if isinstance(tree, exp.Paren | exp.Coalesce | exp.Nullif):
        return is_text(tree.this)
    if isinstance(tree, exp.Case):
        return is_text(tree.args["ifs"][0].args["true"])
    if type(tree) is exp.Cast:
        return tree.to.this in exp.DataType.TEXT_TYPES
    return isinstance(tree, (exp.Column, *_TEXT)) or (isinstance(tree, exp.Literal) and tree.is_string)


def _is_truth(tree: exp.Expression) -> bool:
    return _is_truth(tree.this) if isinstance(tree, exp.Paren) else isinstance(tree, _TRUTHS)


def _is_parsing(tree: exp.Expression, parts: Parts) -> bool:
    return tree.this == TRY_STRPTIME and is_text(parts[0])


_RULES: tuple[tuple[tuple[type[exp.Expression], ...], Callable[[exp.Expression, Parts], bool]], ...] = (
    ((exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean), _always),
    ((exp.Upper, exp.Lower, exp.Trim, exp.Concat, exp.DPipe, exp.Paren), _always),
    ((exp.Is,), _of_null),
    ((exp.Cast,), _is_tried),
    (_COMPARED, _beside_literals),
    ((*_TEXT_BY_PATTERN, exp.RegexpLike), _by_literals),
    ((exp.And, exp.Or, exp.Not), _of_truths),
    ((exp.Case,), _of_cases),
    ((exp.If,), _of_branches),
    ((exp.Coalesce,), _of_one_kind),
    ((exp.Array,), _always),
    ((exp.Anonymous,), _is_parsing),
)
