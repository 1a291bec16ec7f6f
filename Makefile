# Needs Python 3.11 or 3.12 with venv, git and make. Everything else comes as wheels.
FITS := import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))
PYTHON ?= $(shell for it in python3.11 python3.12 python3; do \
	$$it -c '$(FITS)' 2>/dev/null && echo $$it && break; done)
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9

.PHONY: up down test faults check bench services lock install install-dev web

up: install web
	@$(BIN)/mch up

down:
	@test ! -x $(BIN)/mch || $(BIN)/mch down

# A process a core, each with embedded stores of its own.
test: install-dev web
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile

faults: install-dev web
	$(BIN)/python -m pytest -m faults tests/faults

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy domain cluster actors pipelines deployments tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/python .ci/ceilings.py
	$(BIN)/python -m deployments.web.build --check

bench: install-dev web
	$(BIN)/python -m benchmarks --short

lock: $(BIN)/uv
	.ci/lock

# The real Kafka and Weaviate of the contract tests, which `python -m tests.services run` starts.
services: install-dev
	@.ci/services

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

web: $(VENV)/.installed
	@$(BIN)/python -m deployments.web.build

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# UV_TORCH_BACKEND=cpu makes uv fetch torch's small build without CUDA. Compiled once here, libraries
# are imported in half the time by each process of the hub.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --requirement requirements.lock
	$(BIN)/uv pip install --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --requirement requirements-dev.lock
	@touch $@
