# `make` explains itself. Needs Python 3.11 or newer; everything else comes from requirements*.txt.

VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
WITH_SERVERS := $(BIN)/python -m booking_site.embedded exec
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
BABEL := $(BIN)/python -m babel.messages.frontend
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

# The first Python that is new enough; `make PYTHON=...` takes another one.
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$python -c '$(IS_NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test check check-django format schema schema-in messages lock manage clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: $(RUN) ## Run the site with its own PostgreSQL and Valkey, until Ctrl-C
	@exec $(BIN)/python -m booking_site.embedded serve

test: check ## Run all checks and all tests, on servers that are deleted afterwards
	@$(WITH_SERVERS) --ephemeral -- $(BIN)/pytest

check: $(DEV) ## Check style, types, imports, migrations, settings and the API's schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	@$(WITH_SERVERS) --ephemeral -- $(MAKE) --no-print-directory check-django

# Called by `check`, with servers, a secret and a DATA_DIR that is deleted afterwards.
check-django:
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo "Comparing docs/openapi.yaml and docs/problems.md with the code"
	@$(MAKE) --no-print-directory schema-in DIRECTORY="$$DATA_DIR"
	@for file in openapi.yaml problems.md; do diff -u docs/$$file "$$DATA_DIR/$$file" || { \
		echo "docs/$$file is out of date: run 'make schema' and commit it."; exit 1; }; done

format: $(DEV) ## Format the code and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(DEV) ## Write docs/openapi.yaml and docs/problems.md from the code
	@$(WITH_SERVERS) --ephemeral -- $(MAKE) --no-print-directory schema-in DIRECTORY=docs

# Called by `schema` and `check-django`, with a secret.
schema-in:
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file $(DIRECTORY)/openapi.yaml
	@$(BIN)/python manage.py document_problems $(DIRECTORY)/problems.md

messages: $(DEV) ## Bring locale/ up to date with the texts in the code, and compile it
	@$(BABEL) --quiet extract -F pyproject.toml --no-location --omit-header -o locale/django.pot .
	@$(BABEL) --quiet update -D django -d locale -i locale/django.pot --no-fuzzy-matching \
		--no-wrap --ignore-obsolete --ignore-pot-creation-date
	@rm locale/django.pot
	@$(BABEL) compile -D django -d locale --statistics

lock: $(DEV) ## Pin what requirements*.in ask for, with hashes
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt

manage: $(RUN) ## Run a command of Django: make manage cmd="check_ledger"
	@$(WITH_SERVERS) -- $(BIN)/python manage.py $(cmd)

clean: ## Delete what is installed and cached; the data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Python is a prerequisite, so that another Python gets its packages anew.
$(RUN): requirements.txt $(BIN)/python
	@echo "Installing what the site needs ..."
	@$(INSTALL) -r $<
	@touch $@

$(DEV): requirements-dev.txt $(BIN)/python
	@echo "Installing what tests and checks need ..."
	@$(INSTALL) -r $<
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer is needed, and none was found. Install it, or name it:"; \
		echo "  make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@$(PYTHON) -c '$(IS_NEW_ENOUGH)' || { \
		echo "$(PYTHON) is too old: Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
