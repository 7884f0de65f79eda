"""patron: from a shop's raw receipts to what each customer is worth, who is about to leave, why, and what to do.

    from patron import Project, ask, open_published, run

    project = Project.load("my-shop")
    run(project)
    ask(project, "lapsed_top_spenders").records()
    open_published(project.published).sql("select * from customer_360").show()

Everything that is listed in `__all__` is the public API; all other modules are private and may move. Each name is
imported at its first use, so that `import patron` stays fast.

Set up: Project, init. Run: run, run_changed, diff_gold, RunReport, replay, quarantine, check, tidy, status, diagnose.
Read: describe_tables, describe_columns, ask, query, customer_profile, customer_history, open_published, write_report,
explain_changes.
Act: AudienceRequest, create_audience, measure_effect, export_to_postgres.
Models: value, retention, evaluate, ChurnModel, and the purchase models of `patron.predict`.
Every error is a PatronError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from patron.activate.audience import AudienceRequest, create_audience
    from patron.activate.effect import measure_effect
    from patron.errors import PatronError
    from patron.examples.scaffold import init
    from patron.pipeline.changed import run_changed
    from patron.pipeline.check.check import check
    from patron.pipeline.diff import diff_gold
    from patron.pipeline.doctor import diagnose
    from patron.pipeline.evaluate import evaluate
    from patron.pipeline.replay import replay
    from patron.pipeline.run import run
    from patron.pipeline.run_report import RunReport
    from patron.pipeline.status import status
    from patron.pipeline.tidy import tidy
    from patron.predict.churn.model import ChurnModel
    from patron.predict.orders_file.value import value
    from patron.predict.subscriptions_file.retention import retention
    from patron.project.project import Project
    from patron.publish.catalog import describe_columns, describe_tables
    from patron.publish.postgres.export import export_to_postgres
    from patron.publish.reader import open_published
    from patron.serve.customer_profile import load_profile as customer_profile
    from patron.serve.customer_profile import load_timeline as customer_history
    from patron.serve.query import ask
    from patron.serve.query import select as query
    from patron.serve.report.explain import explain_changes
    from patron.serve.report.write import write_report
    from patron.transform.quarantine.report import quarantine

__all__ = [
    "AudienceRequest",
    "ChurnModel",
    "PatronError",
    "Project",
    "RunReport",
    "__version__",
    "ask",
    "check",
    "create_audience",
    "customer_history",
    "customer_profile",
    "describe_columns",
    "describe_tables",
    "diagnose",
    "diff_gold",
    "evaluate",
    "explain_changes",
    "export_to_postgres",
    "init",
    "measure_effect",
    "open_published",
    "quarantine",
    "query",
    "replay",
    "retention",
    "run",
    "run_changed",
    "status",
    "tidy",
    "value",
    "write_report",
]

_HOMES = {
    "AudienceRequest": "patron.activate.audience:AudienceRequest",
    "ChurnModel": "patron.predict.churn.model:ChurnModel",
    "PatronError": "patron.errors:PatronError",
    "Project": "patron.project.project:Project",
    "RunReport": "patron.pipeline.run_report:RunReport",
    "ask": "patron.serve.query:ask",
    "check": "patron.pipeline.check.check:check",
    "create_audience": "patron.activate.audience:create_audience",
    "customer_history": "patron.serve.customer_profile:load_timeline",
    "customer_profile": "patron.serve.customer_profile:load_profile",
    "describe_columns": "patron.publish.catalog:describe_columns",
    "describe_tables": "patron.publish.catalog:describe_tables",
    "diagnose": "patron.pipeline.doctor:diagnose",
    "diff_gold": "patron.pipeline.diff:diff_gold",
    "evaluate": "patron.pipeline.evaluate:evaluate",
    "explain_changes": "patron.serve.report.explain:explain_changes",
    "export_to_postgres": "patron.publish.postgres.export:export_to_postgres",
    "init": "patron.examples.scaffold:init",
    "measure_effect": "patron.activate.effect:measure_effect",
    "open_published": "patron.publish.reader:open_published",
    "quarantine": "patron.transform.quarantine.report:quarantine",
    "query": "patron.serve.query:select",
    "replay": "patron.pipeline.replay:replay",
    "retention": "patron.predict.subscriptions_file.retention:retention",
    "run": "patron.pipeline.run:run",
    "run_changed": "patron.pipeline.changed:run_changed",
    "status": "patron.pipeline.status:status",
    "tidy": "patron.pipeline.tidy:tidy",
    "value": "patron.predict.orders_file.value:value",
    "write_report": "patron.serve.report.write:write_report",
}
"""Public name -> the module and the name that it has there."""


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'patron' has no attribute {name!r}")
    from importlib import import_module

    module, _, attribute = _HOMES[name].partition(":")
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
