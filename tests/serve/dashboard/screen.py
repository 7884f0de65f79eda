"""A reader at the dashboard: opens pages in a browser, acts on them, and fails on whatever the browser complains of."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

_BEGINS = """before => location.href !== before
    || document.querySelector("[data-testid=stApp]").getAttribute("data-test-script-state") === "running" """
_BROKEN = "[data-testid=stException], [data-testid=stAlertContentError]"


class Screen:
    """One browser window. url: of the dashboard."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, message: Any) -> None:
        at = str(message.location.get("url", ""))
        is_looking_for_its_server = re.search(r"/[a-z-]+/_stcore/(health|host-config)$", at) is not None
        if message.type == "error" and not is_looking_for_its_server:  # Streamlit tries each part of the URL's path
            self.complaints.append(f"console: {message.text} {message.location}")

    def _asked(self, address: str) -> None:
        if not address.startswith((self.url, "data:", "blob:", self.url.replace("http", "ws"))):
            self.complaints.append(f"asked another server: {address}")

    def open(self, path: str = "", **parameters: str) -> Screen:
        """Open a page, such as `customers`, with what its URL says; waits until it is painted."""
        requested = f"?{urlencode(parameters)}" if parameters else ""
        self.page.goto(f"{self.url}/{path.replace('_', '-')}{requested}")
        return self.painted()

    def painted(self) -> Screen:
        """Wait until the page stands still: nothing runs, and every chart is drawn. Fails where something broke."""
        self.page.wait_for_selector(".page-heading, .empty, [data-testid=stForm], [data-testid=stException]")
        app = self.page.locator("[data-testid=stApp]")
        expect(app).to_have_attribute("data-test-script-state", re.compile("notRunning|initial"), timeout=30_000)
        expect(self.page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=30_000)
        charts = self.page.locator("[data-testid=stPlotlyChart]")
        expect(
            self.page.locator("[data-testid=stPlotlyChart] .main-svg >> nth=0")
        ).to_be_visible() if charts.count() else None
        self.page.wait_for_timeout(150)
        assert self.page.locator(_BROKEN).count() == 0, self.page.locator(_BROKEN).first.inner_text()
        return self

    def text(self, without: str = "") -> str:
        """All that is written on the page, charts included; icons, which are letters of a font, are not.

        without: a selector of more that is left out.
        """
        left_out = ", ".join(filter(None, ["[data-testid=stIconMaterial]", without]))
        hidden = self.page.add_style_tag(content=f"{left_out} {{ display: none !important }}")
        output = self.page.locator("[data-testid=stMain]").inner_text()
        hidden.evaluate("style => style.remove()")
        return output

    def choose(self, menu: str, option: str) -> Screen:
        """Choose in a menu by its label, as with the mouse."""
        field = self.page.get_by_label(menu, exact=True).first
        offered = self.page.get_by_role("option", name=option, exact=True)
        for _ in range(3):  # a menu that opens while the page still moves closes again
            field.scroll_into_view_if_needed()
            self.page.wait_for_timeout(300)
            field.click()
            self.page.keyboard.type(option)  # a long menu holds only what is in sight
            with contextlib.suppress(TimeoutError):
                offered.wait_for(timeout=3000)
                break
        before = self.page.url
        offered.click()
        return self._written(before)

    def _written(self, before: str) -> Screen:
        """Wait for the paint that follows a choice: until it begins, the page stands still too."""
        with contextlib.suppress(TimeoutError):  # choosing what was chosen already paints nothing
            self.page.wait_for_function(_BEGINS, arg=before, timeout=5000)
        return self.painted()

    def fill(self, field: str, text: str) -> Screen:
        """Write into a field whose text stands in the URL, and confirm it."""
        place = self.page.get_by_label(field, exact=True)
        place.fill(text)
        before = self.page.url
        place.press("Enter")
        return self._written(before)

    def sign_in(self, name: str, password: str) -> Screen:
        """Enter by the form, where the dashboard asks who looks."""
        self.page.get_by_label("Username", exact=True).fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_selector(".page-heading")
        return self.painted()

    def tile(self, name: str) -> str:
        """The value of a tile at the top of the page."""
        tile = self.page.locator(".tile", has=self.page.locator("dt", has_text=re.compile(f"^{re.escape(name)}$")))
        return tile.locator("dd.value").inner_text()

    def table(self, title: str) -> list[list[str]]:
        """The rows of a table as they are written, without its head."""
        found = self.page.get_by_role("table", name=title, exact=True)
        return [row.locator("td").all_inner_texts() for row in found.locator("tbody tr").all()]

    def csv(self, title: str) -> str:
        """What "Download CSV" below a chart or table downloads."""
        with self.page.expect_download() as download:
            self.below(title).get_by_role("button", name="Download CSV").click()
        return Path(download.value.path()).read_text(encoding="utf-8-sig")

    def definition(self, title: str) -> str:
        """What "Definition" below a chart or table says."""
        self.below(title).get_by_role("button", name="Definition").click()
        body = self.page.locator("[data-testid=stPopoverBody]")
        expect(body.locator("code").first).to_be_visible()
        output = body.inner_text()
        self.page.keyboard.press("Escape")
        return output

    def below(self, title: str) -> Locator:
        """What stands below a chart or table."""
        return self.page.locator(f".st-key-below-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}")

    def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": size["width"], "height": min(max(size["height"], height + 20), 8000)})
        self.painted()
        self.page.wait_for_timeout(600)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        self.page.set_viewport_size(size)


@contextmanager
def opened(browser: Browser, url: str, *, size: Mapping[str, int] = WIDE, scheme: str = "light") -> Iterator[Screen]:
    """A new window, closed afterwards; fails where the browser complained meanwhile."""
    context = browser.new_context(viewport=dict(size), color_scheme=scheme)
    context.set_default_timeout(30_000)
    screen = Screen(context.new_page(), url)
    try:
        yield screen
        if screen.complaints:
            raise AssertionError("The browser complained: " + "; ".join(screen.complaints))
    finally:
        context.close()
