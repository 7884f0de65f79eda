"""Small projects for tests of faults: written in a moment, run in this process or in one of their own."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from patron.cli.app import main

HEADER = "order_id,ordered_at,customer_id,product_id,product_name,quantity,unit_price\n"
GOOD = HEADER + (
    "1,2024-01-05 10:00:00,c1,p1,Mug,2,5.00\n"
    "1,2024-01-05 10:00:00,c1,p2,Plate,1,7.50\n"
    "2,2024-02-01 11:00:00,c2,p1,Mug,1,5.00\n"
    "3,2024-03-01 12:00:00,c1,p1,Mug,-1,5.00\n"
    "4,2024-03-03 12:00:00,,p2,Plate,1,7.50\n"
)
COLUMNS = {name: name for name in HEADER.strip().split(",")}
ALL_OF_GOLD = (
    *("customer_360", "customer_rfm", "customer_segments", "customer_clv", "customer_churn", "customer_visit_segments"),
    *("customer_history", "segment_moves", "support_impact", "promotion_impact", "signup_metrics"),
    *("campaign_attribution", "campaign_funnel", "campaign_performance", "customer_events"),
    *(
        "daily_metrics",
        "daily_metrics_by_channel",
        "engagement_daily",
        "kpi_overall",
        "period_metrics",
        "revenue_bridge",
    ),
    *("spending_by_loyalty", "spending_by_visit", "visit_segment_summary"),
    *("product_margin", "product_price_behaviour", "fct_customer_metrics"),
    *("cohort_retention", "cohort_retention_pivoted", "customer_order_gaps", "lapsed_top_spenders"),
    *("monthly_order_value", "golden_baskets"),
    *("product_affinity", "product_affinity_coverage", "region_ordering_times", "region_hours", "category_ranking"),
    *("loyalty_uplift", "loyalty_uplift_summary", "basket_shift", "basket_shift_summary"),
    *("churn_by_period", "survival_by_cohort", "return_after_loss", "fct_orders"),
    *("purchase_frequency_weekly", "repeat_purchase_rate"),
    *("delivery_quality", "delivery_impact", "survey_segments", "review_sentiment", "review_analytics"),
    *("dim_courier", "dim_location", "dim_time", "customer_clusters", "cluster_profiles"),
    *(
        "new_customer_value",
        "covariate_effects",
        "prediction_status",
        "model_scores",
        "model_calibration",
        "model_tracking",
    ),
    *("dim_churn_group", "dim_clv_tier", "dim_customer", "dim_product", "dim_date", "dim_rfm_segment"),
)


def row(**cells: str) -> str:
    """One line of a receipt, as CSV."""
    usual = {"order_id": "9", "ordered_at": "2024-03-05 10:00:00", "customer_id": "c9", "product_id": "p1"}
    usual |= {"product_name": "Mug", "quantity": "1", "unit_price": "5"}
    return ",".join((usual | cells).values()) + "\n"


def source(files: str = "**/*.csv", columns: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A source of order lines."""
    return {"files": files, "entities": {"order_lines": {"columns": COLUMNS | (columns or {})} | more}}


def settings(**changes: Any) -> dict[str, Any]:
    """A whole patron.yaml with one source, receipts."""
    return {"shop": {"name": "Test shop"}, "data": "data", "sources": {"receipts": source()}} | changes


def write(folder: Path, files: dict[str, str | bytes] | None = None, yaml: dict[str, Any] | str | None = None) -> Path:
    """A project folder with these data files."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    text = yaml if isinstance(yaml, str) else json.dumps(yaml or settings(), indent=2)
    (folder / "patron.yaml").write_text(text, encoding="utf-8")
    for name, content in ({"good.csv": GOOD} if files is None else files).items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@dataclasses.dataclass
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is exactly one JSON document."""
        return json.loads(self.out)


def patron(*words: object, folder: Path | None = None) -> Outcome:
    """Run a command in this process."""
    from patron.cli.output import console as show

    out, err = io.StringIO(), io.StringIO()
    words += ("--project", folder) if folder else ()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        shown, show.console._file = show.console._file, out  # `file` would give, and so keep, today's standard output
        try:
            main([str(word) for word in words])
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else 0
        finally:
            show.console._file = shown
    return Outcome(code, out.getvalue(), err.getvalue())


class Forked:
    """A command in a process of its own, which may be stopped, killed or starved.

    first: Python code that the process runs before the command.
    """

    def __init__(self, *words: object, folder: Path, first: str = "") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="patron-forked-"))
        self._out, self._err = self._folder / "out", self._folder / "err"
        for path in (self._out, self._err):
            path.touch()
        command = [str(word) for word in (*words, "--project", folder)]
        request = {"start": command, "out": str(self._out), "err": str(self._err), "first": first}
        self.pid = _ask(request)

    def send(self, what: int) -> None:
        """A signal, if the process is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, what)

    def wait(self) -> Outcome:
        """Its outcome; a signal that ended it is a negative code."""
        code = _ask({"wait": self.pid})
        outcome = Outcome(code, self._out.read_text(errors="replace"), _read_errors(self._err))
        shutil.rmtree(self._folder)
        return outcome


def forked(*words: object, folder: Path, first: str = "") -> Outcome:
    """Run a command in a process of its own, to its end."""
    return Forked(*words, folder=folder, first=first).wait()


def _ask(request: dict[str, Any]) -> int:
    starter = _starter()
    starter.stdin.write(json.dumps(request) + "\n")
    starter.stdin.flush()
    return int(starter.stdout.readline())


@functools.cache
def _starter() -> Any:
    script = Path(__file__).with_name("starter.py")
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, str(script)], **pipes)


def _read_errors(err: Path) -> str:
    """What patron said, without what multiprocessing's tracker, which dbt starts, says of a killed process."""
    lines = err.read_text(errors="replace").splitlines(keepends=True)
    return "".join(line for line in lines if "resource_tracker" not in line and "warnings.warn" not in line)


@functools.cache
def _built() -> Path:
    """A project of GOOD that has run, for tests that only read or that spoil a copy."""
    folder = write(Path(tempfile.mkdtemp(prefix="patron-built-")))
    outcome = patron("run", "--quiet", folder=folder)
    assert outcome.code == 0, outcome.err
    return folder


def built() -> Path:
    """A project that has run; do not change it."""
    return _built()


def copy_of_built(folder: Path) -> Path:
    """The same project somewhere else, to be spoiled."""
    return Path(shutil.copytree(_built(), folder / "copy"))


@atexit.register
def _tidy() -> None:
    """End the starter and take the built project away."""
    if _starter.cache_info().currsize:
        with _starter() as starter:
            starter.stdin.close()
    if _built.cache_info().currsize:
        shutil.rmtree(_built(), ignore_errors=True)


OBSERVED = ("customer_history", "segment_moves")
"""What each run saw: other runs, other rows."""


def gold(folder: Path, *, observed: bool = False) -> dict[str, list[tuple[Any, ...]]]:
    """Every published table, whole, in an order of its own. observed: also what tells of earlier runs."""
    from patron.project.project import Project
    from patron.publish.reader import open_published
    from patron.publish.snapshot import load_current

    published = Project.load(folder).published
    snapshot = load_current(published)
    assert snapshot is not None
    with open_published(published) as connection:
        return {
            name: connection.execute(f"select * from gold.{name} order by all").fetchall()
            for name in snapshot.tables
            if observed or name not in OBSERVED
        }


def findings(folder: Path) -> list[dict[str, str]]:
    """What `patron check` finds."""
    from patron.pipeline.check.check import check
    from patron.project.project import Project

    return [dataclasses.asdict(finding) for finding in check(Project.load(folder)).findings]


def problems(folder: Path) -> list[str]:
    """What fails in `patron check`, in one line each."""
    return [f"{f['section']} {f['name']}: {f['detail']}" for f in findings(folder) if f["status"] == "fail"]
