# `make demo` and `make test` do all their own set-up: a machine needs Python 3.11 and make, nothing else.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_PYTHON_DOWNLOADS := never
.DEFAULT_GOAL := help

.PHONY: help demo test check contract bench docs campaign lock

demo: $(VENV)/.stamp  ## start the product and both emulators; RESET=1 starts afresh
	@exec $(BIN)/smartapp demo $(if $(RESET),--reset)

test: $(VENV)/.stamp  ## every test that can run here; names what it skipped
	@$(BIN)/python tools/run_tests.py

help:  ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

check: $(VENV)/.stamp  ## format, lint, types, import contracts, house rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/check_house.py

contract: $(VENV)/.stamp  ## the port contracts on every implementation
	@$(BIN)/pytest tests/contract

bench: $(VENV)/.stamp  ## measure the budgets; exits 1 when a ratio is missed
	@$(BIN)/python benchmarks/run.py

docs: $(VENV)/.stamp  ## redraw diagrams from the transition tables
	@$(BIN)/python tools/draw_docs.py

campaign: $(VENV)/.stamp  ## the long proofs, recorded in docs/proofs.md
	@SEEDS="$(SEEDS)" FROM="$(FROM)" $(BIN)/python tools/campaign.py

lock: $(BIN)/uv  ## renew requirements.lock (universal, no host in it)
	@$(BIN)/uv pip compile -q --upgrade --universal --no-header --all-extras --group dev pyproject.toml -o requirements.lock

$(BIN)/uv:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; '$(PY)' is older. Name another: make PY=python3.12"; exit 1; }
	@$(PY) -c 'import ensurepip' 2>/dev/null || { S=$$([ $$(id -u) = 0 ] || echo sudo); echo "Installing python3-venv ..."; \
	  $$S apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$S apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; }
	@rm -rf $(VENV); $(PY) -m venv $(VENV) && $(BIN)/python -m pip install -q --disable-pip-version-check 'uv>=0.9'

$(VENV)/.stamp: $(BIN)/uv requirements.lock pyproject.toml
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q -r requirements.lock && VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q --no-deps -e . && touch $@
