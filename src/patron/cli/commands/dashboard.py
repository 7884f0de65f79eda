"""Commands of the dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import ProjectOption


def dashboard(
    project: ProjectOption = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8501,
    address: Annotated[
        str, typer.Option(help="The address to listen on; any but localhost needs dashboard.sign_in in patron.yaml.")
    ] = "localhost",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Open the dashboard in a browser, until Ctrl-C.

    Reads the published tables only, so it can stay open while a run is working.

    Example: patron dashboard --port 8600 --no-browser
    """
    import signal
    import webbrowser

    from patron.project.project import Project
    from patron.serve.dashboard.serve import serve_dashboard

    signal.signal(signal.SIGTERM, _exit_on_signal)
    with serve_dashboard(Project.load(project), address=address, port=port) as served:
        typer.echo(f"The dashboard is at {served.url} (press Ctrl-C to stop).")
        if not no_browser:
            webbrowser.open(served.url)
        code = served.process.wait()
    raise typer.Exit(code)


def _exit_on_signal(number: int, _: object) -> None:
    """End the dashboard with the command, also when it is stopped by something other than Ctrl-C."""
    raise SystemExit(128 + number)


def dashboard_user(
    name: Annotated[str, typer.Argument(help="The user's name; with --oidc their email address.")],
    project: ProjectOption = Path(),
    role: Annotated[
        list[str] | None, typer.Option(help="pii: may see personal data. Can be given more than once.")
    ] = None,
    oidc: Annotated[bool, typer.Option("--oidc", help="Sign in through your identity provider, no password.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the user.")] = False,
) -> None:
    """Add, change or remove a user of a shared dashboard.

    Example: patron dashboard-user ana --role pii
    """
    from patron.project.project import Project
    from patron.serve.dashboard.sign_in.access import get_users_file
    from patron.serve.dashboard.sign_in.users import Users

    users = Users(get_users_file(Project.load(project)))
    if remove:
        users.remove(name)
        typer.echo(f"Removed {name}, who can no longer sign in.")
        return
    password = None if oidc else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    users.set(name, role or [], password)
    typer.echo(f"{name} can sign in; roles: {', '.join(role or []) or 'none'}. Users are kept in {users.path}.")
