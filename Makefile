# Two commands do everything: `make run` serves the chat, `make test` checks the project.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
comma := ,
PIP := $(BIN)/python -m pip
# uv installs several times as fast as pip; it is taken where it lies in the environment, as CI puts it there.
INSTALL = { [ -x $(BIN)/uv ] && $(BIN)/uv pip install --python $(BIN)/python $(1); } || $(PIP) install $(1)
TORCH := $(shell sed -n '/^torch==/p' constraints.txt)
TORCH_CPU_INDEX := https://download.pytorch.org/whl/cpu

# Tests wait for servers and for other processes; one worker more than there are cores works meanwhile.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test slow screenshots check lint types units browser format constraints clean

help: ## show these lines
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

install: $(VENV)/.installed ## make .venv with the versions that were tested

run: $(VENV)/.installed ## index ./docs and serve the chat in the browser
	$(BIN)/python -m ingest ./docs
	$(BIN)/docent ui

test: lint ## check the code and run the tests, but for the slow ones
	@# The types take what the tests leave of the machine.
	$(MAKE) --jobs 2 types units
	$(MAKE) browser

slow: $(VENV)/.installed-dev ## run the slow tests: kills, long conversations, journeys in the browser
	$(BIN)/python -m pytest -m slow --timeout 300

check: lint types ## lint, formatting and types only

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	nice $(BIN)/mypy

units: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not slow" --numprocesses $(WORKERS) --dist loadfile --ignore tests/browser

browser: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not slow" tests/browser

screenshots: $(VENV)/.installed-dev ## take the pictures of docs/images anew
	$(BIN)/python benchmarks/screenshots.py

format: $(VENV)/.installed-dev ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

constraints: $(VENV)/.installed-dev ## pin the versions that are installed now
	{ sed -n '/^#/p' constraints.txt; $(PIP) freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.new
	mv constraints.new constraints.txt

clean: ## remove the environment; your data stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache

# The stamps let an unchanged environment cost nothing, and a changed pin install itself.
$(VENV)/.installed: $(VENV)/.torch pyproject.toml constraints.txt
	$(call INSTALL,--constraint constraints.txt --editable '.[legacy]')
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(call INSTALL,--quiet --constraint constraints.txt --editable '.[dev$(comma)legacy]')
	@touch $@

# PyTorch comes first and alone: its usual Linux package brings gigabytes of CUDA that a machine without
# an NVIDIA GPU has no use for. The same version from the CPU index satisfies the pin as well.
$(VENV)/.torch: constraints.txt | $(VENV)/.made
	@echo "Installing Docent into $(VENV); the first time takes some minutes."
	@if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1; then \
	  $(PIP) install --no-deps $(TORCH); \
	elif $(BIN)/python -c "import urllib.request as u; u.urlopen('$(TORCH_CPU_INDEX)/', timeout=5)" 2>/dev/null; then \
	  $(PIP) install --no-deps --index-url $(TORCH_CPU_INDEX) $(TORCH); \
	else \
	  echo "$(TORCH_CPU_INDEX) does not answer; taking PyTorch from the usual index."; \
	  $(PIP) install --no-deps $(TORCH); \
	fi
	@touch $@

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Docent needs Python 3.11 or newer. Name one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python cannot make environments. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@
