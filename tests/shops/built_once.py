"""Shops built once for a whole test session, by whichever of its processes asks first. Tests only read them."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from shops.building import BuiltShop


class ShopsBuiltOnce:
    """Shops by name. folder: where they are kept, for all processes to see."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, name: str, build: Callable[[Path], BuiltShop]) -> BuiltShop:
        """The shop of that name with the report of its run. build: makes it in an empty folder, the first time."""
        report = self.folder / f"{name}.report"
        with FileLock(self.folder / f"{name}.lock"):
            if not report.exists():
                shutil.rmtree(self.folder / name, ignore_errors=True)
                report.write_bytes(pickle.dumps(build(self.folder / name).report))
        shop = BuiltShop(self.folder / name)
        shop.report = pickle.loads(report.read_bytes())
        return shop
