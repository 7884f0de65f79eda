"""Data health in a browser: the account of rows, and what the run is doing."""

from __future__ import annotations

import json
import os
import shutil
import socket

import pytest

from patron.project.number_format import Formats
from patron.project.project import Project
from patron.transform.lineage.explain import explain_column
from patron.transform.lineage.load import load_lineage
from shops.building import BuiltShop


@pytest.fixture
def copy(retail, tmp_path):
    """A copy of the shop, whose state is then changed by hand."""
    folder = tmp_path / "copy"
    (folder / ".patron").mkdir(parents=True)
    shutil.copy(retail.root / "patron.yaml", folder)
    shutil.copytree(retail.published, folder / ".patron" / "published")
    return Project.load(folder)


def test_every_row_is_accounted_for(retailer, sheet):
    formats = Formats.of(retailer.settings.shop)
    page = sheet(retailer).open("data_health")
    rows = page.table("Row accounting")
    expected = BuiltShop(retailer.root).query("select * from quarantine.row_accounting")
    counts = ("row_count", "silver_count", "duplicate_count", "deleted_count", "quarantined_count", "filtered_count")
    assert sorted(row[2:] for row in rows) == sorted([formats.count(row[name]) for name in counts] for row in expected)
    assert "no rows are missing" in page.text()


def test_the_banner_reports_a_run_in_progress(copy, sheet):
    held = {"process": os.getpid(), "host": socket.gethostname(), "since": "2026-01-02T03:04:05+00:00"}
    (copy.state / "lock.json").write_text(json.dumps(held))
    text = sheet(copy).open("data_health").text()
    assert (
        "A run has been in progress since Jan 2, 2026" in text or "A run has been in progress since 2 Jan 2026" in text
    )


def test_a_run_that_is_gone_is_not_at_work(copy, sheet):
    held = {"process": 2**22 + 1, "host": socket.gethostname(), "since": "2026-01-02T03:04:05+00:00"}
    (copy.state / "lock.json").write_text(json.dumps(held))
    assert "A run has been in progress" not in sheet(copy).open("data_health").text()


def test_the_banner_reports_a_failed_run(copy, sheet):
    failed = {"ended_at": "2026-01-02T03:04:05+00:00", "failure": "There is no <b>disk</b>."}
    (copy.state / "last_run.json").write_text(json.dumps(failed))
    text = sheet(copy).open("data_health").text()
    assert "The last run failed" in text
    assert "There is no <b>disk</b>. Next: read what" in text


def test_a_columns_lineage_is_drawn(retailer, sheet):
    page = sheet(retailer).open("data_health", table="customer_360", column="net_amount")
    assert 'aria-label="Lineage of customer_360.net_amount"' in page.markup
    text = page.text()
    sources = explain_column(retailer, load_lineage(retailer), "customer_360.net_amount").sources
    assert sources and f"Made of {', '.join(sources)}." in text
