"""Write the reference pages of docs/ from the code: settings, commands, tables, contract, metrics."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from patron.contract.metrics import Metric, aggregate, load_metrics

_NOTE = "<!-- Written by `make docs` from the code; change it there. -->\n\n"


def pages() -> dict[str, str]:
    """Render every generated page: file name -> Markdown text."""
    return {
        "patron-yaml.md": _NOTE + _render_settings(),
        "cli.md": _NOTE + _render_cli(),
        "tables.md": _NOTE + _render_tables(),
        "contract.md": _NOTE + _render_contract(),
        "metrics.md": _NOTE + _render_metrics(),
    }


def _render_settings() -> str:
    from patron.project.settings import ProjectSettings

    lines = [
        "# patron.yaml",
        "",
        "Every setting, with its default. Unknown or contradictory settings are rejected before any data is read.",
        "",
    ]
    for title, model in _iterate_sections("patron.yaml", ProjectSettings):
        lines += [f"## {title}", "", (model.__doc__ or "").strip(), ""]
        lines += ["| setting | type | default | meaning |", "|---|---|---|---|"]
        for name, field in model.model_fields.items():
            kind = _escape_cell(_name_type(field.annotation))
            lines.append(f"| `{name}` | {kind} | {_format_default(field)} | {_escape_cell(field.description or '')} |")
        lines.append("")
    return "\n".join(lines)


def _iterate_sections(title: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield title, model
    for name, field in model.model_fields.items():
        for inner in _find_models(field.annotation):
            keyed = typing.get_origin(field.annotation) is dict
            path = f"{name}.NAME" if keyed else name
            yield from _iterate_sections(path if title == "patron.yaml" else f"{title}.{path}", inner)


def _find_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in typing.get_args(annotation) for model in _find_models(argument)]


def _name_type(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        inner = _name_type(arguments[0])
        return f"text, or {inner}" if inner == "list of text" else inner
    if origin is typing.Literal:
        return " or ".join(f"`{argument}`" for argument in arguments)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_name_type(argument) for argument in arguments if argument is not type(None))
    if origin is tuple:
        return f"list of {_name_type(arguments[0])}"
    if origin is dict:
        return f"NAME: {_name_type(arguments[1])}"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "see below"
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _format_default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if isinstance(field.default, BaseModel) or field.default in (None, (), {}):
        return ""
    if isinstance(field.default, tuple):
        return f"`[{', '.join(map(str, field.default))}]`"
    return f"`{field.default}`"


def _escape_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _render_cli() -> str:
    import typer

    from patron.cli.app import EXIT_CODES, app

    group: Any = typer.main.get_command(app)
    lines = ["# The command line", "", group.help, ""]
    for name, command in _list_commands(group):
        lines += _describe_command(name, command)
    lines += ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(lines) + "\n"


def _list_commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every visible command with its full name, those of a subgroup after one another."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _list_commands(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield f"{prefix}{name}", command


def _describe_command(name: str, command: Any) -> list[str]:
    context = command.make_context(name, ["--help-not-asked"], resilient_parsing=True)
    pieces = [piece.strip("{}").upper() for piece in command.collect_usage_pieces(context)]
    usage = " ".join(["patron", name, *(piece for piece in pieces if piece != "[OPTIONS]"), "[OPTIONS]"])
    text, _, example = (command.help or "").partition("Example: ")
    lines = [f"## patron {name}", "", text.strip(), "", "```", usage, "```", ""]
    lines += [f"Example: `{example.strip()}`", "", "| | |", "|---|---|"]
    lines += [f"| `{', '.join(opts)}` | {_escape_cell(text)} |" for opts, text in _list_options(command)]
    return [*lines, ""]


def _list_options(command: Any) -> Iterator[tuple[list[str], str]]:
    for parameter in command.params:
        is_argument = parameter.param_type_name == "argument"
        names = [parameter.metavar or parameter.name.upper()] if is_argument else list(parameter.opts)
        yield names, getattr(parameter, "help", "") or ""


_LAYERS = {
    "gold": "The public tables: `patron query` and every reader of the published snapshot see these.",
    "measures": "Facts about one customer, order, product or day, derived by arithmetic.",
    "predictions": "The inputs of the models: views, computed when a model is fitted or scored.",
    "silver": "One table per canonical entity: typed, renamed, deduplicated, classified.",
    "quarantine": "Bad rows with their reason, and the account of every row.",
}


def _render_tables() -> str:
    root = Path(str(resources.files("patron.transform").joinpath("sql", "models")))
    lines = [
        "# Tables",
        "",
        "Each table with its grain and columns; those of gold with their types.",
        "[vocabulary.md](vocabulary.md) defines the words.",
        "",
    ]
    for layer, meaning in _LAYERS.items():
        lines += [f"## {layer}", "", meaning, ""]
        for path in sorted((root / layer).rglob("*.yml"), key=lambda path: path.stem):
            model = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]
            lines += [f"### {layer}.{model['name']}", "", model["description"], ""]
            lines += [*_describe_columns(model["columns"]), ""]
    return "\n".join(lines)


def _describe_columns(columns: list[dict[str, str]]) -> list[str]:
    """Describe the columns of a table, with their types where they are stated."""
    if "data_type" not in columns[0]:
        rows = [f"| `{column['name']}` | {_escape_cell(column['description'])} |" for column in columns]
        return ["| column | meaning |", "|---|---|", *rows]
    rows = [
        f"| `{column['name']}` | {column['data_type']} | {_escape_cell(column['description'])} |" for column in columns
    ]
    return ["| column | type | meaning |", "|---|---|---|", *rows]


def _render_contract() -> str:
    from patron.contract.entities import load_entities

    lines = [
        "# The contract",
        "",
        "The canonical entities that a mapping fills. Only `order_lines` is required (or `orders`, which becomes one",
        "line per order). An event's ids belong to its source; a thing's ids are one namespace for the shop.",
        "",
    ]
    for entity in load_entities().values():
        lines += [f"## {entity.name}", "", f"Grain: {entity.grain}. Kind: {entity.kind}.", ""]
        lines += ["| column | type | required | meaning |", "|---|---|---|---|"]
        for column in entity.columns.values():
            needed = "yes" if column.required and column.default is None else ""
            default = f" Unmapped: {column.default}." if column.default else ""
            personal = " Personal." if column.pii else ""
            meaning = _escape_cell(column.describe() + default + personal)
            lines.append(f"| `{column.name}` | {column.sql_type} | {needed} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


_HOW_TO_ASK = (
    "    patron metric average_order_value --by activity_date__month",
    "    patron metric net_revenue --by channel --json",
    "    patron metric churn_rate --by country --table customer_360 --csv",
    "",
    "`--by` takes a column of the table; `activity_date__month` is the month of a day. A metric with several tables is",
    "measured over the first that has the columns. One that is stored per row, such as the customers of a day, cannot",
    "be added up, and is refused unless the table's key is named.",
    "",
    "dbt's semantic layer has the same metrics ([dbt.md](dbt.md)): over its first table a metric keeps its name, over",
    "another it is called METRIC_in_TABLE, and a dimension is TABLE__COLUMN. MetricFlow answers it without a service:",
    "",
    "```",
    "pip install 'patron[metricflow]'",
    "cd my-shop/.patron/dbt",
    "dbt run --select customer_risk --profiles-dir .",
    "mf query --metrics average_order_value --group-by daily_metrics__activity_date__month",
    "```",
    "",
    "The long tests ask 100 pairs of metric and dimension of both; they agree in 100. Metrics of the customer value",
    "that a page lets its reader choose (`customer_value`, `top_decile_share`, ...) are measured on that page only.",
    "",
)


def _render_metrics() -> str:
    lines = [
        "# Metrics",
        "",
        "Every metric that pages, reports, customer cards and questions show, defined once in",
        "`src/patron/contract/metrics.yml`; its SQL is generated from there.",
        "[vocabulary.md](vocabulary.md) defines the terms, [tables.md](tables.md) the tables.",
        "",
        *_HOW_TO_ASK,
        "| metric | name | format | definition | computed | measured over |",
        "|---|---|---|---|---|---|",
    ]
    for metric in load_metrics().values():
        over = ", ".join(f"`{table}`" for table in metric.tables)
        cells = [
            f"`{metric.name}`",
            metric.label,
            metric.format,
            _escape_cell(metric.description),
            _describe_computation(metric),
            over,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _describe_computation(metric: Metric) -> str:
    """Describe how a metric is computed, over the first of its tables."""
    if metric.type == "ratio":
        return f"`{metric.numerator}` / `{metric.denominator}`"
    if metric.type == "derived":
        return f"`{metric.expression}`"
    table = metric.tables[0]
    if table in metric.stored:
        return f"`{metric.stored[table]}`, one value per row"
    return f"`{_escape_cell(aggregate(metric.name, table))}`"


def main(folder: str) -> None:
    """Write the pages into a folder."""
    for name, text in pages().items():
        (Path(folder) / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
