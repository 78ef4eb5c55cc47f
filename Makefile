# Everything sets itself up in .venv, with any Python from 3.11 on; a second run reuses it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
# The minimal environment takes the newest Python there is, so that the newest JAX is tested beside the oldest.
NEWEST ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
VENV := .venv
MINIMAL := .venv-minimal
RUN := $(VENV)/bin/python
JOBS ?= 2
# A file's tests in one process: they share programs.
PYTEST := $(RUN) -m pytest -q -n $(JOBS) --dist loadfile
PAGES := tests/test_docs.py
# Programs that run once: XLA's former emitters compile them in half the time. Not for what is marked `optimised`, and
# not where XLA no longer knows the flag: it aborts at one that it does not know.
EMITTERS := --xla_cpu_use_fusion_emitters=false
quick = XLA_FLAGS="$$XLA_FLAGS $$(XLA_FLAGS=$(EMITTERS) $(1) -c 'import jax; jax.devices()' >&- 2>&- && echo $(EMITTERS))"
# The engine's tests but for those that repeat the definition in other dtypes: there is one process only.
ENGINE_ONCE := tests/_engine/test_run.py::test_run_matches_definition \
	$(addprefix tests/_engine/test_,bilinear.py memory.py select.py spectra.py transforms.py)
PIP_QUIET := -m pip install -q --disable-pip-version-check

.PHONY: help demo test test-pages test-full test-peers test-minimal lint types docs bench check format clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.experiments ## Find things in real images, make textures: figures, JSON in experiments/*/results
	@$(RUN) -m experiments.template_matching.run all
	@$(RUN) -m experiments.style_transfer.run all --overwrite

test: $(VENV)/.test ## Run the tests (no PyTorch needed)
	$(call quick,$(RUN)) $(PYTEST) -m "not peers and not full and not optimised" --ignore=$(PAGES)
	$(PYTEST) -m "optimised and not peers and not full"

test-pages: $(VENV)/.test ## Run the code of README, docs and docstrings
	$(call quick,$(RUN)) $(PYTEST) --dist load $(PAGES)

test-full: $(VENV)/.peers ## Also the whole product of methods, geometries and dtypes
	$(PYTEST) -m "not peers"
	$(PYTEST) -m "peers and full"

test-peers: $(VENV)/.peers ## Compare with the real NumPy, SciPy, ndimage, PyTorch and OpenCV
	$(call quick,$(RUN)) $(PYTEST) -m "peers and not full"

test-minimal: $(MINIMAL)/.ready ## The core's tests where only jax, jaxlib, numpy, optax and pytest are installed
	$(call quick,$(MINIMAL)/bin/python) $(MINIMAL)/bin/python -m pytest -q -m "not peers and not full" tests/_core tests/test_import.py $(ENGINE_ONCE)

lint: $(VENV)/.lint ## Style and dead code
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.lint $(VENV)/.test ## Type check
	$(VENV)/bin/pyright

docs: $(VENV)/.docs ## Build the pages into docs/_build
	JAX_PLATFORMS=cpu $(RUN) -m sphinx -W -q -b html docs docs/_build

bench: $(VENV)/.peers ## Measure beside JAX, SciPy, PyTorch and OpenCV; writes docs/benchmarks*.md (40 minutes, idle machine)
	$(RUN) -m experiments.benchmarks.run

check: lint types test test-pages test-peers test-minimal docs ## Everything CI runs

format: $(VENV)/.lint ## Rewrite the code in the house style
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean: ## Remove environments, caches and results
	rm -rf $(VENV) $(MINIMAL) docs/_build .pytest_cache .ruff_cache .hypothesis experiments/*/results

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "sigconv needs Python 3.11 or newer; none was found on the PATH." >&2; exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.experiments: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the experiments need"
	@$(RUN) $(PIP_QUIET) -e ".[experiments]"
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need"
	@$(RUN) $(PIP_QUIET) -e ".[experiments,test]"
	@touch $@

$(VENV)/.peers: $(VENV)/.test
	@echo "Installing the libraries to compare with"
	@$(RUN) $(PIP_QUIET) -e ".[experiments,test,peers]"
	@touch $@

$(VENV)/.lint: pyproject.toml | $(VENV)/bin/python
	@$(RUN) $(PIP_QUIET) -e ".[lint]"
	@touch $@

$(VENV)/.docs: pyproject.toml | $(VENV)/bin/python
	@$(RUN) $(PIP_QUIET) -e ".[docs]"
	@touch $@

$(MINIMAL)/.ready: pyproject.toml
	@rm -rf $(MINIMAL) && $(NEWEST) -m venv $(MINIMAL)
	@$(MINIMAL)/bin/python $(PIP_QUIET) jax jaxlib numpy optax pytest
	@touch $@
