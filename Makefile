# Every target sets up all it needs on a fresh machine: an environment of its own in .venv,
# filled from the hash-pinned lock by uv (bootstrapped with pip).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
# What is compiled is kept, whatever the machine says: the tests begin hundreds of processes of Python.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint types check bench soak docs lock templates clean setup system-tools

demo: setup
	$(BIN)/kangdang demo demo

# The types are looked at while the tests run: one core would stand idle meanwhile.
test: setup system-tools lint
	@$(BIN)/mypy & types=$$!; \
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"; tests=$$?; \
	wait $$types && exit $$tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

bench: setup system-tools
	$(RUN) -m bench.run

# One part by name (make soak PART=scans), or all; what was finished for these files is not run again.
soak: setup system-tools
	$(RUN) -m tests.soak $(PART)

docs: setup
	$(RUN) -m docs.generate

templates: setup
	$(BIN)/kangdang template build

setup: $(VENV)/.ready

$(BIN)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.ready: requirements.lock pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Real tools for real tests.  Installed where this is root on Debian; elsewhere named, and the tests that
# need them are skipped by name.
system-tools:
	@sh tests/system-tools.sh

# One lock for Linux and Windows, runtime and development; hashes only, any mirror serves.
lock: | $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) demo build dist
