"""The destinations of `patron export`, by the name that `--to` gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from patron.engines.clouds.registry import CLOUDS
from patron.errors import SettingsError

if TYPE_CHECKING:
    from patron.project.project import Project


@dataclass(frozen=True)
class ExportRequest:
    """The wish of somebody who exports.

    to: the name of a destination, or where PostgreSQL is. schema: to write, where the destination has schemas. folder:
    to write, where it is files. force: also write tables that have not changed.
    """

    to: str
    schema: str = "gold"
    folder: str = ""
    force: bool = False


@dataclass
class Export:
    """The result of an export.

    schema: the schema, dataset or folder that was written, and kind which of them it is. is_new: False if it was up to
    date. loaded: table -> rows written. unchanged: tables that were up to date. left_out: personal columns that were
    not exported.
    """

    schema: str
    snapshot: str
    as_of: str
    is_new: bool = False
    loaded: dict[str, int] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    kind: str = "schema"


Exporter = Callable[["Project", ExportRequest], Export]
"""Bring a destination up to date with the published snapshot, so that its readers see all of it or nothing."""


@dataclass(frozen=True)
class Destination:
    """A destination of gold.

    exporter: `module:function`, imported at first use. extra: the extra of patron that it needs. is_folder: whether it
    is files in a folder.
    """

    exporter: str
    extra: str = ""
    is_folder: bool = False


DESTINATIONS: dict[str, Destination] = {
    "postgres": Destination("patron.publish.postgres.export:export", extra="postgres"),
    "delta": Destination("patron.publish.open_formats.delta:export", is_folder=True),
    "iceberg": Destination("patron.publish.open_formats.iceberg:export", extra="iceberg", is_folder=True),
    **{name: Destination("patron.publish.clouds.export:export", extra=name) for name in CLOUDS},
}
"""The name of each destination. What `--to` names besides is a PostgreSQL server, or a variable that holds one."""


def export_gold(project: Project, request: ExportRequest) -> Export:
    """Export the published tables to a destination.

    Raises SettingsError if its extra is not installed or it cannot be what was asked, and what the destination raises.
    """
    name = request.to if request.to in DESTINATIONS else "postgres"
    destination = DESTINATIONS[name]
    _refuse_folder(request, destination)
    module, _, function = destination.exporter.partition(":")
    try:
        exporter: Exporter = getattr(import_module(module), function)
        return exporter(project, request)
    except ImportError as error:
        do = f"install it: pip install 'patron[{destination.extra}]'"
        raise SettingsError(f"Exporting to {name} needs more: {error}.", where="patron export", do=do) from error


def _refuse_folder(request: ExportRequest, destination: Destination) -> None:
    if destination.is_folder == bool(request.folder):
        return
    if destination.is_folder:
        raise SettingsError(
            f"{request.to} is written to a folder, and none is named.",
            where="patron export",
            do=f"name one: patron export --to {request.to} --folder gold-{request.to}",
        )
    what = f"{request.to} is no folder." if request.to in DESTINATIONS else "A PostgreSQL server is no folder."
    raise SettingsError(what, where="patron export", do="leave out --folder")
