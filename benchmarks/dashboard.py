"""How long each page of the dashboard takes to its first full paint on a large shop, in a browser.

python -m benchmarks.dashboard [CUSTOMERS [FOLDER]]: simulates a shop of so many customers (1,000,000), runs it, and
writes benchmarks/results/dashboard.json. FOLDER keeps the shop, or holds one that was kept.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.browser import painted, window
from benchmarks.page import save
from benchmarks.screenshots import free_port
from benchmarks.shops import simulated_project
from patron.dashboard.registry import FIRST, pages
from patron.dashboard.serve import serving
from patron.pipeline import run
from patron.project import Project
from patron.publish.snapshot import current, open_published

CUSTOMERS = 1_000_000
LINES_PER_CUSTOMER = 20
LIMIT = 2.0
"""Seconds that a page may take."""


@dataclass
class Painted:
    """One page. first: seconds where nothing of it was asked before; again: the next reader."""

    page: str
    customers: int
    first: float
    again: float


def large_shop(folder: Path, customers: int) -> Project:
    """The shop in a folder, simulated and run where it is not there yet."""
    root = (
        folder
        if (folder / "patron.yaml").exists()
        else simulated_project(folder, customers * LINES_PER_CUSTOMER, "parquet")
    )
    project = Project.load(root)
    if current(project.published) is None:
        run(project)
    return project


def measured(project: Project) -> list[Painted]:
    """Each page, and the card of the customer with most orders."""
    with open_published(project.published) as connection:
        sql = "select count(*), arg_max(customer_id, order_count) from customer_360"
        customers, best = connection.execute(sql).fetchone() or (0, "")
    paths = {
        page.path: "" if page.path == FIRST else page.path.replace("_", "-") for p in pages().values() for page in p
    }
    paths["customer card"] = f"customers?customer={best}"
    found = []
    with serving(project, port=free_port()) as served:
        with window() as page:
            painted(page, f"{served.url}/data-health")  # Python's and the browser's own imports are not the page's
        for name, path in paths.items():
            times = []
            for _ in range(2):
                with window() as page:
                    times.append(round(painted(page, f"{served.url}/{path}"), 2))
            found.append(Painted(name, customers, *times))
            print(f"{name:24} {times[0]:6.2f} s, again {times[1]:6.2f} s")
    return found


def main() -> None:
    """Measure and keep the figures."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()) / "shop"
    figures = measured(large_shop(folder, customers))
    save("dashboard", {"pages": [asdict(one) for one in figures]})
    if slow := [one.page for one in figures if one.first > LIMIT]:
        sys.exit(f"Slower than {LIMIT} s: {', '.join(slow)}.")


if __name__ == "__main__":
    main()
