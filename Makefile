# Touchstone. `make demo` shows what it does; `make test` proves it.
# Needs Python 3.11 or newer; everything else is installed into .venv.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# The first Python on the path that is new enough; set PYTHON=... to choose another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BASE := $(VENV)/.base
DEV := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-slow check format layers train-mini bench clean

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(BASE) ## Enrol the sample brands, inspect the sample listings, write report/index.html
	$(BIN)/touchstone demo --out report --force --alpha 0.05

serve: $(BASE) ## Serve the HTTP interface on 127.0.0.1:8080
	$(BIN)/touchstone serve

test: $(DEV) ## Run the test suite, without the slow tests
	$(BIN)/python -m pytest -q -m "not slow"

test-slow: $(DEV) ## Run the slow tests
	$(BIN)/python -m pytest -q -m slow

check: $(DEV) ## Lint, formatting, types, then the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m "not slow"

format: $(DEV) ## Put the source into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

layers: $(DEV) ## Only the test that keeps import directions and walls
	$(BIN)/python -m pytest -q tests/test_layers.py

train-mini: $(DEV) ## Train the carried embedder anew (two hours of one core; ARTWORK_SVG and TEACHERS name folders)
	$(BIN)/touchstone train configs/train/mini.yaml
	$(BIN)/touchstone train configs/train/distil.yaml

bench: $(DEV) ## Run every benchmark
	$(BIN)/touchstone benchmark --all

clean: ## Remove what was installed and written
	rm -rf $(VENV) build dist *.egg-info report

$(BASE): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found; install one, or run make PYTHON=/path/to/python"; exit 2; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# torch costs about two minutes and 5.5 GB, once.
$(DEV): $(BASE)
	$(BIN)/python -m pip install --quiet --editable '.[train,dev]'
	touch $@
