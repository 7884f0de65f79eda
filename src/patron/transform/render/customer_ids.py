"""Customer ids as they count: those that stand for guests as null, and e-mail addresses in lower case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from patron.contract.entities import Entity
from patron.project.mapping.mappings import ColumnMapping, EntityMapping
from patron.project.mapping.safe_expressions import make_safe
from patron.project.settings.customers import Customers
from patron.transform.render.type_casts import Conversion, SourceShape, convert

COLUMN = "customer_id"

GIVEN = exp.column("_given_customer_id")
"""The id as the source gives it, computed once for all that reads it."""


@dataclass(frozen=True)
class CustomerId:
    """How a source's customer id is read.

    given: what GIVEN stands for; None if nothing reads it. value: the id that counts. guest: whether the id stands for
    a guest, never null; None if no id does.
    """

    given: exp.Expression | None
    value: exp.Expression
    guest: exp.Expression | None

    @property
    def guest_by_itself(self) -> exp.Expression | None:
        """Return the condition for guests over the source's own columns."""
        if self.guest is None or self.given is None:
            return self.guest
        given = self.given
        return self.guest.copy().transform(lambda node: given.copy() if node == GIVEN else node)


def read_customer_id(
    conversion: Conversion, mapped: ColumnMapping | None, shape: SourceShape, customers: Customers
) -> CustomerId | None:
    """Read a column of customer ids; None if its values count as they are."""
    if mapped is None or mapped.expression is None:
        return None
    bound = mapped.expression.bind(shape.columns, lacking=exp.null() if mapped.optional else None)
    if isinstance(bound, exp.Null):
        return None
    if not isinstance(bound, exp.Column) or bound.name in shape.text_columns:
        value = identify(GIVEN, customers)
        return None if value == GIVEN else CustomerId(conversion.value, value, is_guest(GIVEN, customers))
    numbers = [exp.Literal.number(word) for word in customers.guest_words if _is_integer(word)]
    if bound.name not in shape.number_columns or not numbers:
        return None
    guest = exp.In(this=bound, expressions=numbers)  # numbers are compared, which costs next to nothing
    value = exp.Case(ifs=[exp.If(this=exp.not_(guest.copy()), true=conversion.value)])
    return CustomerId(None, value, exp.func("coalesce", guest, exp.false()))


def is_needed(entity: Entity) -> bool:
    """Return whether rows of an entity count only for a customer: those of guests do not belong to it."""
    return COLUMN in entity.columns and entity.columns[COLUMN].required


def build_filter(
    entity: Entity, mapping: EntityMapping, shape: SourceShape, customers: Customers
) -> exp.Expression | None:
    """Build the condition for the rows of a source that belong to an entity; None if all do."""
    conditions = [make_safe(mapping.where.bind(shape.columns)).value] if mapping.where else []
    mapped = mapping.columns.get(COLUMN)
    if is_needed(entity) and mapped is not None:
        found = read_customer_id(convert(entity.columns[COLUMN], mapped, shape), mapped, shape, customers)
        if found is not None and found.guest_by_itself is not None:
            conditions.append(exp.not_(found.guest_by_itself))
    return exp.and_(*conditions) if conditions else None


def identify(given: exp.Expression, customers: Customers) -> exp.Expression:
    """The id that counts, of an id as trimmed text; null for a guest."""
    emails, plain = _split(customers.guest_words)
    lowered = exp.Lower(this=given.copy())
    branches = []
    if emails or customers.normalize_emails:
        address = lowered.copy() if customers.normalize_emails else given.copy()
        if emails:
            kept = exp.Case(ifs=[exp.If(this=_is_guest_address(given, emails), true=exp.null())], default=address)
        branches.append(exp.If(this=_is_email(given), true=kept if emails else address))
    if plain:
        branches.append(exp.If(this=_among(lowered, plain), true=exp.null()))
    return exp.Case(ifs=branches, default=given.copy()) if branches else given


def is_guest(given: exp.Expression, customers: Customers) -> exp.Expression | None:
    """Whether an id as trimmed text stands for a guest; None if no id does. Never null."""
    emails, plain = _split(customers.guest_words)
    conditions = []
    if plain:
        conditions.append(_among(exp.Lower(this=given.copy()), plain))
    if emails:
        conditions.append(exp.and_(_is_email(given), _is_guest_address(given, emails)))
    return exp.func("coalesce", exp.or_(*conditions), exp.false()) if conditions else None


def _split(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Words that stand for e-mail addresses, whole or `name@`, and the others."""
    listed = list(words)
    emails = [word for word in listed if word.find("@") > 0 and word.count("@") == 1]
    return emails, [word for word in listed if word not in emails]


def _is_email(given: exp.Expression) -> exp.Expression:
    """One @, with something on both sides. The first test is quick and fails for most ids."""
    tests = [_like(given, "%@%"), _like(given, "%_@_%"), exp.not_(_like(given, "%@%@%"))]
    return exp.and_(*tests)


def _like(given: exp.Expression, pattern: str) -> exp.Expression:
    return exp.Like(this=given.copy(), expression=exp.Literal.string(pattern))


def _is_guest_address(given: exp.Expression, emails: Iterable[str]) -> exp.Expression:
    lowered = exp.Lower(this=given.copy())
    name = exp.SplitPart(this=lowered, delimiter=exp.Literal.string("@"), part_index=exp.Literal.number(1))
    names = [word.removesuffix("@") for word in emails if word.endswith("@")]
    whole = [word for word in emails if not word.endswith("@")]
    return exp.or_(*(_among(tree, words) for tree, words in ((name, names), (lowered, whole)) if words))


def _among(tree: exp.Expression, words: Iterable[str]) -> exp.Expression:
    return exp.In(this=tree.copy(), expressions=[exp.Literal.string(word) for word in words])


def _is_integer(word: str) -> bool:
    return word.removeprefix("-").isdecimal()
