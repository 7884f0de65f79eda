"""Times each page of the dashboard of a large shop in a browser until it is fully rendered.

python -m benchmarks.dashboard [CUSTOMERS [FOLDER]]: simulates a shop of about so many customers (1,000,000), runs it,
and writes benchmarks/results/dashboard.json. FOLDER keeps the shop, or holds one that was kept.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.browser import clicked, painted, window
from benchmarks.page import machine, save
from benchmarks.screenshots import free_port
from benchmarks.shops import simulated_project
from patron.pipeline.run import run
from patron.project.project import Project
from patron.publish.reader import open_published
from patron.publish.snapshot import load_current
from patron.serve.dashboard.registry import FIRST, load_pages
from patron.serve.dashboard.serve import serve_dashboard

CUSTOMERS = 1_000_000
LINES_PER_CUSTOMER = 8.5
LIMIT = 2.0
"""Seconds that a page may take."""


@dataclass
class Painted:
    """One page, in seconds. first: from the menu of an open dashboard, where nobody has opened the page before; again:
    the same once more; opened: by its address, in a browser that has never been here and loads the dashboard, too.
    """

    page: str
    customers: int
    first: float
    again: float
    opened: float


def large_shop(folder: Path, customers: int) -> Project:
    """Return the shop in a folder, simulated and run if it does not exist yet."""
    root = (
        folder
        if (folder / "patron.yaml").exists()
        else simulated_project(folder, int(customers * LINES_PER_CUSTOMER), "parquet")
    )
    project = Project.load(root)
    if load_current(project.published) is None:
        run(project)
    return project


def measured(project: Project) -> list[Painted]:
    """List each page, and the profile of the customer with the most orders."""
    with open_published(project.published) as connection:
        sql = "select count(*), arg_max(customer_id, order_count) from customer_360"
        customers, best = connection.execute(sql).fetchone() or (0, "")
    listed = [page for found in load_pages().values() for page in found]
    card = f"customers?customer={best}"
    found: dict[str, list[float]] = {}
    with serve_dashboard(project, port=free_port()) as served:
        with window() as page:
            painted(page, f"{served.url}/data-health")  # the browser's and Python's own start is not a page's
            for _ in ("first", "again"):
                for one in listed:
                    found.setdefault(one.path, []).append(clicked(page, one.title))
                found.setdefault("customer card", []).append(painted(page, f"{served.url}/{card}"))
        for path, seconds in found.items():
            place = {FIRST: "", "customer card": card}.get(path, path.replace("_", "-"))
            with window() as page:
                seconds.append(painted(page, f"{served.url}/{place}"))
    for path, seconds in found.items():
        print(f"{path:24}" + "".join(f"{one:8.2f}" for one in seconds))
    return [Painted(path, customers, *(round(one, 2) for one in seconds)) for path, seconds in found.items()]


def main() -> None:
    """Measure and store the figures."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()) / "shop"
    figures = measured(large_shop(folder, customers))
    load = os.getloadavg()[0]
    save("dashboard", {"machine": machine(), "load_after": load, "pages": [asdict(one) for one in figures]})
    if slow := [one.page for one in figures if one.first > LIMIT]:
        sys.exit(f"Slower than {LIMIT} s: {', '.join(slow)}.")


if __name__ == "__main__":
    main()
