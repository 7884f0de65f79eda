"""A reader at the dashboard without a browser: pages are painted in this process, and read as they are sent to one.

It has the ways of `screen.Screen`, at a tenth of the cost: for what a page says, offers and downloads. What only a
browser shows (layout, sign-in, links, markup that would run) is for `screen`.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest, app_test
from streamlit.testing.v1.element_tree import Block
from streamlit.util import calc_hash

from patron.project.project import Project
from patron.serve import dashboard
from patron.serve.dashboard.widgets.charts import slugify

_APP = Path(dashboard.__file__).parent / "script" / "app.py"
_WRITTEN_IN_CHARTS = ("name", "text", "x", "y", "labels", "title", "ticktext", "customdata")


class Sheet:
    """One reader's session."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._app = AppTest.from_file(str(_APP), default_timeout=120)
        self._files: MediaFileManager | None = None

    def open(self, path: str = "", **parameters: str) -> Sheet:
        """Open a page, such as `customers`, with what its URL says, in a session of its own."""
        self._app = AppTest.from_file(str(_APP), default_timeout=120)
        self._app.query_params.update(parameters)
        self._app._page_hash = calc_hash(path.replace("_", "-"))  # AppTest names only pages that are files
        return self._paint()

    def _paint(self) -> Sheet:
        with (
            patch.object(sys, "argv", ["app.py", str(self._project.root)]),
            patch.object(app_test, "MediaFileManager", self._keep_files),
        ):
            self._app.run()
        assert not self._app.exception, self._app.exception
        assert not self._app.error, self._app.error
        return self

    def _keep_files(self, storage: Any) -> MediaFileManager:
        self._files = MediaFileManager(storage)
        return self._files

    @property
    def url(self) -> str:
        """What stands in the URL behind the page."""
        return f"?{urlencode(dict(self._app.query_params), doseq=True)}"

    @property
    def markup(self) -> str:
        """The HTML of the page."""
        return "\n".join(element.proto.body for element in self._app.main if element.type == "html")

    def text(self) -> str:
        """All that is written on the page, charts included, without what opens on demand."""
        return "\n".join(text for text in _texts(self._app.main) if text)

    def chart(self, title: str) -> str:
        """All that is written in a chart."""
        return "\n".join(_texts_of_chart(self._app.get_by_key(f"chart-{slugify(title)}").proto.spec))

    def choose(self, menu: str, option: str) -> Sheet:
        """Choose in a menu by its label."""
        (box,) = (one for one in self._app.selectbox if one.label == menu)
        box.select_index(box.options.index(option))
        return self._paint()

    def has_menu(self, menu: str) -> bool:
        """Whether the page offers such a menu."""
        return menu in [box.label for box in self._app.selectbox]

    def tile(self, name: str) -> str:
        """The value of a tile at the top of the page."""
        (value,) = re.findall(rf'<dt>{re.escape(html.escape(name))}</dt><dd class="value">(.*?)</dd>', self.markup)
        return _plain(value)

    def table(self, title: str) -> list[list[str]]:
        """The rows of a table as they are written, without its head."""
        return [_cells("td", row) for row in self._rows(title)]

    def by_heading(self, title: str) -> dict[str, list[str]]:
        """The rows of a table by the heading that each begins with."""
        return {_cells("th", row)[0]: _cells("td", row) for row in self._rows(title)}

    def _rows(self, title: str) -> list[str]:
        (body,) = (
            found
            for found in re.findall(r"<table.*?</table>", self.markup, re.DOTALL)
            if _plain("".join(re.findall(r"<caption>(.*?)</caption>", found, re.DOTALL))) == title
        )
        return re.findall(r"<tr>(.*?)</tr>", body[body.index("<tbody>") :], re.DOTALL)

    def csv(self, title: str) -> str:
        """What "Data as CSV" below a chart or table downloads."""
        assert self._files is not None
        button = self._app.get_by_key(f"csv-{slugify(title)}").proto
        url = button.url or self._files.execute_deferred(button.deferred_file_id)
        file = self._files.read_file(url.rsplit("/", 1)[-1])
        assert file is not None, url
        return file.content.decode("utf-8-sig")

    def definition(self, title: str) -> str:
        """What "Definition" below a chart or table says."""
        below = self._app.get_by_key(f"below-{slugify(title)}")
        (popover,) = (one for one in below if isinstance(one, Block) and one.type == "popover")
        return "\n".join(element.value for element in popover if not isinstance(element, Block))

    def queries(self) -> list[str]:
        """The queries that the page shows below its figures."""
        return [one.value for one in self._app.get("code")]


def _texts(block: Block) -> Iterator[str]:
    for child in block.children.values():
        if isinstance(child, Block):
            if child.type != "popover":
                yield from _texts(child)
        elif child.type == "html":
            yield _plain(re.sub(r"<style>.*?</style>", "", child.proto.body, flags=re.DOTALL))
        elif child.type == "plotly_chart":
            yield from _texts_of_chart(child.proto.spec)
        elif child.type in ("markdown", "caption", "warning", "info", "success"):
            yield re.sub(r"\\(.)", r"\1", child.value)
        elif hasattr(child, "label"):
            yield f"{child.label} {getattr(child, 'value', '')}"


def _cells(kind: str, row: str) -> list[str]:
    return [_plain(cell) for cell in re.findall(rf"<{kind}\b[^>]*>(.*?)</{kind}>", row, re.DOTALL)]


def _plain(markup: str) -> str:
    """The text of HTML; what stands in a block of its own stands in a line of its own."""
    lines = re.sub(r"</(?:p|h\d|li|tr|td|th|dt|dd|div|caption)>|<br\s*/?>|<small>", "\n", markup)
    return re.sub(r"\n+", "\n", html.unescape(re.sub(r"<[^>]+>", "", lines))).strip()


def _texts_of_chart(spec: str) -> Iterator[str]:
    drawn = json.loads(spec)
    drawn.get("layout", {}).pop("template", None)
    yield from _strings(drawn)


def _strings(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, name)
    elif isinstance(value, str) and name in _WRITTEN_IN_CHARTS:
        yield _plain(value)
