"""`patron notify`: whether messages arrive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import JsonOption, ProjectOption, load_project


def notify(
    project: ProjectOption = Path(),
    is_test: Annotated[bool, typer.Option("--test", help="Send a message by every way that `notify` names.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send a test message by each way of `notify:` in patron.yaml.

    Runs and checks send a digest by themselves. Exits 3 if a message does not arrive.

    Example: patron notify --test
    """
    from patron.cli.output.console import print_json, say
    from patron.errors import SettingsError, SourceError
    from patron.pipeline.notify.digest import digest_test
    from patron.pipeline.notify.notify import count_channels, send

    loaded = load_project(project)
    count = count_channels(loaded)
    if not is_test or not count:
        do = "name webhook, slack or email under `notify:`" if is_test else "write `patron notify --test`"
        raise SettingsError("There is nothing to send.", where=loaded.where("notify"), do=do)
    failed = send(loaded, digest_test(loaded))
    if failed:
        raise SourceError("; ".join(failed) + ".", where=loaded.where("notify"), do="correct it, and try again")
    if as_json:
        print_json({"sent": count})
    else:
        say(f"Sent by {count} way{'s' if count != 1 else ''}.")
