"""The small project that each release made, to be upgraded by all that follow.

To add a release: install it, run `python tests/upgrades/small_shop.py`, and commit the file that it writes. The rendered
dbt project and the logs are left out, for a run renders anew.
"""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
MONTHS = {"2024-01": dt.date(2024, 1, 2), "2024-02": dt.date(2024, 2, 1)}
_HEADER = "order_id,ordered_at,customer_id,product_id,product_name,quantity,unit_price\n"
_BAD = "x1,not a day,c1,p1,Product 1,1,1.50\nx2,2024-02-10 10:00:00,c1,p1\n"
_YAML = """shop: {name: Small shop, currency: GBP}
sources:
  receipts:
    files: "*.csv"
    entities:
      order_lines:
        columns:
          order_id: order_id
          ordered_at: ordered_at
          customer_id: customer_id
          product_id: product_id
          product_name: product_name
          quantity: quantity
          unit_price: unit_price
"""


def write_settings(folder: Path) -> None:
    """Write the project, which no release has read differently."""
    (folder / "data").mkdir(parents=True)
    (folder / "patron.yaml").write_text(_YAML, encoding="utf-8")


def draw_months() -> dict[str, str]:
    """Draw the files of two months: 80 receipts of 25 customers and guests, with returns, and two bad rows."""
    draw, number, files = random.Random(7), 0, {}
    for month, first in MONTHS.items():
        lines = [_HEADER]
        for _ in range(40):
            number += 1
            day = first + dt.timedelta(days=draw.randrange(28))
            customer = f"c{int(25 * draw.random() ** 2)}" if draw.random() > 0.1 else ""
            for _ in range(draw.randint(1, 2)):
                product, quantity = draw.randint(1, 9), draw.choice([1, 1, 2, -1])
                named = f"p{product},Product {product},{quantity},{product}.50"
                lines.append(f"{number},{day} 1{product}:00:00,{customer},{named}\n")
        files[month] = "".join(lines)
    files["2024-02"] += _BAD
    return files


def pack(version: str) -> Path:
    """Run the installed patron after each month, and pack what it made."""
    with tempfile.TemporaryDirectory() as scratch:
        shop = Path(scratch) / "shop"
        write_settings(shop)
        for month, content in draw_months().items():
            (shop / "data" / f"{month}.csv").write_text(content, encoding="utf-8")
            subprocess.run([sys.executable, "-m", "patron", "run", "--quiet", "--project", str(shop)], check=True)
        target = HERE / f"made_by_{version}.tar.xz"
        with tarfile.open(target, "w:xz") as packed:
            packed.add(shop, "shop", filter=_leave_out)
    return target


def _leave_out(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return None if entry.name.startswith(("shop/.patron/dbt", "shop/.patron/logs", "shop/.patron/lock")) else entry


if __name__ == "__main__":
    from patron import __version__

    print(pack(__version__))
