"""`patron verify`: the models tested on the user's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption

FAILED = 5
"""The exit code of `patron check`, too."""


def verify(
    cdnow: Annotated[Path | None, typer.Option(help="A folder with Fader and Hardie's CDNOW_sample.txt.")] = None,
    grocery: Annotated[Path | None, typer.Option(help="BTYDplus's data set groceryElog, as CSV.")] = None,
    apparel: Annotated[
        Path | None, typer.Option(help="A folder with CLVTools's apparelTrans.csv and apparelStaticCov.csv.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Test the models against published figures.

    Also tests them against closed forms and recovers known parameters from simulated data. Exits 5 if a test fails.

    Example: patron verify
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.verify import print_model_tests
    from patron.predict.verify import verify

    checks = list(verify(cdnow, grocery, apparel))
    if as_json:
        print_json([check.as_dict() for check in checks])
    else:
        print_model_tests(checks)
    if not all(check.passed for check in checks):
        raise typer.Exit(FAILED)
