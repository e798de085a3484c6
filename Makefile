# make chat   the chat, in the browser       make test   all tests
# make eval   the evaluation suite           make lint   style, types and who may import whom
#
# The environment lies in .venv; it is made when needed, and again when what it holds has changed.

HOME_DIR ?= .home
PORT ?=
PYTHON ?= $(shell command -v python3.11 || command -v python3)

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq -c constraints.txt
PIN_FILES := pyproject.toml constraints.txt
READ := $(HOME_DIR)/.shipped-corpus
UNREAD := $(shell test -e '$(HOME_DIR)/archive.sqlite' && test -z "$$(find corpus -newer '$(READ)' 2>&1)" || echo again)

.DELETE_ON_ERROR:
.PHONY: chat eval test lint clean again

# `onrecord` ends by itself on Ctrl-C. The shell waits for it and reports no failure, so make has nothing to add.
chat: $(VENV)/installed $(READ)
	@trap : INT TERM; $(BIN)/onrecord chat --home "$(HOME_DIR)" $(if $(PORT),--port $(PORT)) || test $$? -ge 128

eval: $(VENV)/installed
	$(BIN)/onrecord eval run

# No test may see or change the archive of the person who runs it.
test: $(VENV)/installed-dev
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && ONRECORD_HOME="$$home" $(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) $(HOME_DIR) dist build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp, and not the archive itself: people add their own articles to the archive, which makes it newer than a change
# in corpus/ that it has not seen.
$(READ): $(VENV)/installed $(UNREAD)
	@echo "Reading the articles of corpus/ into $(HOME_DIR) ..."
	@$(BIN)/onrecord ingest --home "$(HOME_DIR)"
	@touch $@

$(VENV)/installed: $(PIN_FILES) | $(BIN)/python
	@echo "Installing what the product needs into $(VENV): about 2 GB, two to ten minutes, once ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/installed-dev: $(PIN_FILES) | $(BIN)/python
	@echo "Installing the product and the tools of its developers into $(VENV): about 2.4 GB, two to ten minutes, once ..."
	@$(PIP) -e '.[dev]'
	@touch $(VENV)/installed $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none is found; name one: make PYTHON=/path/to/it" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=/path/to/it" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
