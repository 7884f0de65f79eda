"""What a DuckDB expression means, in Spark's words, where sqlglot's own translation gives another value.

Spark reads '2011' and '08:26' as times (the second by the clock), takes a cast to a whole number for strict where
DuckDB rounds, replaces every match of a pattern, and spells large doubles as 1.0E7.
"""

from __future__ import annotations

import re

from sqlglot import exp

from patron.engines.spark.time_formats import parse_time

WALL_CLOCK = exp.DataType.Type.TIMESTAMPNTZ
INSTANT = exp.DataType.Type.TIMESTAMPTZ
_TIMES = (exp.DataType.Type.TIMESTAMP, WALL_CLOCK, INSTANT)
_TRY_STRPTIME = ("TRY_STRPTIME", "PATRON_TRY_STRPTIME")
_WHOLE = (exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.TINYINT)

_DAY = "[0-9]{4}([-/])[0-9]{1,2}\\1[0-9]{1,2}"
_CLOCK = "[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)?"
_TIME_SHAPE = f"^ *{_DAY}([T ]{_CLOCK}(Z| UTC|[+-][0-9]{{2}}(:?[0-9]{{2}})?)?)? *$"
_LARGE_DOUBLE = "^-?[0-9][.][0-9]+E[0-9]+$"


def translate_to_spark(tree: exp.Expression) -> exp.Expression:
    """Replace the nodes that sqlglot would give another value, inner ones first."""
    new = tree.copy()
    for node in reversed(list(new.walk())):
        replacement = _replace_node(node)
        if replacement is not node:
            new = _put(new, node, replacement)
    return new


def _put(tree: exp.Expression, node: exp.Expression, replacement: exp.Expression) -> exp.Expression:
    if node is tree:
        return replacement
    node.replace(replacement)
    return tree


def _replace_node(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.TryCast):
        return _try_cast(node)
    if isinstance(node, exp.RegexpReplace):
        return _regexp_replace(node)
    if isinstance(node, exp.AtTimeZone):
        return _cast(exp.Anonymous(this="FROM_UTC_TIMESTAMP", expressions=[node.this, node.args["zone"]]), WALL_CLOCK)
    if isinstance(node, exp.Anonymous) and str(node.this).upper() in _TRY_STRPTIME:
        return parse_time(*node.expressions)
    if isinstance(node, exp.Cast) and node.meta.get("native"):
        return _plain_text(node)
    return node


def _try_cast(node: exp.TryCast) -> exp.Expression:
    to = node.to.this
    if to in _WHOLE:
        return _trying(exp.func("round", _trying(node.this, exp.DataType.build("decimal(38, 10)"))), node.to)
    if to == exp.DataType.Type.DATE:
        return _trying(_clock(node.this), node.to)
    return _time_from_text(node.this, to) if to in _TIMES else node


def _clock(operand: exp.Expression) -> exp.Expression:
    """The operand as a time; what is one already stays."""
    return operand if _is_time(operand) else _time_from_text(operand, WALL_CLOCK)


def _is_time(tree: exp.Expression) -> bool:
    if isinstance(tree, exp.Cast):
        return tree.to.this in _TIMES
    if isinstance(tree, exp.Case):
        return _is_time(tree.args["ifs"][0].args["true"])
    return isinstance(tree, exp.Coalesce | exp.Paren) and _is_time(tree.this)


def _time_from_text(operand: exp.Expression, to: exp.DataType.Type) -> exp.Expression:
    """Only a text with a whole date is a time. For a wall clock an offset is dropped, as DuckDB drops it."""
    text = exp.cast(operand, "text")
    kind = INSTANT if to == INSTANT else WALL_CLOCK
    is_time = exp.RegexpLike(this=text, expression=exp.Literal.string(_TIME_SHAPE))
    dashed = exp.func("replace", text.copy(), exp.Literal.string("/"), exp.Literal.string("-"))
    return exp.Case(ifs=[exp.If(this=is_time, true=_trying(dashed, exp.DataType(this=kind)))])


def _regexp_replace(node: exp.RegexpReplace) -> exp.Expression:
    """DuckDB replaces the first match, unless given `g`; Spark replaces all, so the text before it is matched too."""
    pattern, replacement = node.expression, node.args["replacement"]
    if not (isinstance(pattern, exp.Literal) and isinstance(replacement, exp.Literal)):
        return node
    modifiers = str(getattr(node.args.get("modifiers"), "this", ""))
    is_global = "g" in modifiers
    shown = f"{pattern.this}" if is_global else f"^([\\s\\S]*?)(?:{pattern.this})"
    flags = "(?i)" if "i" in modifiers else ""
    words = _java_replacement(str(replacement.this), shift=0 if is_global else 1)
    return exp.Anonymous(
        this="REGEXP_REPLACE",
        expressions=[
            node.this,
            exp.Literal.string(flags + shown),
            exp.Literal.string(words if is_global else f"$1{words}"),
        ],
    )


def _java_replacement(text: str, shift: int) -> str:
    r"""`\2` as `$2`, and a `$` as itself. shift: groups that stand before the pattern's own."""

    def spell(found: re.Match[str]) -> str:
        if found.group() == "$":
            return "\\$"
        kind = found.group(1)
        return f"${int(kind) + shift}" if kind.isdigit() else "\\\\"

    return re.sub(r"\$|\\([0-9]|\\)", spell, text)


def _plain_text(node: exp.Cast) -> exp.Expression:
    """A native column as text: 10000000.0, where Spark writes 1.0E7 from there on."""
    text = exp.cast(node.this, "text")
    is_large = exp.RegexpLike(this=text, expression=exp.Literal.string(_LARGE_DOUBLE))
    digits = exp.cast(_trying(text.copy(), exp.DataType.build("decimal(38, 8)")), "text")
    kept = [exp.Literal.string("([.][0-9]*?[0-9])0*$"), exp.Literal.string("$1")]
    trimmed = exp.Anonymous(this="REGEXP_REPLACE", expressions=[digits, *kept])
    return exp.Case(ifs=[exp.If(this=is_large, true=trimmed)], default=text.copy())


def _trying(tree: exp.Expression, to: exp.DataType) -> exp.Expression:
    return exp.TryCast(this=tree, to=to, safe=True, requires_string=True)


def _cast(tree: exp.Expression, to: exp.DataType.Type) -> exp.Expression:
    return exp.Cast(this=tree, to=exp.DataType(this=to))
