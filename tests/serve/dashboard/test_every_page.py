"""Every page of the menu, light, dark and on a phone: painted without a complaint, and a picture of it kept.

The ordinary tests take pictures only where PATRON_SCREENSHOTS says where to keep them: a picture of a whole page takes
Chromium longer than to paint it, and nothing is read off it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from screen import PHONE, WIDE, Screen

from patron.serve.dashboard.registry import load_pages

PATHS = [page.path for listed in load_pages().values() for page in listed]
LOOKS = {
    "light": {"size": WIDE, "scheme": "light"},
    "dark": {"size": WIDE, "scheme": "dark"},
    "phone": {"size": PHONE, "scheme": "light"},
}
A_COLUMN = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
A_LONG_NUMBER = re.compile(r"\d{9,}")


SHOPS = ("retail", "retailer", "cafe", "grocer", "delivery")


@pytest.mark.parametrize("path", PATHS)
def test_page_is_painted_wide_and_then_on_a_phone(request, screen, pictures, path):
    """In the shop that has the most to show, or, where that has nothing for a page, in the one of receipts alone."""
    is_kept = "PATRON_SCREENSHOTS" in os.environ
    for shop in ("retailer", "retail"):
        page = screen(request.getfixturevalue(shop), **LOOKS["light"]).open(address(path))
        for look in ("light", "phone"):
            page.page.set_viewport_size(LOOKS[look]["size"])
            is_as_it_should_be(page.painted(), pictures / shop / f"{path}-{look}.png" if is_kept else None)
        if page.page.locator(".empty").count() == 0:
            break


@pytest.mark.soak
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("shop", SHOPS)
def test_page_is_painted_in_each_shop_and_look(request, screen, pictures, shop, path, look):
    page = screen(request.getfixturevalue(shop), **LOOKS[look]).open(address(path))
    is_as_it_should_be(page, pictures / shop / f"{path}-{look}.png")


def address(path: str) -> str:
    return "" if path == "overview" else path


def is_as_it_should_be(page: Screen, picture: Path | None) -> None:
    if picture is not None:
        page.picture(picture)
    assert A_COLUMN.findall(page.text(without=".of-columns")) == []  # which are about columns
    assert A_LONG_NUMBER.findall(page.text()) == []
    wide, shown = page.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= shown
