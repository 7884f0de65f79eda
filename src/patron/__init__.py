"""patron: from a shop's raw receipts to what each customer is worth, who is about to leave, why, and what to do.

from patron import Project, ask, open_published, run
project = Project.load("my-shop")
run(project)
ask(project, "lapsed_top_spenders").records()
open_published(project.published).sql("select * from customer_360").show()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from patron.examples.scaffold import init
    from patron.pipeline.check.check import check
    from patron.pipeline.replay import replay
    from patron.pipeline.run import run
    from patron.predict.orders_file.value import value
    from patron.project.project import Project
    from patron.publish.reader import open_published
    from patron.serve.query import ask
    from patron.transform.quarantine.report import quarantine

__all__ = ["Project", "__version__", "ask", "check", "init", "open_published", "quarantine", "replay", "run", "value"]

_HOMES = {
    "Project": "patron.project.project",
    "ask": "patron.serve.query",
    "check": "patron.pipeline.check.check",
    "init": "patron.examples.scaffold",
    "open_published": "patron.publish.reader",
    "quarantine": "patron.transform.quarantine.report",
    "replay": "patron.pipeline.replay",
    "run": "patron.pipeline.run",
    "value": "patron.predict.orders_file.value",
}


def __getattr__(name: str) -> Any:
    """Heavy libraries load when a verb is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'patron' has no attribute {name!r}")
    from importlib import import_module

    verb = getattr(import_module(_HOMES[name]), name)
    globals()[name] = verb
    return verb
