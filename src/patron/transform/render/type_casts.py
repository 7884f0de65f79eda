"""One source column to one canonical column: how text becomes a time, an amount, a truth value, without raising."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from patron.contract.entities import SQL_TYPES, Column
from patron.ingest.number_formats import CURRENCY_SIGNS, NUMBER_FORMATS
from patron.project.mapping.expressions import cast, trim_text, try_cast
from patron.project.mapping.mappings import ColumnMapping
from patron.project.mapping.raise_rules import is_text
from patron.project.mapping.safe_expressions import make_safe
from patron.transform.render.time_casts import parse_time, to_local


@dataclass(frozen=True)
class Conversion:
    """A canonical column as SQL trees: its value, when a present value failed, and the text to show then."""

    column: Column
    value: exp.Expression
    failed: exp.Expression | None
    shown: exp.Expression | None

    @property
    def missing(self) -> exp.Expression | None:
        """True where a required value is blank (a failed one is reported as failed, not as blank)."""
        return _is_null(self.value) if self.column.required else None


@dataclass(frozen=True)
class SourceShape:
    """What a conversion must know of a source: its columns, which hold text, and which words mean null.

    columns: column_key -> name, with what is looked up. own_columns: the names in bronze.
    lookups: the names that may stand before a column.
    is_changelog: whether its rows say by themselves that an earlier one is gone.
    source_key: the columns that tell the rows of a changelog apart, if any do.
    has_nested: whether a mapping reads values inside its columns. is_exploded: whether its rows are elements of a list.
    """

    name: str
    columns: MappingType[str, str]
    own_columns: tuple[str, ...]
    text_columns: frozenset[str]
    zoned_columns: frozenset[str]
    null_values: tuple[str, ...]
    timezone: str
    decimal_columns: frozenset[str] = frozenset()
    floating_columns: frozenset[str] = frozenset()
    integer_columns: frozenset[str] = frozenset()
    lookups: tuple[str, ...] = ()
    is_changelog: bool = False
    source_key: tuple[str, ...] = ()
    has_nested: bool = False
    is_exploded: bool = False

    @property
    def lacking(self) -> exp.Expression:
        """The value of an optional column that no file ever had."""
        return make_missing_column(all_text=self.is_text)

    @property
    def is_text(self) -> bool:
        """Whether the source itself is delimited text."""
        return self.text_columns.issuperset(self.own_columns)

    @property
    def number_columns(self) -> frozenset[str]:
        """The columns that hold numbers."""
        return self.integer_columns | self.decimal_columns | self.floating_columns

    @property
    def has_added_columns(self) -> bool:
        """Whether its rows get columns that its files do not have."""
        return len(self.columns) > len(self.own_columns)


def make_missing_column(*, all_text: bool) -> exp.Expression:
    """Make the NULL for a missing column: text in delimited files, where everything is text, else untyped."""
    return cast(exp.null(), "text") if all_text else exp.null()


def convert(column: Column, mapped: ColumnMapping | None, shape: SourceShape) -> Conversion:
    """Convert one canonical column. Raises SettingsError for a required column that the source lacks."""
    if mapped is None or mapped.expression is None:
        return Conversion(column, _make_typed_literal(column), None, None)
    bound = mapped.expression.bind(shape.columns, lacking=shape.lacking if mapped.optional else None)
    if isinstance(mapped.expression.tree, exp.Column) and not isinstance(bound, exp.Column):
        return Conversion(column, _make_typed_literal(column), None, None)
    tried = make_safe(_replace_null_words(bound, shape))
    raw = _clean(tried.value, shape)
    value = _refuse_short_years(column, mapped, _CONVERTERS[column.type](raw, mapped.format, shape))
    if column.default is not None and not column.required:
        with_default = exp.func("coalesce", value.copy(), _make_typed_literal(column))
    else:
        with_default = value
    return Conversion(
        column, with_default, _build_failure(column, raw, value, tried.failed), _show_source_values(bound)
    )


def _refuse_short_years(column: Column, mapped: ColumnMapping, value: exp.Expression) -> exp.Expression:
    """Null for the year 14, which %Y makes of 1/2/14. Times of events have narrower limits of their own."""
    if column.required or column.sql_type not in ("timestamp", "date") or not any("%Y" in f for f in mapped.format):
        return value
    since = cast(exp.Literal.string("1000-01-01"), "timestamp")
    return exp.Case(ifs=[exp.If(this=exp.GTE(this=value, expression=since), true=value.copy())])


def read_as_text(bound: exp.Expression, shape: SourceShape) -> tuple[exp.Expression, exp.Expression]:
    """Return what an expression gives before its type is known, and the same as text; blanks are null."""
    raw = _clean(make_safe(_replace_null_words(bound, shape)).value, shape)
    return raw, _write_native(raw, shape) if isinstance(raw, exp.Column) else trim_text(raw)


def _make_typed_literal(column: Column) -> exp.Expression:
    literal = exp.null() if column.default is None else _parse_default(column.default)
    return cast(literal, column.sql_type)


@cache
def _parse_default(text: str) -> exp.Expression:
    return sqlglot.parse_one(text)


def _replace_null_words(tree: exp.Expression, shape: SourceShape) -> exp.Expression:
    """Inside an expression, a column that holds one of the source's words for nothing is null; and so is a text that
    the expression makes of a value, such as the NaN that is left of `conditions NaN`.
    """
    if not shape.null_values or isinstance(tree, exp.Column):
        return tree

    def replace(node: exp.Expression) -> exp.Expression:
        is_text = isinstance(node, exp.Column) and node.name in shape.text_columns
        return _nullif_words(node, shape.null_values) if is_text else node

    replaced = tree.transform(replace)
    return _nullif_words(replaced, shape.null_values) if is_text(tree) else replaced


def _clean(tree: exp.Expression, shape: SourceShape) -> exp.Expression:
    """The value before its type: text without outer blanks, blank as null; native types as they are."""
    if isinstance(tree, exp.Column) and tree.name not in shape.text_columns:
        return tree
    if isinstance(tree, exp.Column):
        return _nullif_words(exp.Trim(this=tree.copy()), ("", *shape.null_values))
    return tree


def _nullif_words(tree: exp.Expression, words: tuple[str, ...]) -> exp.Expression:
    """Null where the text is one of the words, outer blanks aside in both."""
    words = tuple(dict.fromkeys(word.strip() for word in words))
    is_trimmed = isinstance(tree, exp.Trim)
    if is_trimmed and len(words) == 1:
        return exp.func("nullif", tree, exp.Literal.string(words[0]))
    listed = [exp.Literal.string(word) for word in words]
    bare = tree.copy() if is_trimmed else exp.Trim(this=tree.copy())
    present = exp.not_(exp.In(this=bare, expressions=listed))
    return exp.Case(ifs=[exp.If(this=present, true=tree)])


def _build_failure(
    column: Column, raw: exp.Expression, value: exp.Expression, inner: exp.Expression | None
) -> exp.Expression | None:
    """A value that was there and did not convert. Text always converts, save where an inner cast failed."""
    outer = None if column.is_text else exp.and_(_is_null(value), _is_present(raw))
    both = [c for c in (outer, inner) if c is not None]
    return exp.or_(*both) if both else None


def _is_null(tree: exp.Expression) -> exp.Expression:
    return exp.Is(this=exp.paren(tree.copy()), expression=exp.null())


def _is_present(raw: exp.Expression) -> exp.Expression:
    return exp.NEQ(this=exp.Trim(this=cast(raw.copy(), "text")), expression=exp.Literal.string(""))


def _show_source_values(bound: exp.Expression) -> exp.Expression | None:
    """The source values behind an expression, for the reason of a quarantined row."""
    columns = list(dict.fromkeys(c.name for c in bound.find_all(exp.Column)))
    parts = [
        exp.func("coalesce", cast(exp.column(exp.to_identifier(c, quoted=True)), "text"), exp.Literal.string(""))
        for c in columns
    ]
    if not parts:
        return None
    shown: exp.Expression = parts[0]
    for part in parts[1:]:
        shown = exp.DPipe(this=exp.DPipe(this=shown, expression=exp.Literal.string(" | ")), expression=part)
    return shown


def _text(raw: exp.Expression, _: tuple[str, ...], shape: SourceShape) -> exp.Expression:
    if isinstance(raw, exp.Column):
        return _write_native(raw, shape)
    if isinstance(raw, exp.Nullif):
        return raw.copy()
    return exp.func("nullif", exp.Trim(this=cast(raw.copy(), "text")), exp.Literal.string(""))


def _write_native(raw: exp.Column, shape: SourceShape) -> exp.Expression:
    """A number or a time as its text. A whole number is 17850, even in a column that was widened (17850.0)."""
    native = cast(raw.copy(), "text")
    native.meta["native"] = True
    limit = {**dict.fromkeys(shape.decimal_columns, "1e18"), **dict.fromkeys(shape.floating_columns, "1e15")}
    if raw.name not in limit:
        return native
    is_integer = exp.and_(
        exp.EQ(this=raw.copy(), expression=exp.func("floor", raw.copy())),
        exp.LT(this=exp.func("abs", raw.copy()), expression=exp.Literal.number(limit[raw.name])),
    )
    integer = cast(cast(raw.copy(), "bigint"), "text")
    return exp.Case(ifs=[exp.If(this=is_integer, true=integer)], default=native)


def _timestamp(raw: exp.Expression, formats: tuple[str, ...], shape: SourceShape) -> exp.Expression:
    if isinstance(raw, exp.Column) and not formats:
        return to_local(raw.copy(), shape.timezone) if raw.name in shape.zoned_columns else try_cast(raw, "timestamp")
    text = _write_native(raw, shape) if isinstance(raw, exp.Column) else trim_text(raw)
    return parse_time(raw, text, formats, shape.timezone)


def _date(raw: exp.Expression, formats: tuple[str, ...], shape: SourceShape) -> exp.Expression:
    return try_cast(_timestamp(raw, formats, shape), "date")


def _decimal(
    raw: exp.Expression, formats: tuple[str, ...], shape: SourceShape, to: str = SQL_TYPES["amount"]
) -> exp.Expression:
    if not formats:
        return _cast_written(raw, to, shape)
    written = [try_cast(_parse_number(raw, fmt), to) for fmt in formats]
    return written[0] if len(written) == 1 else exp.func("coalesce", *written)


def _cast_written(raw: exp.Expression, to: str, shape: SourceShape) -> exp.Expression:
    """A number as it is written; 1_000 is one in programs only, and DuckDB alone would read it."""
    value = try_cast(raw, to)
    if isinstance(raw, exp.Column) or not any(column.name in shape.text_columns for column in raw.find_all(exp.Column)):
        return value
    has_none = exp.EQ(
        this=exp.StrPosition(this=cast(raw.copy(), "text"), substr=exp.Literal.string("_")),
        expression=exp.Literal.number(0),
    )
    return exp.Case(ifs=[exp.If(this=has_none, true=value)])


def _exchange_rate(raw: exp.Expression, formats: tuple[str, ...], shape: SourceShape) -> exp.Expression:
    """A rate above zero, to nine places."""
    rate = _decimal(raw, formats, shape, SQL_TYPES["exchange_rate"])
    return exp.Case(ifs=[exp.If(this=exp.GT(this=rate, expression=exp.Literal.number(0)), true=rate.copy())])


def _parse_number(raw: exp.Expression, fmt: str) -> exp.Expression:
    """`$1,234.50` as 1234.50, and `($2.50)` or `2.50-` as -2.50: signs of money dropped.

    Null where the separators do not stand as the sample says.
    """
    thousands, decimal = NUMBER_FORMATS[fmt]
    bare: exp.Expression = cast(raw.copy(), "text")
    for sign in CURRENCY_SIGNS:
        if sign != thousands:
            bare = _replace(bare, sign, "")
    bare = exp.Trim(this=bare)
    group = f"([0-9]{{1,3}}([{thousands}][0-9]{{3}})+|[0-9]+)" if thousands else "[0-9]+"
    digits = f"{group}([{decimal}][0-9]*)?"
    plain: exp.Expression = _replace(bare.copy(), thousands, "") if thousands else bare.copy()
    if decimal != ".":
        plain = _replace(plain, decimal, ".")
    positive = _replace(_replace(_replace(_replace(plain.copy(), "(", ""), ")", ""), "-", ""), " ", "")
    negative = exp.DPipe(this=exp.Literal.string("-"), expression=positive)
    return exp.Case(
        ifs=[
            exp.If(this=_matches(bare, f"^[+-]?{digits}$"), true=plain),
            exp.If(this=_matches(bare, f"^([(]{digits}[)]|{digits} ?-)$"), true=negative),
        ]
    )


def _replace(text: exp.Expression, old: str, new: str) -> exp.Expression:
    return exp.func("replace", text, exp.Literal.string(old), exp.Literal.string(new))


def _matches(text: exp.Expression, pattern: str) -> exp.Expression:
    return exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(pattern))


def _integer(raw: exp.Expression, formats: tuple[str, ...], shape: SourceShape) -> exp.Expression:
    """Only whole numbers: engines differ in what they make of 3.7."""
    number = _decimal(raw, formats, shape)
    integer = exp.EQ(this=number, expression=exp.func("floor", number.copy()))
    return exp.Case(ifs=[exp.If(this=integer, true=cast(number.copy(), "bigint"))])


def _number(raw: exp.Expression, formats: tuple[str, ...], shape: SourceShape) -> exp.Expression:
    """A finite double."""
    value = cast(_decimal(raw, formats, shape), "double") if formats else _cast_written(raw, "double", shape)
    finite = exp.LT(this=exp.func("abs", value), expression=exp.Literal.number("1e300"))
    return exp.Case(ifs=[exp.If(this=finite, true=value.copy())])


def _boolean(raw: exp.Expression, _: tuple[str, ...], __: SourceShape) -> exp.Expression:
    word = exp.Lower(this=trim_text(raw))

    def among(*words: str) -> exp.Expression:
        return exp.In(this=word.copy(), expressions=[exp.Literal.string(w) for w in words])

    return exp.Case(
        ifs=[
            exp.If(this=among("true", "t", "yes", "y", "1"), true=exp.true()),
            exp.If(this=among("false", "f", "no", "n", "0"), true=exp.false()),
        ]
    )


_CONVERTERS: dict[str, Callable[[exp.Expression, tuple[str, ...], SourceShape], exp.Expression]] = {
    "id": _text,
    "text": _text,
    "email": _text,
    "timestamp": _timestamp,
    "date": _date,
    "amount": _decimal,
    "exchange_rate": _exchange_rate,
    "quantity": _decimal,
    "integer": _integer,
    "number": _number,
    "rate": _number,
    "boolean": _boolean,
}
