"""`patron plan`: what a shop of another size would take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption

LinesOption = Annotated[
    float | None, typer.Option(min=1, help="Order lines, such as 1e8.", show_default="those of the project")
]
CustomersOption = Annotated[
    float | None, typer.Option(min=1, help="Customers with an order.", show_default="as many a line as in the project")
]


def plan(
    lines: LinesOption = None,
    customers: CustomersOption = None,
    cores: Annotated[int, typer.Option(min=1, help="Cores of the one machine.")] = 2,
    memory: Annotated[float, typer.Option(min=1, help="Its memory, in GB.")] = 16,
    workers: Annotated[int, typer.Option(min=1, help="Workers of the cluster.")] = 4,
    worker_cores: Annotated[int, typer.Option(min=1, help="Cores of a worker.")] = 4,
    hours: Annotated[float, typer.Option(min=0.1, help="Hours in which a run must be done.")] = 4,
    core_hour: Annotated[float, typer.Option(min=0, help="Price of a core for an hour.")] = 0,
    gb_month: Annotated[float, typer.Option(min=0, help="Price of a GB of disk for a month.")] = 0,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Estimate what a shop of another size takes, on one machine and on Spark, and when to move.

    The estimates follow from measured runs (docs/scale.md); ranges widen with the distance from what was measured.

    Example: patron plan --lines 1e11 --customers 1e9 --workers 50 --core-hour 0.05
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.plan import print_sizing
    from patron.pipeline.sizing.estimate import Setting, size
    from patron.pipeline.sizing.project_size import choose_size

    shop = choose_size(project, lines, customers)
    sizing = size(shop, Setting(cores, memory, workers, worker_cores, hours, core_hour, gb_month))
    if as_json:
        print_json(sizing.as_dict())
    else:
        print_sizing(sizing)
