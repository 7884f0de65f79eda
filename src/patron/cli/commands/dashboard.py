"""The dashboard's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import ProjectOption


def dashboard(
    project: ProjectOption = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Another than this machine's own needs dashboard.sign_in in patron.yaml.")
    ] = "localhost",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Show the shop in a browser, until Ctrl-C. Reads what is published, also while a run is at work.

    Example: patron dashboard --port 8600 --no-browser
    """
    import signal
    import webbrowser

    from patron.project.project import Project
    from patron.serve.dashboard.serve import serving

    signal.signal(signal.SIGTERM, _stopped)
    with serving(Project.load(project), address=address, port=port) as served:
        typer.echo(f"The dashboard is at {served.url} (Ctrl-C ends it).")
        if not no_browser:
            webbrowser.open(served.url)
        code = served.process.wait()
    raise typer.Exit(code)


def _stopped(number: int, _: object) -> None:
    """Ends the dashboard with the command, also where something else than Ctrl-C stops it."""
    raise SystemExit(128 + number)


def dashboard_user(
    name: Annotated[str, typer.Argument(help="Who signs in; with --oidc their e-mail address.")],
    project: ProjectOption = Path(),
    role: Annotated[list[str] | None, typer.Option(help="pii: sees who customers are. May be given again.")] = None,
    oidc: Annotated[bool, typer.Option("--oidc", help="Your identity provider signs them in: no password.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the user out.")] = False,
) -> None:
    """Let somebody into a shared dashboard, change their roles or password, or take them out.

    Example: patron dashboard-user ana --role pii
    """
    from patron.project.project import Project
    from patron.serve.dashboard.sign_in.access import users_file
    from patron.serve.dashboard.sign_in.users import Users

    users = Users(users_file(Project.load(project)))
    if remove:
        users.remove(name)
        typer.echo(f"{name} may no longer enter.")
        return
    password = None if oidc else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    users.set(name, role or [], password)
    typer.echo(f"{name} may enter; roles: {', '.join(role or []) or 'none'}. They stand in {users.path}.")
