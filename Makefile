# Intendly's infrastructure. `make help` lists the targets; each runs one command that also works without make.
STACK ?= staging
PYTHON ?= python3
BIN := .venv/bin
LOCALCLOUD := $(BIN)/python -m localcloud

.DEFAULT_GOAL := help
.PHONY: help install up preview down clean test unit engine sweep bench lint format types schema docs requirements

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  STACK=staging|production chooses the stack (now: $(STACK))"

# One environment for everything; made again when a pin changes.
.venv/installed: requirements-uv.txt requirements.txt pyproject.toml
	@echo "Installing the Python environment into .venv (about half a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.txt
	@$(BIN)/uv pip sync --quiet --require-hashes requirements.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install: .venv/installed ## install the Python environment into .venv

up: install ## bring a whole stack up on this machine, no AWS account needed
	@$(LOCALCLOUD) up --stack $(STACK)

preview: install ## show what `make up` would change
	@$(LOCALCLOUD) preview --stack $(STACK)

down: install ## destroy the stack and prove that nothing is left of it
	@$(LOCALCLOUD) down --stack $(STACK)

clean: install ## stop the local clouds and remove all that they keep (asks)
	@$(LOCALCLOUD) clean

test: lint types unit engine ## everything: lint, types, unit and engine tests

unit: install ## tests that need no engine
	$(BIN)/pytest -m "not engine"

engine: install ## tests over the real engine and a real API server
	$(BIN)/pytest -m engine

EVERY ?= 10
sweep: install ## kill the engine at every EVERY-th operation, heal, then approve and apply hundreds of edits; docs/kills.md, docs/approved-edits.md (an hour)
	$(BIN)/python -m tests.sweeps --every $(EVERY)
	$(BIN)/python -m tests.sweeps.edits

bench: install ## measure previews against the floor and write docs/benchmarks.md (a quarter of an hour)
	$(BIN)/python -m benchmarks.preview --write
	$(BIN)/python -m benchmarks.forms

lint: install ## ruff: rules and formatting; zizmor: workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/zizmor --quiet --offline --no-progress --config .github/zizmor.yml .github

format: install ## rewrite what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install ## basedpyright, strict
	$(BIN)/basedpyright

schema: install ## write infra/settings.schema.json from the models
	$(BIN)/python -m infra.settings.schema --write

docs: install ## make the pages that come from the code: architecture, costs, edits, allowed traffic
	$(BIN)/python -m tests.support.architecture --write
	$(BIN)/python -m tests.support.costs --write
	$(BIN)/python -m tests.support.edits_page --write
	$(BIN)/python -m tests.support.traffic --write
	$(BIN)/python -m tests.support.mutations --write

requirements: install ## compile requirements.in to pins with hashes
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 requirements-uv.in --output-file requirements-uv.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11 requirements.in --output-file requirements.txt
