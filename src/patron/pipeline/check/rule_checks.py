"""Checks of the built tables: the ledger closes, every data test passes, and tables agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from patron.errors import EngineError
from patron.pipeline.check.context import CheckContext
from patron.pipeline.check.finding import Finding
from patron.transform.render.rules import LINE_KINDS

if TYPE_CHECKING:
    from patron.transform.node import Node

_AGREEMENTS = {
    "shares_agree": "the shares of an order's amounts add up to them",
    "totals_agree": "the ledger, the days, and customers plus guests have the same total",
    "attribution_agrees": "in each model the credits of the campaigns add up to the revenue",
}
_IN_NET = ("gross", "discount", "refund")
_KINDS = (*_IN_NET, *(kind for kind in LINE_KINDS if kind not in ("sale", "discount", "return")))
_LEDGER_SUMS = ("line_count", "raw_line_count", *(f"{kind}_amount" for kind in (*_KINDS, "raw", "shared")))


def check_ledger(context: CheckContext) -> Iterator[Finding]:
    """Check that gross + discounts + refunds + other kinds = raw total, per source and day, to the penny."""
    sums = ", ".join(f"sum({name}) as {name}" for name in _LEDGER_SUMS)
    batches = context.read_model("measures", "batch_ledger")
    sql = f"select source_name, ledger_date, {sums} from ({batches}) as batches group by source_name, ledger_date"
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in context.query(f"{sql} order by ledger_date"):
        by_source.setdefault(row["source_name"], []).append(row)
    built = {tuple(day.values()) for day in context.query("select * from measures.ledger")}
    for source, days in sorted(by_source.items()):
        yield _check_days(source, days, built)


def _check_days(source: str, days: list[dict[str, Any]], built: set[tuple[Any, ...]]) -> Finding:
    open_days = [day for day in days if _find_gap(day)]
    changed = [day for day in days if tuple(day.values()) not in built]
    detail = f"{sum(day['raw_amount'] or 0 for day in days):,} over {len(days):,} days"
    if open_days:
        first = open_days[0]
        detail += f"; {len(open_days)} days do not close, first {first['ledger_date']} (off by {_find_gap(first)})"
    if changed:
        detail += f"; {len(changed)} days of silver differ from what the measures were built from"
    return Finding("ledger", source, "fail" if open_days or changed else "pass", detail)


def _find_gap(day: dict[str, Any]) -> Any:
    """What the kinds of a day differ by from its raw total and from what lines share with their orders."""
    return sum(day[f"{kind}_amount"] for kind in _KINDS) - day["raw_amount"] - day["shared_amount"]


def check_data_tests(context: CheckContext) -> Iterator[Finding]:
    """Run the data tests of each model again, as they were compiled. A table without rows breaks no rule of rows."""
    from patron.transform.compile_cache import read_compiled

    nodes = read_compiled(context.project.compiled)
    if not nodes:
        detail = f"{context.project.compiled} was changed since it was compiled; run `patron run --full-refresh`"
        yield Finding("data tests", "all", "fail", detail)
    empty = _find_empty_tables(context, nodes)
    kept = {node.place for node in nodes if node.kind == "test" and node.rules_of in empty}
    for path in context.find_tests("*.*.sql"):
        broken = [] if f"tests/{path.stem}" in kept else context.query(path.read_text(encoding="utf-8"))
        detail = "; ".join(f"{row['broken_rule']} ({row['row_count']:,})" for row in broken) or "all data tests pass"
        yield Finding("data tests", path.stem, "fail" if broken else "pass", detail)


def _find_empty_tables(context: CheckContext, nodes: list[Node]) -> set[str]:
    """Find the models whose tables have no row now, in one query; none where one of the tables cannot be read."""
    tables = [node for node in nodes if node.kind == "model" and node.materialized != "view"]
    if not tables:
        return set()
    counts = (f"select '{one.name}' as model, count(*) as n from {one.schema}.{one.name}" for one in tables)
    try:
        return {row["model"] for row in context.query(" union all ".join(counts)) if not row["n"]}
    except EngineError:
        return set()


def check_totals(context: CheckContext) -> Iterator[Finding]:
    """Run the data tests that compare several tables."""
    for path in context.find_tests("*.sql"):
        if "." in path.stem:
            continue
        broken = context.query(path.read_text(encoding="utf-8"))
        detail = "; ".join(f"{row['broken_rule']} is off by {row['difference']}" for row in broken)
        agreement = _AGREEMENTS.get(path.stem, "adds up")
        yield Finding("totals", path.stem, "fail" if broken else "pass", detail or agreement)
