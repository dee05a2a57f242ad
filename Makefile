# `make demo` needs Python 3.11 or newer and nothing else; `make help` lists the rest.
# Everything goes into .venv and .assay, both in this folder.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
STAMP := .venv/.installed
# `make test ARGS="-k embedded"`
ARGS :=
# A part of a test run is waiting for servers, of which each process has its own: three keep two cores busy. 0: all in one.
PROCESSES := 3
# Whatever the machine says, compiled modules are kept: without them each of the many processes compiles all of it anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo up test check soak bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-6s  %s\n", $$1, $$2}' Makefile

demo: $(STAMP) ## play a scheme's whole course on real results, in a folder of its own
	@$(BIN)/assay play examples/pilot/results.csv --scheme examples/pilot/scheme.toml \
		--assessments examples/pilot/first.csv --no-answer 14 --never-submits 20 \
		--again examples/pilot/second.csv --reaccredits 11 --data .assay/demo --fresh

up: $(STAMP) ## run everything on this machine, until Ctrl-C
	@$(BIN)/assay up

test: $(STAMP) ## run the tests on real servers (ARGS="..." goes to pytest)
	@$(BIN)/python -m pytest -q -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

soak: $(STAMP) ## run the long tests, with faults planted
	@$(BIN)/python -m pytest -q -m soak -s $(ARGS)

check: $(STAMP) ## lint, formatting, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(STAMP) ## run the benchmarks and print their ratios
	@$(BIN)/python -m bench $(ARGS)

lock: $(STAMP) ## write requirements.lock anew from pyproject.toml
	@$(PIP) install uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock

clean: ## remove what make and the tools made, but for the data in .assay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python that will do, and that can make environments. One that works already stays, so a change of
# requirements takes seconds.
$(STAMP): requirements.lock pyproject.toml
	@if ! $(BIN)/python -c '' 2>/dev/null; then \
		python=; able=; \
		for name in python3.14 python3.13 python3.12 python3.11 python3; do \
			"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
			python=$$name; \
			if "$$name" -c 'import ensurepip, venv' 2>/dev/null; then able=yes; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "Assay needs Python 3.11 or newer; install it and run make again." >&2; exit 1; fi; \
		if [ -z "$$able" ]; then \
			echo "$$python can't make environments; install its venv package (Debian: python3-venv) and run make again." >&2; exit 1; fi; \
		echo "Making .venv with $$python ..."; \
		"$$python" -m venv --clear .venv || exit 1; \
	fi
	@echo "Installing what requirements.lock lists; the first time this takes a minute or two ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
