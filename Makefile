# Two commands: `make run` for a talking assistant, `make test` for its tests.
PYTHON ?= python3
ENV := .venv
BIN := $(ENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: run setup test lint types unit lock clean

run: setup
	$(BIN)/antiphon serve

setup: $(ENV)/.run

test: lint types unit

lint: $(ENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(ENV)/.dev
	$(BIN)/basedpyright --level error

unit: $(ENV)/.dev
	$(BIN)/python -m pytest

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Antiphon needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(ENV)

$(ENV)/.run: $(BIN)/python requirements/run.txt pyproject.toml
	@echo "Installing Antiphon into $(ENV) (about 500 MB; a minute or two) ..."
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(ENV)/.dev: $(ENV)/.run requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# Re-pins every dependency; needs uv.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-header --no-annotate \
		--extra build pyproject.toml --upgrade -o requirements/run.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-header --no-annotate \
		--extra build --extra dev -c requirements/run.txt pyproject.toml --upgrade -o requirements/dev.txt

clean:
	rm -rf $(ENV) build *.egg-info .pytest_cache .ruff_cache
