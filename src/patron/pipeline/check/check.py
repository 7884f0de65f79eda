"""Prove that the tables are what they should be: rows accounted for, the ledger closed, data tests passed, data fresh.

Everything is computed again from the lake and the warehouse; nothing that a run wrote down is taken on trust.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator

from patron.errors import NothingBuiltError, PatronError
from patron.files import translate_disk_errors
from patron.pipeline.check.beside_a_run import check_beside
from patron.pipeline.check.context import CheckContext
from patron.pipeline.check.event_checks import check_customers, check_dates
from patron.pipeline.check.finding import CheckReport, Finding
from patron.pipeline.check.lake_checks import check_files, check_freshness
from patron.pipeline.check.row_checks import (
    check_amounts,
    check_money,
    check_orders,
    check_quarantine,
    check_rows,
    check_statuses,
)
from patron.pipeline.check.rule_checks import check_data_tests, check_ledger, check_totals
from patron.pipeline.check.snapshot_checks import check_against_full, check_published, check_settings
from patron.pipeline.monitor.monitor import check_drift, check_volume
from patron.project.lock import lock_or_explain, lock_project
from patron.project.project import Project

CHECKS: dict[str, Callable[[CheckContext], Iterator[Finding]]] = {
    "settings": check_settings,
    "files": check_files,
    "rows": check_rows,
    "ledger": check_ledger,
    "totals": check_totals,
    "money": check_money,
    "amounts": check_amounts,
    "statuses": check_statuses,
    "orders": check_orders,
    "customers": check_customers,
    "dates": check_dates,
    "data tests": check_data_tests,
    "quarantine": check_quarantine,
    "freshness": check_freshness,
    "volume": check_volume,
    "drift": check_drift,
    "published": check_published,
}
"""Section of the findings -> the function that yields them, in the order in which they run."""


def check(
    project: Project,
    *,
    against_full: bool = False,
    now: dt.datetime | None = None,
    only: Collection[str] = (),
) -> CheckReport:
    """Check settings, files, rows, ledger, data tests, quarantine, freshness, monitors and the published tables.

    against_full: also make a full build aside, from the lake, and compare every gold table with it.
    now: the moment that ages are measured at; the clock, if None. only: sections of CHECKS; all of them if none.
    While a run is at work, and on a disk that cannot be written, the lake and the snapshot alone are checked, and a
    warning says so; a full comparison raises LockedError or EngineError then. Raises NothingBuiltError before the first
    run.
    """
    from patron.engines import open_warehouse
    from patron.lake import Lake

    lock = lock_project if against_full else lock_or_explain
    with lock(project.state) as reason, translate_disk_errors(project.state):
        if reason:
            return CheckReport(list(check_beside(project, reason, now or dt.datetime.now(dt.UTC))))
        warehouse = open_warehouse(project)
        try:
            if not warehouse.exists("gold", "customer_360"):
                what = "There is nothing to check yet."
                raise NothingBuiltError(what, where=str(project.root), do="run `patron run`")
            context = CheckContext(project, Lake(project.lake), warehouse, now or dt.datetime.now(dt.UTC))
            with warehouse.hold_open():
                findings = list(_run_checks(context, only))
            return CheckReport([*findings, *(check_against_full(context) if against_full else ())])
        finally:
            warehouse.close()


def _run_checks(context: CheckContext, only: Collection[str] = ()) -> Iterator[Finding]:
    for section, run_check in CHECKS.items():
        if only and section not in only:
            continue
        try:
            yield from run_check(context)
        except (PatronError, OSError) as error:  # what cannot be checked does not pass
            yield Finding.of_error(section, "cannot be checked", error)
