"""The findings of `patron check` as asset checks: each data test on its model, and the rest on the snapshot."""

import re
from collections.abc import Iterable, Iterator

import dagster as dg

from patron.errors import pluralize
from patron.orchestrate.catalog import Catalog
from patron.orchestrate.failures import explain_failures
from patron.pipeline.check.check import CHECKS, check
from patron.pipeline.check.finding import Finding
from patron.project.project import Project

_TESTS = "data tests"


def make_checks(catalog: Catalog) -> dg.AssetChecksDefinition:
    """Make the checks. They run together: `patron check` reads everything once."""
    on_models = {
        test.place.rpartition("/")[2]: catalog.key_of(node)
        for node in catalog.tables
        for test in catalog.nodes
        if test.rules_of == node.name
    }
    specs = [dg.AssetCheckSpec(_name(stem), asset=key) for stem, key in on_models.items()]
    sections = [section for section in CHECKS if section != _TESTS]
    specs += [dg.AssetCheckSpec(_name(section), asset=catalog.published) for section in sections]

    def run_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with explain_failures():
            findings = check(Project.load(catalog.project.root)).findings
        for key in context.selected_asset_check_keys:
            own = [finding for finding in findings if _belongs(finding, key.name)]
            yield _summarize(own, key)

    return dg.multi_asset_check(name=f"{catalog.prefix or 'shop'}_check", specs=specs, can_subset=True)(run_checks)


def _name(text: str) -> str:
    """A name as Dagster allows it."""
    return re.sub(r"\W", "_", text)


def _belongs(finding: Finding, name: str) -> bool:
    return _name(finding.name if finding.section == _TESTS else finding.section) == name


def _summarize(findings: Iterable[Finding], key: dg.AssetCheckKey) -> dg.AssetCheckResult:
    """Summarize the findings of a check: it fails with any, as an error or as a warning."""
    found = list(findings)
    bad = [finding for finding in found if finding.status != "pass"]
    is_failed = any(finding.status == "fail" for finding in bad)
    return dg.AssetCheckResult(
        passed=not bad,
        asset_key=key.asset_key,
        check_name=key.name,
        severity=dg.AssetCheckSeverity.ERROR if is_failed else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{one.name}: {one.detail}" for one in bad) or pluralize(len(found), "finding"),
        metadata={finding.name: finding.detail for finding in found},
    )
