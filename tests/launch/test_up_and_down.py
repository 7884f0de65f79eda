"""`patron up` runs a shop and leaves its services running, again and again; `patron down` stops them and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import urllib.request
from pathlib import Path

import pytest

from faults.projects import HEADER, patron, row, settings, write
from patron.errors import SettingsError, SourceError
from patron.launch import launch, stack
from patron.launch.processes import find_birth
from patron.launch.record import read_record
from patron.project.project import Project


@pytest.fixture
def shop(tmp_path):
    folder = write(tmp_path / "shop")
    yield folder
    launch.down(Project.load(folder))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def count_orders(shop: Path) -> int:
    return patron("query", "select count(*) as orders from fct_orders", "--json", folder=shop).json[0]["orders"]


def test_up_runs_the_shop_and_serves_it_until_down(shop):
    port = free_port()
    up = ("up", "--local", "--no-browser", "--quiet", "--port", port, "--json")
    first = patron(*up, folder=shop)
    assert (first.code, first.json["url"]) == (0, f"http://localhost:{port}")
    with urllib.request.urlopen(f"{first.json['url']}/_stcore/health", timeout=10) as answer:
        assert answer.status == 200
    assert count_orders(shop) == 3
    (dashboard,) = read_record(Project.load(shop)).processes

    (shop / "data/more.csv").write_text(HEADER + row(order_id="11"))
    again = patron("up", "--local", "--no-browser", "--quiet", "--json", folder=shop)
    assert again.json == first.json, "the same dashboard, whatever the port is now"
    assert count_orders(shop) == 4, "what is new was run"
    assert read_record(Project.load(shop)).processes == (dashboard,)

    assert patron("down", "--json", folder=shop).json == {"stopped": ["dashboard"]}
    assert find_birth(dashboard.pid) is None
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{first.json['url']}/_stcore/health", timeout=10)
    assert patron("down", folder=shop).out == "Nothing was running.\n"


def test_a_port_that_is_taken_is_told_before_the_run(shop):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = patron("up", "--local", "--no-browser", "--port", taken.getsockname()[1], folder=shop)
    assert (told.code, "name a free port" in told.err) == (2, True)
    assert not (shop / ".patron/lake").exists()


def test_a_source_that_is_not_there_is_told_before_anything_starts(tmp_path):
    shop = write(tmp_path, yaml=settings(data="nowhere"))
    with pytest.raises(SourceError):
        launch.up(Project.load(shop), port=free_port(), local=True)
    assert read_record(Project.load(shop)).processes == ()


def test_a_service_that_ends_at_once_is_told_with_its_log(shop, monkeypatch):
    from patron.launch import services

    monkeypatch.setattr(services, "_build_command", lambda *_: ["false"])
    with pytest.raises(services.LaunchError, match="did not start") as told:
        launch.up(Project.load(shop), port=free_port(), local=True)
    assert told.value.where.endswith("dashboard.log")
    assert launch.down(Project.load(shop)) == []


def test_a_live_source_is_followed_and_a_stream_that_runs_is_left_to_refresh(shop, monkeypatch):
    """The stream holds the project's lock, so that a run beside it would be refused."""
    from patron.launch import services

    monkeypatch.setattr(services, "_build_command", lambda _, name, *words: ["sleep", "600"])
    monkeypatch.setattr(launch, "needs_stream", lambda project: True)
    monkeypatch.setattr(launch, "wait_until_up", lambda *_: None)
    project, port = Project.load(shop), free_port()
    first = launch.up(project, port=port, local=True)
    second = launch.up(project, port=port, local=True)
    assert set(first.services) == {"stream", "dashboard"}
    assert first.services == second.services
    assert (first.report is None, second.report is None) == (False, True)
    assert sorted(launch.down(project)) == ["dashboard", "stream"]


def test_dagster_is_started_where_the_project_has_what_it_loads(shop, monkeypatch):
    from patron.launch import services

    started = []
    monkeypatch.setattr(services, "start", lambda name, command, *_: started.append((name, command)))
    monkeypatch.setattr(services.importlib.util, "find_spec", lambda name: object())
    project = Project.load(shop)
    assert not services.needs_dagster(project)
    (shop / "workspace.yaml").write_text("load_from: []\n")
    assert services.needs_dagster(project)
    monkeypatch.setattr(services, "needs_stream", lambda project: True)
    assert not services.needs_dagster(project)

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(services, "_DAGSTER_PORTS", range(port, port + 9))
        services.start_dagster(project)
    ((name, command),) = started
    assert (name, command[1], command[-3]) == ("dagster", f"DAGSTER_HOME={shop}/.dagster", "dev")
    assert int(command[-1]) > port


def test_a_stack_that_runs_is_still_known_beside_processes(shop, engine, monkeypatch):
    from patron.launch import record, services

    monkeypatch.setattr(services, "_build_command", lambda _, name, *words: ["sleep", "600"])
    monkeypatch.setattr(launch, "wait_until_up", lambda *_: None)
    project = Project.load(shop)
    record.write_record(project, record.Record(stack=("docker", "compose")))
    launch.up(project, port=free_port(), local=True)
    assert launch.down(project) == ["dashboard", "stack"]


@pytest.fixture
def engine(tmp_path, monkeypatch) -> Path:
    """A stand-in for docker, which notes how it was called; the file `broken` makes its engine not answer."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "docker").write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n[ ! -e {folder}/broken ]\n')
    (folder / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(stack, "_ENGINES", ("docker",))
    return folder


def list_calls(engine: Path) -> list[str]:
    return (engine / "calls").read_text().splitlines()


def test_a_stack_is_started_where_an_engine_answers(tmp_path, engine):
    shop = write(tmp_path / "stacked", yaml=settings(dashboard={"sign_in": "password"}))
    assert patron("init", shop, "--with", "docker").code == 0
    assert patron("up", "--no-browser", "--json", folder=shop).json["services"] == {"stack": "docker compose"}
    assert list_calls(engine)[-1] == "compose up --detach --wait --build"
    assert (engine.parent / "stacked/.patron/lake").exists() is False, "the container runs the shop"
    kept = (shop / ".env").read_text()
    assert patron("up", "--no-browser", folder=shop).code == 0
    assert (shop / ".env").read_text() == kept
    assert patron("down", "--json", folder=shop).json == {"stopped": ["stack"]}
    assert list_calls(engine)[-1] == "compose --profile * down"


@pytest.mark.parametrize("lacks", ["compose.yaml", "docker", "an answer"])
def test_without_a_stack_or_an_engine_it_is_processes(tmp_path, engine, lacks, monkeypatch):
    shop = write(tmp_path / "shop")
    patron("init", shop, "--with", "docker")
    assert stack.find_stack(Project.load(shop)) == ("docker", "compose")
    if lacks == "compose.yaml":
        (shop / "compose.yaml").unlink()
    elif lacks == "docker":
        monkeypatch.setattr(shutil, "which", lambda name: None)
    else:
        (engine / "broken").touch()
    assert stack.find_stack(Project.load(shop)) == ()


def test_a_stack_whose_dashboard_would_be_open_is_refused(tmp_path, engine):
    shop = write(tmp_path / "shop")
    patron("init", shop, "--with", "docker")
    with pytest.raises(SettingsError, match="asks nobody to sign in"):
        launch.up(Project.load(shop))
    assert not (shop / ".env").exists()


def test_a_stack_that_fails_is_told_and_can_be_stopped(tmp_path, engine, monkeypatch):
    shop = write(tmp_path / "shop", yaml=settings(dashboard={"sign_in": "password"}))
    (engine / "broken").touch()
    monkeypatch.setattr(launch, "find_stack", lambda project: ("docker", "compose"))
    with pytest.raises(stack.StackError, match="ended with code 1"):
        launch.up(Project.load(shop))
    (engine / "broken").unlink()
    assert launch.down(Project.load(shop)) == ["stack"], "what had started of it is stopped"


def test_settings_of_the_stack_are_added_once_for_the_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("PATRON_PASSWORD", raising=False)
    path = tmp_path / ".env"
    path.write_text("PATRON_PROJECT=/srv/shop")
    stack.fill_settings(path)
    lines = path.read_text().splitlines()
    assert lines[0] == "PATRON_PROJECT=/srv/shop"
    assert len(lines) == 2
    assert len(lines[1].removeprefix("PATRON_PASSWORD=")) >= 16
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    stack.fill_settings(path)
    assert path.read_text() == before


def test_a_record_that_cannot_be_read_is_taken_for_none(shop):
    (shop / ".patron").mkdir()
    for text in ("", "[]", json.dumps({"processes": [{"name": "dashboard"}], "stack": []})):
        (shop / ".patron/up.json").write_text(text)
        assert patron("down", "--json", folder=shop).json == {"stopped": []}
