"""`patron verify`: the models proved on the user's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption

FAILED = 5
"""As of `patron check`."""


def verify(
    cdnow: Annotated[Path | None, typer.Option(help="A folder with Fader and Hardie's CDNOW_sample.txt.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove the models: published figures, closed forms, parameters found again. Exits 5 when one fails.

    Example: patron verify
    """
    from patron.cli.output import console as show
    from patron.cli.output import verify as show_verify
    from patron.predict.verify import verify as checks_of

    checks = list(checks_of(cdnow))
    if as_json:
        show.as_json([check.as_dict() for check in checks])
    else:
        show_verify.verified(checks)
    if not all(check.passed for check in checks):
        raise typer.Exit(FAILED)
