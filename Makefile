# make demo: everything on a fresh machine, then a first shop. make test: everything, then the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SET_UP := $(VENV)/.set-up
SQL := --line-length 120 --no-jinjafmt src/patron/transform/sql/models src/patron/transform/sql/tests src/patron/publish/postgres/views

.DEFAULT_GOAL := help
.PHONY: help install setup demo test quick lint format check unit soak bench docs screenshots jars actionlint sbom lock audit clean

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

install: $(INSTALLED) ## make .venv with the package alone

setup: $(SET_UP) ## make .venv with the package and its development extras

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "patron needs Python 3.11 or newer; name one with PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $(INSTALLED)

$(SET_UP): $(INSTALLED)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $(SET_UP)

demo: install ## make a shop, run it, show its segments and key figures
	@rm -rf demo
	$(BIN)/patron demo online_retail --folder demo

quick: setup ## the tests of what you changed, in about two minutes
	$(BIN)/python tests/quick.py

test: lint unit ## linters, types and every test that is not marked soak

lint: setup
	$(BIN)/ruff format --check src tests benchmarks supply_chain
	$(BIN)/ruff check src tests benchmarks supply_chain
	$(BIN)/python -m supply_chain.secrets
	$(BIN)/mypy
	$(BIN)/sqlfmt --check --quiet $(SQL)

format: setup ## write the code as the linters want it
	$(BIN)/ruff format src tests benchmarks supply_chain
	$(BIN)/ruff check --fix src tests benchmarks supply_chain
	$(BIN)/sqlfmt --quiet $(SQL)

unit: setup jars actionlint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --durations 30

soak: setup jars ## the long tests
	$(BIN)/python -m pytest -m soak --numprocesses 2 --dist load

jars: setup ## the jars of Delta and Kafka for the tests, once, where there is Maven
	@$(BIN)/python -m patron.engines.spark.jars || echo "no jars; the Spark tests will be skipped"
	@$(BIN)/python tests/kafka_jars.py || echo "no Kafka; the tests of topics will be skipped"

actionlint: setup ## the linter of workflows for the tests, once, where there is Go
	@test -x $(BIN)/actionlint || command -v actionlint >/dev/null || GOBIN=$(CURDIR)/$(BIN) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 >/dev/null 2>&1 || echo "no actionlint; its test will be skipped"

bench: setup ## measure, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.short_commands
	$(BIN)/python -m benchmarks.daily
	$(BIN)/python -m benchmarks.year
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.engines
	$(BIN)/python -m benchmarks.postgres
	$(BIN)/python -m benchmarks.topics
	$(BIN)/python -m benchmarks.affinity
	$(BIN)/python -m benchmarks.purchases
	$(BIN)/python -m benchmarks.contenders
	$(BIN)/python -m benchmarks.value
	-$(BIN)/python -m benchmarks.dashboard
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.placebo
	$(BIN)/python -m benchmarks.forecasts
	$(BIN)/python -m benchmarks.mutations
	$(BIN)/python -m benchmarks.many_lines
	-$(BIN)/python -m benchmarks.spark_scale
	$(BIN)/python -m benchmarks.coefficients

docs: setup ## write the generated references in docs/
	$(BIN)/python -m patron.cli.reference docs

screenshots: setup demo ## write docs/images from the demo shop, by the system's Chromium
	$(BIN)/python -m benchmarks.screenshots
	$(BIN)/python docs/screenshots/report.py demo docs/images/report.png
	$(BIN)/python -m patron.orchestrate.picture demo docs/images/assets.svg

sbom: setup ## write docs/dependencies.md and sbom.json, a bill of materials (CycloneDX)
	$(BIN)/python -m supply_chain.write sbom.json

lock: setup ## write the lock with hashes, from what pip would install
	@mkdir -p build
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --only-binary :all: --report build/report.json -c constraints.txt -e '.[postgres,xlsx]'
	$(BIN)/python -m supply_chain.lock < build/report.json > lock-linux-py311.txt

audit: ## look for known weaknesses in the versions of constraints.txt; needs the network
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet pip-audit
	build/audit/bin/pip-audit --no-deps -r constraints.txt

clean: ## remove what make made
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
