"""Folders with the columns of public data sets come out right with at most three edits after `init`."""

from __future__ import annotations

import pytest

from shops.mapped_folders import count_lines, map_folder
from shops.public_data_sets import SHOPS

MOST_EDITS = 3
ANSWERS = {"groceries": {"unit_price: CHANGE_ME": "unit_price: '1'"}}


@pytest.mark.parametrize("name", SHOPS)
def test_a_public_shop_is_mapped_to_the_penny(name, tmp_path):
    shop = SHOPS[name]()
    mapped = map_folder(tmp_path, shop.files)
    assert mapped.questions == shop.questions == len(ANSWERS.get(name, {})) <= MOST_EDITS
    for old, new in ANSWERS.get(name, {}).items():
        mapped.replace(f"          {old}", f"          {new}")
    assert count_lines(mapped.run()) == (shop.net, shop.orders, shop.buyers)
