# Needs Python 3.11 or newer and make. `make` alone lists the targets.
PYTHON ?= python3
TEST_WORKERS ?= 2
PY := .venv/bin/python
BOOTSTRAP := @$(PYTHON) tools/bootstrap.py

# What mypy's Django plugin reads; nothing of it has to run.
READS_SETTINGS := STILLPOINT_LOCAL=true DATABASE_URL=postgres://nowhere REDIS_URL=redis://nowhere

.DEFAULT_GOAL := help
.PHONY: help run demo test test-slow check format bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## the whole studio on this machine; PORT=8001 make run chooses the port
	$(BOOTSTRAP)
	@$(PY) manage.py up

demo: ## book an appointment, watch its mail arrive, and stop
	$(BOOTSTRAP)
	@$(PY) manage.py demo

test: ## every test but the slow ones, with a database and a broker of its own
	$(BOOTSTRAP) test lint
	@$(PY) -m pytest -n $(TEST_WORKERS) -m "not slow"

test-slow: ## the tests that take minutes
	$(BOOTSTRAP) test lint
	@$(PY) -m pytest -m slow

check: ## linters, types, import contracts, missing migrations, fast tests
	$(BOOTSTRAP) test lint
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m djlint --check --lint --quiet booking config content notifications web
	@$(READS_SETTINGS) $(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m config.embedded.scratch ./manage.py makemigrations --check --dry-run
	@$(PY) -m pytest -n $(TEST_WORKERS) -m "not slow and not processes"

format: ## let ruff and djlint lay out the code
	$(BOOTSTRAP) test lint
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

bench: ## measure against what is possible on this machine
	$(BOOTSTRAP) test
	@$(PY) -m bench

lock: ## resolve the packages anew and export requirements.txt
	$(BOOTSTRAP)
	@$(PY) -m tools.lock

clean: ## remove the local data: database, broker, mail, logs
	@if [ -x $(PY) ]; then $(PY) -m config.embedded.clean; else rm -rf var; fi
	@rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis
