"""Every page of the menu, light, dark and on a phone: painted without a complaint, and a picture of it kept."""

from __future__ import annotations

import re

import pytest
from screen import PHONE, WIDE

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
ALWAYS = {("retail", "light"), ("retailer", "phone")}
SEEN = [
    pytest.param(shop, look, marks=() if (shop, look) in ALWAYS else pytest.mark.soak)
    for shop in SHOPS
    for look in LOOKS
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("shop", "look"), SEEN)
def test_page_is_painted(request, screen, pictures, shop, path, look):
    page = screen(request.getfixturevalue(shop), **LOOKS[look]).open("" if path == "overview" else path)
    page.picture(pictures / shop / f"{path}-{look}.png")
    assert A_COLUMN.findall(page.text()) == []
    assert A_LONG_NUMBER.findall(page.text()) == []
    wide, shown = page.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= shown
