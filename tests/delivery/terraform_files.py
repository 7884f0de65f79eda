"""The Terraform files as plain data: python-hcl2's, without its quotes and marks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

import patron

FOLDER = Path(patron.__file__).parent / "examples/additions/terraform/terraform"
CLOUDS = ("azure", "gcp")
SCHEMAS = json.loads((Path(__file__).parent / "provider_schemas.json").read_text())
"""Resource -> its arguments, nested, `!` behind required ones, and what it can be asked for. Of hashicorp/google 6.50.0 (the job: google-beta)
and hashicorp/azurerm 4.55.0, as the prebuilt bindings of CDK for Terraform list them (packages cdktf-cdktf-provider-google and
-google-beta 16.12.1, -azurerm 14.23.1)."""

_META = {"depends_on", "for_each", "count", "lifecycle", "provider"}


@dataclass(frozen=True)
class Resource:
    """A resource or data source. address: as other files name it."""

    kind: str
    type: str
    name: str
    body: dict[str, Any]

    @property
    def address(self) -> str:
        return f"{'data.' * (self.kind == 'data')}{self.type}.{self.name}"


def load(cloud: str) -> dict[str, list[Any]]:
    """Load all files of a cloud as one: kind of block -> blocks."""
    found: dict[str, list[Any]] = {}
    for path in sorted((FOLDER / cloud).glob("*.tf")):
        for kind, blocks in plain(hcl2.loads(path.read_text())).items():
            found.setdefault(kind, []).extend(blocks)
    return found


def plain(value: Any) -> Any:
    """Take off the quotes of texts, and the marks of blocks."""
    if isinstance(value, dict):
        return {key.strip('"'): plain(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value[1:-1] if isinstance(value, str) and re.fullmatch(r'"[^"]*"', value) else value


def list_resources(cloud: str) -> list[Resource]:
    """List the resources and data sources of a cloud."""
    files = load(cloud)
    return [
        Resource(kind, type_, name, body)
        for kind in ("resource", "data")
        for block in files.get(kind, [])
        for type_, named in block.items()
        for name, body in named.items()
    ]


def list_named(cloud: str, kind: str) -> dict[str, dict[str, Any]]:
    """Return name -> body of the variables, outputs or providers of a cloud."""
    return {name: body for block in load(cloud).get(kind, []) for name, body in block.items()}


def find_schema_errors(resource: Resource) -> list[str]:
    """Name the arguments that a resource does not have, and those that it needs and lacks."""
    schema = SCHEMAS[f"{resource.kind}.{resource.type}"]["arguments"]
    body = {key: value for key, value in resource.body.items() if key not in _META}
    return [f"{resource.address}: {error}" for error in _compare(body, schema)]


def _compare(body: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    known = {name.rstrip("!"): inner for name, inner in schema.items()}
    given = dict(body)
    for block in given.pop("dynamic", []):
        given |= {name: inner["content"] for name, inner in block.items()}
    yield from (f"needs {name[:-1]}" for name in schema if name.endswith("!") and name[:-1] not in given)
    for name, value in given.items():
        if name not in known:
            yield f"has no {name}"
        elif known[name]:
            for inner in value if isinstance(value, list) else [value]:
                yield from (f"{name} {error}" for error in _compare(inner, known[name]))


def list_references(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield type, name and attribute of each resource that a text of HCL asks for something."""
    for match in re.finditer(r"\b((?:google|azurerm)_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?", text):
        yield match[1], match[2], match[3] or ""
