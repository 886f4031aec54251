# Two commands are enough: `make demo` and `make test`. Each sets itself up first.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv)
STAMP := $(VENV)/.installed
PAGE := $(BIN)/python -m alphapulse_cli.page_build
# every run of Dagster is a process of its own: what is compiled is kept, whatever this shell is used to
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo up page check test lint format bench lock clean help

help:
	@echo "make demo    the whole platform on simulated venues, until Ctrl-C"
	@echo "make up      the same on the real venues"
	@echo "make page    the terminal's page alone (demo and up build it while they start)"
	@echo "make check   style, imports, types, and the unit tests without the slow ones"
	@echo "make test    the test suite (ALPHAPULSE_TEST_DSN: on that server)"
	@echo "make lint    style, imports, types"
	@echo "make bench   benchmarks beside their baselines"

# the environment is exactly the lock file, every file checked by its hash; nothing is resolved anew
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "AlphaPulse needs Python 3.11 to 3.13; set PYTHON=/path/to/python3.11" >&2; exit 1; }
ifeq ($(UV),)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
else
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	UV_COMPILE_BYTECODE=1 $(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
endif
	@touch $(STAMP)

# the page is built while the platform starts, and only where its sources are not those it was built from
demo: $(STAMP)
	@$(PAGE) & $(BIN)/alphapulse demo

up: $(STAMP)
	@$(PAGE) & $(BIN)/alphapulse up

page: $(STAMP)
	@$(PAGE)

# what is looked at before each commit
check: lint
	$(BIN)/python -m pytest -n auto -m "not slow" tests/unit

# machine code first: made once here, not once in each worker; then all that may share the machine, the demo in
# front and the files that take longest next, so that the many small ones fill the workers at the end; what
# promises seconds comes last and alone
test: $(STAMP)
	$(PAGE) test
	$(BIN)/python -m alphapulse_assets.streaming.numba_warmup
	$(BIN)/python -m pytest -n auto --no-loadscope-reorder -m "not alone" tests/e2e tests/integration tests/unit
	$(BIN)/python -m pytest -m alone tests/e2e

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar sql
	$(BIN)/mypy
	$(PAGE) types

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	$(BIN)/python -m bench all

# exact versions and hashes for every platform, without the address of any package index
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" --upgrade --quiet \
		--output-file requirements.lock

clean:
	rm -rf dashboard/node_modules dashboard/dist $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
