"""Every column of the shipped shops' files is mapped, or left with a reason."""

from __future__ import annotations

import pytest

from patron.examples.scaffold import init, list_examples
from patron.pipeline.inspect import list_unmapped
from patron.project.project import Project

FOLDERS = {"online_retail": "online_retail/by-day"}


def unmentioned(folder):
    project = Project.load(folder)
    samples = {name: project.connector(name).sample(100) for name in project.settings.sources}
    found = {
        name: list_unmapped(project, name, table.column_names) for name, table in samples.items() if table is not None
    }
    return {name: columns for name, columns in found.items() if columns}


@pytest.mark.parametrize("name", list_examples())
def test_every_column_of_the_generated_files_is_mapped_or_left(name, tmp_path):
    assert unmentioned(init(tmp_path / "shop", name)) == {}


@pytest.mark.real_data
@pytest.mark.parametrize("name", list_examples())
def test_every_column_of_the_real_files_is_mapped_or_left(name, tmp_path, real_data):
    assert unmentioned(init(tmp_path / "shop", name, real_data / FOLDERS.get(name, name))) == {}
