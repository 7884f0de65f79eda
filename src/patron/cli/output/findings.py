"""The findings of `patron check` and `patron doctor`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape

from patron.cli.output.console import console, make_table
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.pipeline.check.finding import Finding

_COLOURS = {"pass": "green", "warn": "yellow", "fail": "bold red"}
_DATA_TESTS = "data tests"


def print_findings(findings: list[Finding]) -> None:
    """Print a table of what was checked; data tests that pass are counted by layer, failed ones are named."""
    table = make_table(text=("Check", "Subject", "", "Detail"))
    last = ""
    for finding in _summarize_data_tests(findings):
        section = finding.section if finding.section != last else ""
        last = finding.section
        status = f"[{_COLOURS[finding.status]}]{finding.status}[/]"
        table.add_row(section, escape(finding.name), status, escape(finding.detail))
    console.print(table)
    statuses = Counter(finding.status for finding in findings)
    warnings = pluralize(statuses["warn"], "warning")
    console.print(f"{pluralize(len(findings), 'check')}: {statuses['fail']} failed, {warnings}.")


def _summarize_data_tests(findings: list[Finding]) -> list[Finding]:
    from patron.pipeline.check.finding import Finding

    passed = Counter(_get_layer(finding) for finding in findings if _is_passed_data_test(finding))
    shown: list[Finding] = []
    for finding in findings:
        if not _is_passed_data_test(finding):
            shown.append(finding)
        elif count := passed.pop(_get_layer(finding), 0):
            detail = f"{pluralize(count, 'table')} passed all data tests"
            shown.append(Finding(_DATA_TESTS, _get_layer(finding), "pass", detail))
    return shown


def _is_passed_data_test(finding: Finding) -> bool:
    return finding.section == _DATA_TESTS and finding.status == "pass"


def _get_layer(finding: Finding) -> str:
    return finding.name.split(".")[0]
