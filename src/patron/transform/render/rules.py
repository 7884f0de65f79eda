"""Ordered rule files (CSV) -> SQL that names what an order line is, and why a price or quantity is odd.

A rule holds where its `condition` (an SQL expression over silver.order_lines; blank: always) is true and, if it
has `keywords` (a|b|c), the product_name contains one of them, in any case. The first rule that holds wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlglot import exp

from patron.errors import SettingsError
from patron.project.mapping.expressions import Expression, cast, column_key
from patron.project.mapping.safe_expressions import make_safe
from patron.transform.render.write_sql import write
from patron.transform.rule_files import read_csv

LINE_KINDS = (
    "sale",
    "return",
    "discount",
    "free",
    "adjustment",
    "bad_debt",
    "charge",
    "gift_card",
    "invalid",
    "not_completed",
    "test",
)
RULE_SETS = ("line_kind", "unit_price_flag", "quantity_flag")
RULE_HEADER = ["rule_set", "label", "condition", "keywords", "why"]

RULE_COLUMNS = (
    "source_name order_id line_number ordered_at customer_id product_id product_name quantity unit_price "
    "line_discount_amount stated_amount currency channel store_id staff_id promotion_id country region status"
).split()
"""The columns of silver.order_lines that a condition may read."""


@dataclass(frozen=True)
class Rule:
    """One row of a rule file."""

    rule_set: str
    label: str
    condition: Expression | None
    keywords: tuple[str, ...]
    why: str
    place: str


def read_rules(path: Path) -> list[Rule]:
    """Read the rules of a file, in order. Raises SettingsError naming file and line."""
    rules = []
    for line, row in read_csv(path, RULE_HEADER):
        place = f"{path}, line {line}"
        keywords = tuple(word.strip().lower() for word in row["keywords"].split("|") if word.strip())
        condition = _parse_condition(row["condition"], place) if row["condition"] else None
        rule = Rule(row["rule_set"], row["label"], condition, keywords, row["why"], place)
        _check(rule)
        rules.append(rule)
    return rules


def _check(rule: Rule) -> None:
    if rule.rule_set not in RULE_SETS:
        do = f"allowed: {', '.join(RULE_SETS)}"
        raise SettingsError(f"There is no rule set {rule.rule_set!r}.", where=rule.place, do=do)
    if rule.rule_set == "line_kind" and rule.label not in LINE_KINDS:
        do = f"allowed: {', '.join(LINE_KINDS)}"
        raise SettingsError(f"{rule.label!r} is no line kind.", where=rule.place, do=do)
    if not rule.label:
        raise SettingsError("The rule gives no label.", where=rule.place, do="write what such a line is called")
    if rule.condition is not None:
        rule.condition.bind(_columns())


@cache
def _parse_condition(text: str, place: str) -> Expression:
    return Expression.parse(text, place)


def _columns() -> dict[str, str]:
    return {column_key(name): name for name in RULE_COLUMNS}


def render_case(rules: list[Rule], rule_set: str, dialect: str) -> str:
    """Render one CASE for a rule set. Lines that no rule matches are sales; flags are null if nothing is odd."""
    ifs = [
        exp.If(this=_match(rule), true=exp.Literal.string(rule.label)) for rule in rules if rule.rule_set == rule_set
    ]
    otherwise = exp.Literal.string("sale") if rule_set == "line_kind" else cast(exp.null(), "text")
    return write(exp.Case(ifs=ifs, default=otherwise) if ifs else otherwise, dialect)


def _match(rule: Rule) -> exp.Expression:
    """The condition first: keywords are only looked for where it is true (AND would look everywhere)."""
    keywords = exp.or_(*(_contain(word) for word in rule.keywords)) if rule.keywords else None
    if rule.condition is None:
        return keywords if keywords is not None else exp.true()
    # where it cannot be computed, the line is left to later rules
    condition = make_safe(rule.condition.bind(_columns(), quoted=False)).value
    if keywords is None:
        return condition
    return exp.Case(ifs=[exp.If(this=condition, true=keywords)], default=exp.false())


def _contain(word: str) -> exp.Expression:
    """LIKE with the word's own % and _ taken as themselves is not portable; instr is."""
    lowered = exp.column("product_name_lower")
    return exp.GT(this=exp.StrPosition(this=lowered, substr=exp.Literal.string(word)), expression=exp.Literal.number(0))
