"""Workflows, the repository's and a shop's: linted, pinned by commit, with no more permissions than they use."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from delivery.tools import complain
from patron.examples.additions.write import fill_templates

ROOT = Path(__file__).parents[2]
OWN = sorted((ROOT / ".github/workflows").glob("*.yml"))
WRITES = {
    ("tests", "difference"): {"pull-requests"},
    ("release", "publish"): {"id-token"},
    ("release", "release"): {"contents", "id-token", "attestations"},
    ("shop", "build"): {"pull-requests"},
    ("shop", "push"): {"id-token"},
}
"""What jobs may write, by workflow and job; any other job of these workflows may only read."""


@pytest.fixture(params=[*(path.stem for path in OWN), "shop"])
def workflow(request, tmp_path) -> Path:
    if request.param != "shop":
        return ROOT / f".github/workflows/{request.param}.yml"
    path = tmp_path / "shop.yml"
    path.write_text(fill_templates("github", tmp_path)[".github/workflows/shop.yml"])
    return path


@pytest.fixture
def content(workflow) -> dict:
    return yaml.safe_load(workflow.read_text())


def test_actionlint_finds_nothing(workflow):
    assert complain("actionlint", "-no-color", "-shellcheck=", "-pyflakes=", workflow, cwd=ROOT) == ""


def test_the_schema_of_workflows_holds(workflow):
    assert complain("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow) == ""


def test_the_schema_of_dependabot_holds(tmp_path):
    path = tmp_path / "dependabot.yml"
    path.write_text(fill_templates("github", tmp_path)[".github/dependabot.yml"])
    for one in (path, ROOT / ".github/dependabot.yml"):
        assert complain("check-jsonschema", "--builtin-schema", "vendor.dependabot", one) == ""


def test_every_action_is_pinned_by_commit_and_tells_its_version(workflow):
    used = re.findall(r"uses: (\S+)(.*)$", workflow.read_text(), flags=re.MULTILINE)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_one_action_has_one_version():
    texts = [path.read_text() for path in OWN] + list(fill_templates("github", ROOT).values())
    pins = {pin for text in texts for pin in re.findall(r"uses: (\S+@\S+ # \S+)", text)}
    assert len({pin.split("@")[0] for pin in pins}) == len(pins)


def test_jobs_get_no_permission_that_they_do_not_name(workflow, content):
    assert content["permissions"] in ({}, {"contents": "read"})
    if workflow.stem not in {name for name, _ in WRITES} | {"image"}:
        return
    for name, job in content["jobs"].items():
        written = {scope for scope, access in job["permissions"].items() if access == "write"}
        assert written == WRITES.get((workflow.stem, name), set()), name


def test_jobs_end_and_leave_no_credentials_in_the_folder(content):
    for name, job in content["jobs"].items():
        assert job["timeout-minutes"] <= 360, name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name


def test_no_script_takes_text_of_others_by_template(content):
    """What a pull request is called or a branch is named reaches a shell only as a variable, never as its code."""
    for job in content["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), step


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [
        (".env", True),
        ("prod.env", True),
        (".patron/built.json", True),
        ("dashboard-users.txt", True),
        ("terraform/gcp/terraform.tfstate", True),
        ("patron.yaml", False),
        ("docs/env.md", False),
    ],
)
def test_secrets_and_built_data_in_a_shops_repository_are_refused(name, is_refused, tmp_path):
    steps = yaml.safe_load(fill_templates("github", tmp_path)[".github/workflows/shop.yml"])["jobs"]["lint"]["steps"]
    (script,) = [step["run"] for step in steps if "git ls-files" in step.get("run", "")]
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("x")
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "--force", "."], cwd=tmp_path, check=True)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script], cwd=tmp_path, check=False, capture_output=True
    )
    assert (done.returncode == 1) is is_refused


def test_publishing_needs_no_password():
    text = (ROOT / ".github/workflows/release.yml").read_text()
    assert "secrets." not in text
    job = yaml.safe_load(text)["jobs"]["publish"]
    assert (job["environment"], job["permissions"]) == ("pypi", {"id-token": "write"})


def test_a_shop_installs_this_version(tmp_path):
    from patron import __version__

    files = {name: fill_templates(name, tmp_path)["requirements.txt"] for name in ("docker", "github")}
    assert files["docker"] == files["github"]
    assert f"=={__version__}\n" in files["github"]
