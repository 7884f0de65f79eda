"""A picture of a column's lineage: boxes of tables with their columns, from the sources on the left to gold."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from patron.errors import SettingsError
from patron.files import refuse_to_overwrite, translate_disk_errors, write_atomically
from patron.project.project import Project
from patron.project.protected_files import refuse_protected
from patron.transform.lineage.explain import ColumnReport

_WIDTH, _GAP, _ROW, _HEAD, _SPACE, _EDGE = 230, 70, 20, 26, 18, 12
_LONGEST = 30
"""Letters of a name that fit in a box."""

_WHERE = "patron lineage --svg"
_START = '<svg xmlns="http://www.w3.org/2000/svg" data-made-by="patron lineage"'
_LINE = 'fill="none" stroke="currentColor" stroke-opacity=".45"'
_BOX = 'fill="currentColor" fill-opacity=".05" stroke="currentColor" stroke-opacity=".4"'
_FONT = 'font-family="system-ui,sans-serif" font-size="12" fill="currentColor"'
"""Colours are those of the page around, in a light theme as in a dark one."""


@dataclass
class _Box:
    table: str
    columns: list[str] = field(default_factory=list)
    level: int = 0
    top: int = 0

    @property
    def height(self) -> int:
        return _HEAD + _ROW * len(self.columns) + 6


Column = tuple[str, str]
Arrow = tuple[Column, Column]


def draw_svg(report: ColumnReport, background: str = "none") -> str:
    """Draw a report as one SVG document. background: a colour; without one, that of the page around shows."""
    boxes, arrows = _arrange(report)
    width = (max(box.level for box in boxes.values()) + 1) * (_WIDTH + _GAP) - _GAP + 2 * _EDGE
    height = max(box.top + box.height for box in boxes.values()) + _EDGE
    parts = [_draw_arrow(boxes, arrow) for arrow in sorted(arrows)]
    parts += [_draw_box(box, report.column) for box in boxes.values()]
    behind = "" if background == "none" else f'<path d="M0 0H{width}V{height}H0Z" fill="{background}"/>'
    title = escape(f"Lineage of {report.column}")
    return (
        f'{_START} viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{title}" {_FONT}><title>{title}</title>{behind}{"".join(parts)}</svg>\n'
    )


def save_svg(project: Project, path: Path, report: ColumnReport, *, overwrite: bool = False) -> None:
    """Write the picture to a file. Raises SettingsError for a file that is another's, EngineError for a full disk."""
    if path.suffix.lower() != ".svg":
        raise SettingsError(f"{path.name} is not an SVG file.", where=_WHERE, do="name a file that ends in .svg")
    refuse_protected(project, path, _WHERE)
    if not overwrite:
        is_own = path.is_file() and path.read_bytes()[: len(_START)] == _START.encode()
        refuse_to_overwrite(path, is_own=is_own, where=_WHERE)
    with translate_disk_errors(path):
        write_atomically(path, draw_svg(report, "white"))


def write_mermaid(report: ColumnReport) -> str:
    """Write a report as a Mermaid flowchart, which Markdown pages show as a picture."""
    boxes, arrows = _arrange(report)
    numbers = {column: f"c{place}" for place, column in enumerate(_list_columns(boxes))}
    lines = ["flowchart LR"]
    for place, box in enumerate(boxes.values()):
        lines.append(f'  subgraph t{place}["{_quote(box.table)}"]')
        lines += [f'    {numbers[box.table, name]}["{_quote(name)}"]' for name in box.columns]
        lines.append("  end")
    lines += [f"  {numbers[start]} --> {numbers[end]}" for start, end in sorted(arrows)]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return text.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def _list_columns(boxes: dict[str, _Box]) -> list[Column]:
    return [(box.table, name) for box in boxes.values() for name in box.columns]


def _arrange(report: ColumnReport) -> tuple[dict[str, _Box], set[Arrow]]:
    """Place every table right of all that it reads."""
    boxes: dict[str, _Box] = {}
    arrows: set[Arrow] = set()
    for step in report.steps:
        _add_column(boxes, _split(step.column))
    for step in report.steps:
        arrows |= {(_split(before), _split(step.column)) for before in step.made_of}
    for start, _ in sorted(arrows):
        _add_column(boxes, start)
    _set_levels(boxes, arrows)
    _stack(boxes)
    return boxes, arrows


def _add_column(boxes: dict[str, _Box], column: Column) -> None:
    box = boxes.setdefault(column[0], _Box(column[0]))
    if column[1] not in box.columns:
        box.columns.append(column[1])


def _split(column: str) -> Column:
    """Split a name that people write into the table and its column."""
    if column.startswith("rows of "):
        return column.removeprefix("rows of "), "rows"
    schema, _, rest = column.partition(".")
    if schema in ("silver", "measures", "predictions", "staging", "changes", "quarantine", "history", "meta", "seeds"):
        table, _, name = rest.partition(".")
        return f"{schema}.{table}", name
    return schema, rest


def _set_levels(boxes: dict[str, _Box], arrows: set[Arrow]) -> None:
    reads: dict[str, set[str]] = {table: set() for table in boxes}
    for (start, _), (end, _) in arrows:
        if start != end:
            reads[end].add(start)
    known: dict[str, int] = {}

    def level(table: str) -> int:
        if table not in known:
            known[table] = 0
            known[table] = max((level(other) + 1 for other in reads[table]), default=0)
        return known[table]

    for table, box in boxes.items():
        box.level = level(table)


def _stack(boxes: dict[str, _Box]) -> None:
    bottoms: dict[int, int] = {}
    for box in boxes.values():
        box.columns.sort()
        box.top = bottoms.get(box.level, _EDGE)
        bottoms[box.level] = box.top + box.height + _SPACE


def _draw_box(box: _Box, asked: str) -> str:
    left = _EDGE + box.level * (_WIDTH + _GAP)
    rows = [f'<rect {_BOX} x="{left}" y="{box.top}" width="{_WIDTH}" height="{box.height}" rx="5"/>']
    rows.append(_draw_text(left, box.top + 17, box.table, is_bold=True))
    for place, name in enumerate(box.columns):
        is_asked = asked in (f"{box.table}.{name}", f"rows of {box.table}" if name == "rows" else "")
        rows.append(_draw_text(left, _find_row(box, place) + 4, name, is_asked=is_asked))
    return "".join(rows)


def _draw_text(left: int, y: int, text: str, *, is_bold: bool = False, is_asked: bool = False) -> str:
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    style = ' font-weight="600"' if is_bold or is_asked else ""
    style += ' text-decoration="underline"' if is_asked else ""
    return f'<text{style} x="{left + 10}" y="{y}">{escape(shown)}<title>{escape(text)}</title></text>'


def _find_row(box: _Box, place: int) -> int:
    return box.top + _HEAD + place * _ROW + _ROW // 2


def _draw_arrow(boxes: dict[str, _Box], arrow: Arrow) -> str:
    start, end = (boxes[table] for table, _ in arrow)
    x1 = _EDGE + start.level * (_WIDTH + _GAP) + _WIDTH
    x2 = _EDGE + end.level * (_WIDTH + _GAP)
    y1 = _find_row(start, start.columns.index(arrow[0][1]))
    y2 = _find_row(end, end.columns.index(arrow[1][1]))
    middle = (x1 + x2) // 2
    return f'<path {_LINE} d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"/>'
