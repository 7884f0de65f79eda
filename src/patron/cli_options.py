"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[Path, typer.Option("--project", "-p", help="The project folder.", show_default="here")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
