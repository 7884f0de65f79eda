"""What patron is made of is stated and current, under licences that allow it; and no file holds a secret."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from supply_chain import lock, secrets, write
from supply_chain.dependencies import list_packages, normalize

ROOT = Path(__file__).parents[1]
PACKAGES = list_packages()
PERMISSIVE = r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|MPL|Mozilla|CC0|0BSD|Unlicense|HPND"
CHOSEN = {"text-unidecode": "Artistic License, one of the two that it offers"}
HOSTS = re.compile(r"https?://|index-url|\.org/simple", re.IGNORECASE)


def constraints() -> dict[str, str]:
    pairs = re.findall(r"^([\w.\-]+)==(\S+)", (ROOT / "constraints.txt").read_text(), flags=re.MULTILINE)
    return {normalize(name): version for name, version in pairs}


def test_the_page_of_dependencies_lists_what_constraints_pin():
    rows = re.findall(r"^\| ([\w.\-]+) \| (\S+) \|", (ROOT / "docs/dependencies.md").read_text(), flags=re.MULTILINE)
    listed = {normalize(name): version for name, version in rows if name != "package"}
    assert len(listed) > 50
    assert {name: constraints().get(name) for name in listed} == listed, "run `make sbom`"


def test_every_direct_dependency_is_listed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = {normalize(Requirement(line).name) for line in project["dependencies"]}
    assert direct <= {normalize(one.name) for one in PACKAGES}
    assert direct <= set(constraints())


@pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.name)
def test_every_licence_is_stated_and_permissive(package):
    assert normalize(package.name) in CHOSEN or re.search(PERMISSIVE, package.licence), package


def test_the_bill_of_materials_names_every_package_and_no_host():
    document = write.render_sbom(PACKAGES)
    assert document["bomFormat"] == "CycloneDX"
    assert [one["name"] for one in document["components"]] == [one.name for one in PACKAGES]
    assert not HOSTS.search(str([{**one, "description": ""} for one in document["components"]]))
    required = {one["name"] for one in document["components"] if one["scope"] == "required"}
    assert "duckdb" in required
    assert "openpyxl" not in required


def test_the_lock_has_a_hash_for_each_pinned_version_and_names_no_host():
    text = (ROOT / "lock-linux-py311.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = [re.fullmatch(r"([\w.\-]+)==(\S+) --hash=sha256:([0-9a-f]{64})", line) for line in lines]
    assert all(found)
    locked = {normalize(one[1]): one[2] for one in found}
    assert {name: constraints().get(name) for name in locked} == locked, "run `make lock`"
    assert not HOSTS.search(text)
    core = {normalize(one.name) for one in PACKAGES if not one.extras}
    assert core - set(locked) <= {"colorama"}


def test_constraints_name_no_host():
    assert not HOSTS.search((ROOT / "constraints.txt").read_text())
    assert all(Version(version) for version in constraints().values())


def test_a_lock_is_made_of_pips_report():
    one = {
        "metadata": {"name": "b", "version": "2"},
        "download_info": {"archive_info": {"hashes": {"sha256": "0" * 64}}},
    }
    assert lock.render_lock({"install": [one]}).splitlines()[-1] == f"b==2 --hash=sha256:{'0' * 64}"


SECRETS = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a key of AWS": "AKIA" + "ABCDEFGHIJKLMNOP",
    "a token of GitHub": "ghp_" + "a1" * 20,
    "a token of GitLab": "glpat-" + "a1" * 12,
    "a token of Slack": "xoxb-" + "1234567890-abc",
    "a key of Stripe": "sk_live_" + "a1" * 12,
    "a key of Google": "AIza" + "a1b2c" * 7,
    "a token of a package registry": "pypi-" + "a1" * 30,
    "a web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3.c2lnbmF0dXJlLXBhcnQ",
    "a password in a URL": "postgres://shop:" + "Tr0ub4dor-3@db.shop.com/gold",
}


@pytest.mark.parametrize("kind", secrets.PATTERNS)
def test_a_secret_is_found_by_its_kind(kind):
    assert list(secrets.find_secrets(f"one\nkey = '{SECRETS[kind]}'\n")) == [(2, kind)]


def test_no_file_holds_a_secret(capsys):
    assert secrets.main() == 0, capsys.readouterr().out
