"""The shipped examples on the real files that they are modelled on."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.examples.scaffold import init
from shops.building import BuiltShop


def real_folder(real_data: Path, name: str) -> Path:
    """The real files of an example; the test is skipped, saying so, where they are absent."""
    if not (real_data / name).is_dir():
        pytest.skip(f"no {name} in {real_data}")
    return real_data / name


def built_on(folder: Path, example: str, scratch: Path) -> BuiltShop:
    """`patron init --example --data`, and a run."""
    shop = BuiltShop(init(scratch / example, example, folder))
    shop.run()
    return shop
