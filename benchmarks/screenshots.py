"""Writes the screenshots of README.md, of the demo shop, to docs/images: python -m benchmarks.screenshots"""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from benchmarks.browser import painted, window
from patron.examples.scaffold import init
from patron.pipeline.run import run
from patron.project.project import Project
from patron.publish.reader import open_published
from patron.serve.dashboard.serve import serve_dashboard

IMAGES = Path(__file__).parent.parent / "docs" / "images"
_WIDTH = 1280

_A_CUSTOMER = """
select customer_id
from customer_360
where order_count between 8 and 20 and churn_group in ('Medium', 'High')
order by historical_clv desc, customer_id
limit 1
"""
"""A customer with a long enough history who may be leaving."""


def demo_shop() -> Project:
    """Return the demo shop, created and run; PATRON_DEMO names a folder that already has it."""
    made = os.environ.get("PATRON_DEMO")
    if made:
        return Project.load(made)
    project = Project.load(init(Path(tempfile.mkdtemp()) / "demo", "online_retail"))
    run(project)
    return project


def free_port() -> int:
    """Find a free port."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Write the screenshots."""
    project = demo_shop()
    with open_published(project.published) as connection:
        found = connection.execute(_A_CUSTOMER).fetchone()
    assert found is not None
    paths = {"overview": ("", 1180), "customer": (f"customers?customer={found[0]}", 1230)}
    IMAGES.mkdir(parents=True, exist_ok=True)
    with serve_dashboard(project, port=free_port()) as served:
        for name, (path, height) in paths.items():
            with window(width=_WIDTH, height=height) as page:
                painted(page, f"{served.url}/{path}")
                page.wait_for_timeout(1000)
                page.screenshot(path=IMAGES / f"{name}.png")
                print(IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
