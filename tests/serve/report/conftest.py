"""The shops that reports are tried on, and what a test asks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from patron.project.number_format import Formats
from patron.project.project import Project
from patron.publish.reader import open_published
from patron.serve.periods import Period
from patron.serve.report.page import Page, Report, build_report, render_page
from patron.serve.report.queries.change import Change
from patron.serve.report.queries.changes import find_changes
from shops import paper
from shops.building import BuiltShop, run_shop, write_project


@pytest.fixture(scope="session")
def paper_shop(shops_built_once) -> BuiltShop:
    """The paper shop, measured on 1 April and, with all that came later, the day after its last order."""

    def build(folder: Path) -> BuiltShop:
        run_shop(write_project(folder, paper.settings(as_of="2024-04-01"), paper.FILES))
        write_project(folder, paper.settings(as_of="latest"), {})
        return run_shop(folder)

    return shops_built_once.get("paper", build)


@pytest.fixture(scope="session")
def paper_gold(paper_shop) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its published tables."""
    with open_published(paper_shop.project.published) as connection:
        yield connection


@pytest.fixture(scope="session")
def explain(paper_gold) -> Callable[[str], dict[str, Change]]:
    """What changed in a period of the paper shop, by topic."""
    formats = Formats("en_GB", "GBP")
    return lambda period: {one.topic: one for one in find_changes(paper_gold, Period.parse(period), formats)}


@pytest.fixture(scope="session")
def demo_project(example) -> Project:
    """The shipped online retailer, of whom purchases and churn are predicted."""
    return example("online_retail").project


@pytest.fixture(scope="session")
def written() -> Callable[[Project, str], tuple[Report, Page]]:
    """A period's report, and the page of it."""

    def write(project: Project, period: str) -> tuple[Report, Page]:
        with open_published(project.published) as connection:
            made = build_report(connection, Period.parse(period), project.settings.shop)
        return made, render_page(made)

    return write
