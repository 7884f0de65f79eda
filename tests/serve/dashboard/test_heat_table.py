"""Shades and the letters on them."""

from __future__ import annotations

import pytest

from patron.serve.dashboard.theme import DARK, LIGHT
from patron.serve.dashboard.widgets.shaded_table import blend, choose_text_colour, compute_luminance


def test_a_shade_lies_between_its_neighbours():
    assert blend(0.0, ("#000000", "#ffffff")) == "#000000"
    assert blend(0.5, ("#000000", "#ffffff")) == "#808080"
    assert blend(1.0, ("#000000", "#102030", "#ffffff")) == "#ffffff"
    assert blend(0.5, ("#000000", "#102030", "#ffffff")) == "#102030"
    assert blend(7.0, ("#000000", "#ffffff")) == "#ffffff"


def test_luminance_is_wcag():
    assert compute_luminance("#ffffff") == pytest.approx(1.0)
    assert compute_luminance("#777777") == pytest.approx(0.1845, abs=1e-4)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_letters_stand_out_on_every_shade(theme):
    for step in range(101):
        ground = compute_luminance(blend(step / 100, theme.sequential))
        letters = compute_luminance(choose_text_colour(blend(step / 100, theme.sequential)))
        assert (max(ground, letters) + 0.05) / (min(ground, letters) + 0.05) >= 4.5
