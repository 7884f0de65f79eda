"""The settings of the questions of baskets, loyalty and shift: what is refused, and what models are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from patron.project.settings import ProjectSettings
from patron.project.settings.questions import Questions


@pytest.mark.parametrize(
    ("question", "setting", "value"),
    [
        ("product_affinity", "partners", 0),
        ("product_affinity", "window_days", 0),
        ("product_affinity", "largest_basket", 1),
        ("product_affinity", "largest_basket", 1001),
        ("product_affinity", "least_product_baskets", 0),
        ("product_affinity", "significance", 0),
        ("product_affinity", "significance", 1.1),
        ("product_affinity", "partner", 5),
        ("loyalty_uplift", "orders", 0),
        ("loyalty_uplift", "early_days", 367),
        ("loyalty_uplift", "window_days", 0),
        ("basket_shift", "orders", 0),
        ("basket_shift", "least_drop", 1),
        ("basket_shift", "least_drop", -0.1),
        ("basket_shift", "size", "weight"),
    ],
)
def test_refused(question: str, setting: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=setting):
        Questions.model_validate({question: {setting: value}})


def test_a_drop_reaches_models_as_integers() -> None:
    from patron.project.project import Project
    from patron.transform.render.variables import collect_settings_vars

    lines = {"order_id": "a", "ordered_at": "b", "quantity": "c", "unit_price": "d"}
    sources = {"till": {"files": "*.csv", "entities": {"order_lines": {"columns": lines}}}}
    questions = {"basket_shift": {"least_drop": 0.35}}
    settings = ProjectSettings.model_validate({"shop": {"name": "x"}, "sources": sources, "questions": questions})
    result = collect_settings_vars(Project(Path(), settings), "latest")["questions"]["basket_shift"]
    assert (result["kept_numerator"], result["kept_denominator"]) == (13, 20)
