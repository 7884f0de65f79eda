"""A strptime format as Spark's pattern, so that both engines read the same texts as the same times."""

from __future__ import annotations

import re

from sqlglot import exp

_LETTERS = {
    "Y": "yyyy",
    "y": "yy",
    "p": "a",
    "f": "SSSSSS",
    "b": "MMM",
    "B": "MMMM",
    "j": "DDD",
    "z": "[xxx][xx][x]",
    "Z": "VV",
    "T": "H:m:s",
}
_ONE_OR_TWO_DIGITS = {"m": "M", "d": "d", "H": "H", "I": "h", "M": "m", "S": "s"}
_WEEKDAY = "^ *[A-Za-z]+"
_PIVOT = 2068
"""strptime takes 69 to 99 for the last century; Spark takes every pair of digits for this one."""


def parse_time(operand: exp.Expression, fmt: exp.Expression) -> exp.Expression:
    """Text by a strptime format as a wall clock (as an instant, where the format has an offset); null where it does
    not fit.
    """
    text = str(fmt.this)
    if re.match("%[aA]", text):  # a weekday says nothing that the date does not, and Spark cannot read one
        blank = exp.Literal.string("")
        operand = exp.Anonymous(this="REGEXP_REPLACE", expressions=[operand, exp.Literal.string(_WEEKDAY), blank])
        text = text[2:]
    parsed: exp.Expression = exp.Anonymous(
        this="TRY_TO_TIMESTAMP", expressions=[operand, exp.Literal.string(translate_format(text))]
    )
    if "%y" in text:
        parsed = _set_century(parsed)
    to = exp.DataType.Type.TIMESTAMPTZ if re.search("%[zZ]", text) else exp.DataType.Type.TIMESTAMPNTZ
    return exp.Cast(this=parsed, to=exp.DataType(this=to))


def translate_format(fmt: str) -> str:
    """%d/%m/%Y as d/M/yyyy. One letter takes one digit or two; two letters, between digits, take exactly two."""
    tokens = re.findall(r"%-?.|[^%]+", fmt)
    kinds = [token[-1] if token.startswith("%") else "" for token in tokens]
    return "".join(
        _pattern_of(token, kind, _touches(kinds, place))
        for place, (token, kind) in enumerate(zip(tokens, kinds, strict=True))
    )


def _touches(kinds: list[str], place: int) -> bool:
    """Whether the digits of a part run into those of another."""
    around = kinds[max(place - 1, 0) : place] + kinds[place + 1 : place + 2]
    return any(kind in _ONE_OR_TWO_DIGITS or kind in ("Y", "y", "f", "j") for kind in around)


def _pattern_of(token: str, kind: str, touches: bool) -> str:
    if kind in _ONE_OR_TWO_DIGITS:
        return _ONE_OR_TWO_DIGITS[kind] * (2 if touches else 1)
    if kind in _LETTERS:
        return _LETTERS[kind]
    literal = "%" if kind == "%" else token
    return re.sub("[A-Za-z'%\\[\\]{}#]+", lambda found: "'" + found.group().replace("'", "''") + "'", literal)


def _set_century(parsed: exp.Expression) -> exp.Expression:
    too_late = exp.GT(this=exp.Anonymous(this="YEAR", expressions=[parsed]), expression=exp.Literal.number(_PIVOT))
    century = exp.Interval(this=exp.Literal.string("100"), unit=exp.var("YEAR"))
    earlier = exp.Sub(this=parsed.copy(), expression=century)
    return exp.Case(ifs=[exp.If(this=too_late, true=earlier)], default=parsed.copy())
