"""Small faults made from the syntax of Python: another comparison, another sign, a call or a result left out."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
}


@dataclass(frozen=True)
class Fault:
    """A piece of a file, by its place in bytes, and what takes its place."""

    line: int
    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        """Return the file's text with the fault."""
        raw = text.encode()
        return (raw[: self.start] + self.new.encode() + raw[self.end :]).decode()


def make_faults(text: str, lines: Collection[int]) -> list[Fault]:
    """Make the faults of those parts of a module that begin on some lines."""
    starts = _list_line_starts(text)
    found = []
    for node in ast.walk(ast.parse(text)):
        if getattr(node, "lineno", None) in lines:
            start, end = starts[node.lineno] + node.col_offset, starts[node.end_lineno] + node.end_col_offset
            found += [Fault(node.lineno, start, end, new) for new in _change(node)]
    return sorted(set(found), key=lambda fault: (fault.start, fault.end, fault.new))


def _list_line_starts(text: str) -> list[int]:
    """Return where each line begins, in bytes; lines are counted from 1."""
    starts = [0, 0]
    for line in text.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _change(node: ast.AST) -> Iterator[str]:
    """Yield what may stand instead of a node."""
    if isinstance(node, ast.Compare):
        yield from (
            _write(node, "ops", [*node.ops[:at], _swap(op), *node.ops[at + 1 :]]) for at, op in enumerate(node.ops)
        )
    elif isinstance(node, ast.BoolOp) or (isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED):
        yield _write(node, "op", _swap(node.op))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"({ast.unparse(node.operand)})"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield str(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield str(node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield "return None"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.YieldFrom):
        yield "pass"
    elif isinstance(node, ast.IfExp):
        yield f"({ast.unparse(node.body)})"
        yield f"({ast.unparse(node.orelse)})"


def _write(node: ast.AST, field: str, value: object) -> str:
    changed = copy.copy(node)
    setattr(changed, field, value)
    return f"({ast.unparse(changed)})"


def _swap(operator: ast.AST) -> ast.AST:
    return _SWAPPED[type(operator)]()


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
