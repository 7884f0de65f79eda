"""The Streamlit app: each rerun draws the sign-in form, or the navigation and one page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from patron.errors import PatronError
from patron.project.number_format import Formats
from patron.project.project import Project
from patron.publish.empty_tables import explain_empty_tables
from patron.serve.dashboard import theme
from patron.serve.dashboard.data import Data, SnapshotGoneError, open_latest
from patron.serve.dashboard.filter_bar import draw_filter_bar
from patron.serve.dashboard.filters import Choices
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.registry import FIRST, load_pages
from patron.serve.dashboard.sign_in.access import User
from patron.serve.dashboard.sign_in.sign_in import draw_sign_out_button, require_user
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.banner import describe_freshness, draw_banner
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.labels import to_plain_words

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


def main() -> None:
    """Run the app once. Of an error the page tells the kind, since its message may quote data or settings."""
    st.set_page_config(page_title="patron", page_icon=str(Path(__file__).with_name("favicon.svg")), layout="wide")
    _style()
    try:
        _draw_app(Project.load(Path(sys.argv[1])))
    except SnapshotGoneError:
        st.rerun()
    except PatronError as error:
        sys.stderr.write(f"{error}\n")
        draw_empty_state(error.summary, "Next: read what `patron dashboard` printed.")


def _draw_app(project: Project) -> None:
    user = require_user(project)
    if user is None:
        _register_pages()
        return
    formats = Formats.of(project.settings.shop)
    data = open_latest(project.published, user.masked_columns)
    if data is None:
        _register_pages()
        draw_banner(project, formats)
        draw_empty_state(
            f"{project.settings.shop.name} has no published data yet", "Run `patron run`, then reload this page."
        )
        return
    painter = _Painter(project, user, data, formats)
    chosen = st.navigation(
        {heading: [painter.make_page(page) for page in found] for heading, found in load_pages().items()}
    )
    with st.sidebar:
        st.html(f'<p class="freshness">{html(describe_freshness(project, data.snapshot, formats))}</p>')
        draw_sign_out_button(user)
    chosen.run()


@dataclass(frozen=True)
class _Painter:
    """Draws pages for one user."""

    project: Project
    user: User
    data: Data
    formats: Formats

    def make_page(self, page: Page) -> StreamlitPage:
        return _make_page(page, partial(self.paint, page))

    def paint(self, page: Page) -> None:
        shop = f'<p class="shop">{html(self.project.settings.shop.name)}</p>'
        st.html(f'<div class="page-heading">{shop}<h1>{html(page.title)}</h1><p>{html(page.question)}</p></div>')
        draw_banner(self.project, self.formats)
        if why := self._explain_no_data(page):
            draw_empty_state(f"{page.title}: no data", why)
            return
        filters = draw_filter_bar(page, Choices(self.data), self.formats)
        page.render(View(self.data, filters, self.formats, self.user, theme.get_theme(), self.project))

    def _explain_no_data(self, page: Page) -> str:
        """Explain why all tables that a page needs are empty; return "" if one has rows."""
        if not page.needs or any(self.data.count(table) for table in page.needs):
            return ""
        reasons = explain_empty_tables(self.project, dict.fromkeys(page.needs, 0))
        unique = dict.fromkeys(reasons.values())
        return f"This shop has no data for this page: {to_plain_words('; '.join(unique))}."


def _register_pages() -> None:
    """Register the pages without a menu, so that links to them still work after signing in."""
    st.navigation(
        [_make_page(page, lambda: None) for found in load_pages().values() for page in found], position="hidden"
    )


def _make_page(page: Page, paint: Callable[[], None]) -> StreamlitPage:
    is_first = page.path == FIRST
    path = None if is_first else page.path.replace("_", "-")
    return st.Page(paint, title=page.title, icon=page.icon, url_path=path, default=is_first)


def _style() -> None:
    """Add the style sheet, with the colours of the browser's theme."""
    colours = theme.get_theme()
    names = {"page": colours.background, "surface": colours.surface, "accent": colours.primary, "text": colours.text}
    names |= {"good": colours.good, "bad": colours.bad}
    variables = " ".join(f"--{name}: {colour};" for name, colour in names.items())
    sheet = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    st.html(f"<style>:root {{ {variables} }}\n{sheet}</style>")
