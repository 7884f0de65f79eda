"""The shops that are measured: the real one, if present, and simulated ones of any size."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from patron.examples.scaffold import init
from patron.simulate import plan_shop, write_shop

HERE = Path(__file__).parent


def real_data() -> Path | None:
    """Return UCI Online Retail's daily files, if they are on this machine."""
    folder = Path(os.environ.get("PATRON_REAL_DATA", HERE.parent.parent / "shared" / "data"))
    days = folder / "online_retail" / "by-day"
    return days if days.is_dir() else None


def real_project(folder: Path, days: Path) -> Path:
    """Write a project for the real files."""
    return init(folder, "online_retail", days)


def simulated_project(folder: Path, lines: int, kind: str) -> Path:
    """Write a project with a simulated shop of about that many order lines, as `csv` or `parquet`."""
    folder.mkdir(parents=True)
    shutil.copy(HERE / "shop.yaml", folder / "patron.yaml")
    spec = plan_shop(lines, seed=1, refund_rate=0.02)
    write_shop(spec, folder / "data", kind, rows_per_file=2_000_000)  # type: ignore[arg-type]
    return folder
