"""The documentation runs: generated pages are current, links lead somewhere, samples are accepted."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

import contributing_examples
from patron.cli import reference
from patron.contract.entities import load_entities
from patron.contract.metrics import load_metrics
from patron.project.settings import ProjectSettings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
MODELS = sorted((ROOT / "src/patron/transform/sql/models").rglob("*.sql"))


@pytest.mark.parametrize("name", list(reference.pages()))
def test_generated_page_is_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == reference.pages()[name], "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)(#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            named = page.parent / target if target else page
            assert named.exists(), target
            if anchor:
                assert anchor[1:] in _anchors(named), f"{target}{anchor}"


def _anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings get on the web: lower case, no punctuation, dashes for blanks."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", list(load_metrics()))
def test_the_vocabulary_has_each_metric_in_one_row(name: str) -> None:
    text = (ROOT / "docs/vocabulary.md").read_text()
    section = text.split("## Metrics, one by one")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert sum(f"`{name}`" in cell for cell in first_cells) == 1


def test_the_index_names_every_decision_once_with_its_title() -> None:
    linked = re.findall(r"^\* \[(\d{4})\]\((\S+)\) (.*)$", (ROOT / "DECISIONS.md").read_text(), flags=re.MULTILINE)
    titles = {f"docs/decisions/{page.name}": page.read_text().splitlines()[0] for page in DECISIONS}
    assert sorted(path for _, path, _ in linked) == sorted(titles)
    assert len({number for number, _, _ in linked}) == len(linked), "two decisions with one number"
    for number, path, title in linked:
        assert titles[path] == f"# {number} {title.removesuffix(' (superseded)')}"


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_has_date_status_context_decision_and_consequences(page: Path) -> None:
    text = page.read_text()
    assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: (accepted|superseded by \[.*)\.$", text, flags=re.MULTILINE)
    assert re.findall(r"^## (.*)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_examples_of_contributing_fit_the_code(tmp_path: Path) -> None:
    """tests/test_contributing.py runs them; here they are only applied, which takes no time."""
    for path in {path for path, language, _ in contributing_examples.BLOCKS if language == "diff"}:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    contributing_examples.apply_to(tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_named_in_the_pages_exist(page: Path) -> None:
    import typer

    from patron.cli.app import app

    known = set(typer.main.get_command(app).commands)
    named = set(re.findall(r"^\s{4}(?:cd \S+ && )?patron ([a-z]+)", page.read_text(), flags=re.MULTILINE))
    assert named <= known


def test_every_option_has_help_and_every_command_an_example() -> None:
    import typer

    from patron.cli.app import app

    commands = dict(typer.main.get_command(app).commands)
    commands |= {f"audience {name}": command for name, command in commands["audience"].commands.items()}
    for name, command in commands.items():
        assert f"Example: patron {name}" in command.help
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert parameter.help, f"{name} {parameter.name}"


def test_the_tutorials_mapping_is_accepted(tmp_path: Path) -> None:
    from patron.project.project import Project

    sample = re.search(r"```yaml\n(.*?)```", (ROOT / "docs/tutorial.md").read_text(), flags=re.DOTALL)
    assert sample
    (tmp_path / "patron.yaml").write_text("shop: {name: Tutorial}\n" + sample.group(1))
    assert list(Project.load(tmp_path).mapped_entities()) == ["order_lines"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_every_model_has_its_yml(model: Path) -> None:
    described = yaml.safe_load(model.with_suffix(".yml").read_text())["models"][0]
    assert described["name"] == model.stem
    assert described["description"].startswith("Grain: ")
    if "'view'" not in model.read_text():  # else a test would work it out in every run; tests/predict look at those
        assert described["data_tests"][0]["holds"]["arguments"]
    assert all(column["description"].endswith(".") for column in described["columns"])


def test_every_setting_is_described() -> None:
    def undescribed(model: type) -> list[str]:
        missing = []
        for name, field in model.model_fields.items():
            if not field.description:
                missing.append(f"{model.__name__}.{name}")
            for inner in reference._find_models(field.annotation):
                missing += undescribed(inner)
        return missing

    assert undescribed(ProjectSettings) == []


def test_contract_holds_every_entity_of_the_design() -> None:
    named = (
        "customers orders order_lines products stores staff loyalty_accounts loyalty_transactions service_interactions "
        "campaign_touches promotions visits deliveries reviews payments exchange_rates"
    ).split()
    assert sorted(load_entities()) == sorted(named)
    for entity in load_entities().values():
        assert entity.id in entity.columns
        assert entity.kind == "thing" or entity.event_time is not None or entity.name == "exchange_rates"
