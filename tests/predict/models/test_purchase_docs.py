"""The examples of docs/purchase_models.md and of the docstrings run, and say what they say."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "purchase_models.md"
MODULES = (
    "predict",
    *(
        f"predict.models.{name}"
        for name in "bg_nbd mbg_nbd pareto_nbd bg_bb bg_cnbd_k mbg_cnbd_k gamma_gamma shifted_beta_geometric pareto_ggg.model".split()
    ),
)


def test_the_pages_examples_run(capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    exec(compile("\n".join(blocks), str(PAGE), "exec"), {})
    output = capsys.readouterr().out
    for expected in (
        "All 4 starts agree.",
        "\n1.0\n0.15",
        "[35.2",
        "Correlation of frequency",
        "purchase online 0.",
        "dropout online -0.",
    ):
        assert expected in output, expected


@pytest.mark.parametrize("name", MODULES)
def test_the_docstrings_examples_hold(name):
    found = doctest.testmod(importlib.import_module(f"patron.{name}"))
    assert found.attempted
    assert not found.failed
