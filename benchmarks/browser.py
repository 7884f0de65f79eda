"""Drives the system's Chromium with Playwright: opens a page of the dashboard and times it until it is rendered."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

DRAWN = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    const heading = document.querySelector('.page-heading');
    const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')];
    const is_still = app && app.getAttribute('data-test-script-state') === 'notRunning';
    const is_whole = !document.querySelector('[data-testid=stSkeleton]');
    return is_still && heading && is_whole && charts.every(chart => chart.querySelector('.main-svg'));
}"""
"""Whether no script is running and every chart is drawn."""


@contextlib.contextmanager
def window(*, width: int = 1280, height: int = 800, scheme: str = "light") -> Iterator[Any]:
    """Open a browser window. Exits with a message if there is no Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        sys.exit("There is no chromium on the path; install it, such as by `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        yield context.new_page()
        browser.close()


def painted(page: Any, url: str, *, within: float = 120.0) -> float:
    """Open a page and return the seconds until it is fully rendered. Raises RuntimeError if it shows an error."""
    began = time.perf_counter()
    page.goto(url)
    page.wait_for_function(DRAWN, timeout=1000 * within)
    seconds = time.perf_counter() - began
    if page.locator("[data-testid=stException]").count():
        raise RuntimeError(f"{url}: {page.locator('[data-testid=stException]').first.inner_text()}")
    return seconds


def clicked(page: Any, title: str, *, within: float = 120.0) -> float:
    """Choose a page in the menu of the open dashboard and return the seconds until it is fully rendered."""
    began = time.perf_counter()
    page.get_by_role("link", name=title, exact=True).first.click()
    page.wait_for_function(_HEADED, arg=title, timeout=1000 * within)
    page.wait_for_function(DRAWN, timeout=1000 * within)
    return time.perf_counter() - began


_HEADED = "title => document.querySelector('.page-heading h1')?.textContent === title"
