"""The image and the stack: linted, pinned, without root, without a default password, open to this machine only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from delivery.tools import complain
from patron.examples.additions.write import fill_templates, write_additions

ROOT = Path(__file__).parents[2]
DOCKERFILES = ("the repository's", "a shop's")
SERVICES = {"shop", "dashboard", "export", "postgres", "metabase", "kafka", "registry", "stream", "dagster"}


@pytest.fixture(scope="module")
def stack() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(params=DOCKERFILES)
def dockerfile(request, tmp_path) -> Path:
    if request.param == DOCKERFILES[0]:
        return ROOT / "Dockerfile"
    path = tmp_path / "Dockerfile"
    path.write_text(fill_templates("docker", tmp_path)["Dockerfile"])
    return path


def test_hadolint_finds_nothing(dockerfile):
    assert complain("hadolint", dockerfile) == ""


def test_the_last_stage_is_pinned_runs_without_root_and_has_a_health_check(dockerfile):
    text = dockerfile.read_text()
    assert re.search(r"^ARG BASE=python:\d+\.\d+\.\d+-slim-\w+$", text, flags=re.MULTILINE)
    assert re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE) == ["${BASE}", "${BASE}"]
    last = text.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", last, flags=re.MULTILINE) == ["1000:1000"]
    assert "\nHEALTHCHECK " in last
    assert "pip install" not in last


def test_all_that_the_image_copies_enters_the_build():
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == let_in
    assert all((ROOT / name).exists() for name in names)


def test_the_stack_follows_the_compose_specification():
    assert complain("check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml") == ""


def test_the_stack_has_each_service_and_every_image_a_version(stack):
    assert set(stack["services"]) == SERVICES
    for name, service in stack["services"].items():
        assert re.search(r"\$\{PATRON_IMAGE:-patron:local\}|:v?\d+\.\d+", service["image"]), name


def test_ports_are_open_to_this_machine_only(stack):
    ports = [port for service in stack["services"].values() for port in service.get("ports", [])]
    assert len(ports) >= 6
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_no_password_has_a_default(stack):
    text = (ROOT / "compose.yaml").read_text()
    named = re.findall(r"\$\{(\w*PASSWORD)([^}]*)\}", text)
    assert {name for name, _ in named} == {"PATRON_PASSWORD", "POSTGRES_PASSWORD"}
    assert all(rest == ":-" or rest.startswith(":?") for _, rest in named)


def test_what_runs_patron_may_only_write_to_its_project(stack):
    for name in ("shop", "dashboard", "export", "stream", "dagster"):
        service = stack["services"][name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_what_ends_by_itself_is_waited_for(stack):
    """`docker compose up --wait` takes an end for a failure, unless another service waits for that end."""
    ends = {name for name, service in stack["services"].items() if "restart" not in service}
    awaited = {
        name
        for service in stack["services"].values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    assert ends == awaited == {"shop", "export"}


def test_a_shop_gets_the_same_stack(tmp_path):
    assert fill_templates("docker", tmp_path)["compose.yaml"] == (ROOT / "compose.yaml").read_text()


def test_commands_of_the_stack_exist(stack):
    import typer

    from patron.cli.app import app

    known = set(typer.main.get_command(app).commands)
    script = stack["services"]["shop"]["command"][0]
    named = set(re.findall(r"patron ([a-z-]+)", script))
    named |= {stack["services"][name]["command"][0] for name in ("export", "stream")}
    assert named == {"init", "dashboard-user", "run", "export", "stream"}
    assert named <= known


@pytest.fixture
def shop(tmp_path) -> Path:
    """A folder with run-with-state, beside a stand-in for patron which counts its runs in .patron, or fails."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "patron.yaml").write_text("shop: {name: Corner}\n")
    write_additions(folder, ["docker"])
    command = tmp_path / "patron"
    command.write_text(
        '#!/bin/sh\n[ "$1" = check ] && exit "${CHECK:-0}"\nmkdir -p .patron/lake\n'
        'echo run >> .patron/lake/runs\nln -sf lake/runs .patron/newest\nexit "${RUN:-0}"\n'
    )
    command.chmod(0o755)
    (tmp_path / "state").mkdir()
    return folder


def run_with_state(shop: Path, **environment: str) -> int:
    """Run once, on a disk that does not outlast it."""
    shutil.rmtree(shop / ".patron", ignore_errors=True)
    path = f"{shop.parent}{os.pathsep}{os.environ['PATH']}"
    known = {"PATH": path, "STATE": str(shop.parent / "state"), **environment}
    return subprocess.run(["sh", "delivery/run-with-state"], cwd=shop, env=known, check=False).returncode


def test_a_run_goes_on_from_the_state_of_the_last(shop):
    assert [run_with_state(shop) for _ in range(3)] == [0, 0, 0]
    assert (shop / ".patron/newest").read_text() == "run\n" * 3
    assert [path.name for path in (shop.parent / "state").iterdir()] == ["patron.tar"]


@pytest.mark.parametrize("step", ["RUN", "CHECK"])
def test_a_run_that_fails_leaves_the_state_as_it_was(shop, step):
    assert run_with_state(shop) == 0
    assert run_with_state(shop, **{step: "5"}) == 5
    assert run_with_state(shop) == 0
    assert (shop / ".patron/newest").read_text() == "run\n" * 2
