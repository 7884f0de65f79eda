"""Text and numbers as times: ISO, epochs and strptime formats, each as a wall clock of the shop."""

from __future__ import annotations

from sqlglot import exp

from patron.project.mapping.expressions import cast, try_cast
from patron.project.mapping.safe_expressions import try_strptime
from patron.project.mapping.time_words import EPOCH_MILLISECONDS, EPOCH_SECONDS, ISO

_OFFSET = r"^.*:[0-9:.]+(Z| UTC| ?[+-][0-9]{2}(:?[0-9]{2})?)$"
"""An ISO time that says its own offset; its minutes stand before it, so a bare date does not match."""

_EPOCHS = {EPOCH_SECONDS: (r"^-?[0-9]{1,11}([.][0-9]+)?$", 1000), EPOCH_MILLISECONDS: (r"^-?[0-9]{1,14}([.]0+)?$", 1)}
"""Word -> the texts that it reads, and milliseconds in its unit."""


def parse_time(raw: exp.Expression, text: exp.Expression, formats: tuple[str, ...], timezone: str) -> exp.Expression:
    """The first of the formats that fits, or ISO if there are none; null where none fits.

    raw: the value. text: the same as text without outer blanks.
    """
    parsed = [_parse(raw, text, fmt, timezone) for fmt in formats or (ISO,)]
    return parsed[0] if len(parsed) == 1 else exp.func("coalesce", *parsed)


def _parse(raw: exp.Expression, text: exp.Expression, fmt: str, timezone: str) -> exp.Expression:
    if fmt == ISO:
        return _parse_iso(raw, timezone)
    if fmt in _EPOCHS:
        return _parse_epoch(text, fmt, timezone)
    parsed = try_strptime(text.copy(), exp.Literal.string(fmt))
    return to_local(parsed, timezone) if "%z" in fmt or "%Z" in fmt else parsed


def _parse_iso(raw: exp.Expression, timezone: str) -> exp.Expression:
    naive = try_cast(raw, "timestamp")  # which drops an offset, in a shop at UTC too
    as_text = cast(raw.copy(), "text")
    has_offset = exp.RegexpLike(this=as_text, expression=exp.Literal.string(_OFFSET))
    joined: exp.Expression = as_text.copy()
    for sign in "+-":  # 2024-03-01 10:00:00 +0100, as shops' exports write it
        joined = exp.func("replace", joined, exp.Literal.string(f" {sign}"), exp.Literal.string(sign))
    return exp.Case(
        ifs=[
            exp.If(this=_is_plain_time(as_text), true=naive),
            exp.If(this=has_offset, true=to_local(try_cast(joined, "timestamptz"), timezone)),
        ],
        default=naive.copy(),
    )


def _is_plain_time(as_text: exp.Expression) -> exp.Expression:
    """2011-01-31 09:30:00, by far the commonest: cheap to know, and it can hold no offset."""
    colon = exp.EQ(
        this=exp.Substring(this=as_text.copy(), start=exp.Literal.number(17), length=exp.Literal.number(1)),
        expression=exp.Literal.string(":"),
    )
    return exp.and_(exp.EQ(this=exp.Length(this=as_text.copy()), expression=exp.Literal.number(19)), colon)


def _parse_epoch(text: exp.Expression, unit: str, timezone: str) -> exp.Expression:
    pattern, scale = _EPOCHS[unit]
    fits = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(pattern))
    number = try_cast(text, "decimal(24, 6)")
    milliseconds = cast(exp.Mul(this=number, expression=exp.Literal.number(scale)), "bigint")
    in_utc = exp.AtTimeZone(
        this=exp.UnixToTime(this=milliseconds, scale=exp.UnixToTime.MILLIS), zone=exp.Literal.string("UTC")
    )
    return exp.Case(ifs=[exp.If(this=fits, true=to_local(in_utc, timezone))])


def to_local(zoned: exp.Expression, timezone: str) -> exp.Expression:
    """An instant as the shop's own wall clock."""
    return exp.AtTimeZone(this=zoned, zone=exp.Literal.string(timezone))
