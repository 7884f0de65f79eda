"""Folders of files, mapped by `init`, run, and read back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from patron.examples.first_mapping.questions import Answer, leave_open
from patron.examples.scaffold import init
from shops.building import BuiltShop, Files, add_files, run_shop

NET_KINDS = ("sale", "return", "discount")


@dataclass(frozen=True)
class MappedFolder:
    """A project that `init` made of a folder."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "patron.yaml"

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def questions(self) -> int:
        """Lines of settings, not of comments, that wait for an answer."""
        return sum("CHANGE_ME" in line for line in self.text.splitlines() if not line.strip().startswith("#"))

    def columns(self, source: str, entity: str = "order_lines") -> dict[str, Any]:
        return yaml.safe_load(self.text)["sources"][source]["entities"][entity]["columns"]

    def replace(self, old: str, new: str) -> None:
        assert old in self.text
        self.path.write_text(self.text.replace(old, new), encoding="utf-8")

    def run(self) -> BuiltShop:
        """Run the project as it stands."""
        return run_shop(self.folder)


def map_folder(folder: Path, files: Files, platform: str | None = None, answer: Answer = leave_open) -> MappedFolder:
    """Write files and map them."""
    add_files(folder, files)
    return MappedFolder(init(folder / "project", data=folder / "data", platform=platform, answer=answer))


def count_lines(shop: BuiltShop) -> tuple[Decimal, int, int]:
    """Net revenue, orders and buyers by the lines themselves."""
    kinds = ", ".join(f"'{kind}'" for kind in NET_KINDS)
    (row,) = shop.query(
        f"select sum(case when line_kind in ({kinds}) then line_amount else 0 end) as net, "
        "count(distinct case when line_kind = 'sale' then order_id end) as orders, "
        "count(distinct case when line_kind = 'sale' then customer_id end) as buyers from silver.order_lines"
    )
    return row["net"], row["orders"], row["buyers"]
