"""Fixtures of the dashboard's tests: shops built once, their pages painted in this process, and a browser.

A page's test is a few lines:

    def test_it_says_so(retail, sheet):
        page = sheet(retail).open("overview", period="2011-11")
        assert page.tile("Net revenue") == "£1,234"

What only a browser shows is tested by `screen` in the place of `sheet`.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nasty_names
import pytest
from playwright.sync_api import Browser, sync_playwright
from screen import WIDE, Screen, opened
from sheet import Sheet
from streamlit import config

from patron.project.project import Project
from patron.serve.dashboard.serve import serve_dashboard
from patron.serve.dashboard.sign_in.users import Users
from shops.building import BuiltShop, run_shop, write_project


@pytest.fixture(scope="session")
def retail(example) -> Project:
    """The example online_retail: receipts alone, in GBP."""
    return example("online_retail").project


@pytest.fixture(scope="session")
def retailer(example) -> Project:
    """The example customer360: names, channels, loyalty, support, campaigns."""
    return example("customer360").project


@pytest.fixture(scope="session")
def cafe(example) -> Project:
    """The example cafe: departments and costs, promotions, members, stores, sign-ups; in USD."""
    return example("cafe").project


@pytest.fixture(scope="session")
def grocer(example) -> Project:
    """The example instacart: baskets of departments, days and prices that are assumed; in USD."""
    return example("instacart").project


@pytest.fixture(scope="session")
def delivery(example) -> Project:
    """The example food_delivery: deliveries, reviews in words, a survey; in INR."""
    return example("food_delivery").project


@pytest.fixture(scope="session")
def odd_shop(shops_built_once) -> Project:
    """A shop with names that look like markup, and with two readers: ana sees people, ben does not."""

    def build(folder: Path) -> BuiltShop:
        shop = run_shop(write_project(folder, nasty_names.settings(), nasty_names.FILES))
        users = Users(folder / "users.txt")
        users.set("ana", ["pii"], nasty_names.PASSWORDS["ana"])
        users.set("ben", [], nasty_names.PASSWORDS["ben"])
        return shop

    return shops_built_once.get("odd", build).project


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; tests that ask for it are skipped where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on the path")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[Project], str]]:
    """The address of a project's dashboard, started when it is first asked for."""
    with ExitStack() as stack:
        urls: dict[Path, str] = {}

        def start(project: Project) -> str:
            if project.root not in urls:
                urls[project.root] = stack.enter_context(serve_dashboard(project, port=_free_port())).url
            return urls[project.root]

        yield start


@pytest.fixture
def screen(browser, served) -> Iterator[Callable[..., Screen]]:
    """A window on a project's dashboard: screen(project), screen(project, size=PHONE, scheme="dark")."""
    with ExitStack() as stack:

        def window(project: Project, **options: Any) -> Screen:
            return stack.enter_context(opened(browser, served(project), **{"size": WIDE, **options}))

        yield window


@pytest.fixture
def sheet() -> Iterator[Callable[[Project], Sheet]]:
    """A project's dashboard as it is painted in this process, without a browser: sheet(project)."""
    before = config.get_option("server.address")
    config.set_option("server.address", "localhost")
    yield Sheet
    config.set_option("server.address", before)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """Where screenshots go: PATRON_SCREENSHOTS, else a folder of the tests."""
    return Path(os.environ.get("PATRON_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port
