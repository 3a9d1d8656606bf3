# Every target sets up what it needs: a private uv, the environment from uv.lock, Qt's libraries.
PYTHON ?= python3
TOOLS := .tools
UV := $(TOOLS)/bin/uv
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced
TEST_STAMP := $(VENV)/.ready-to-test
MODELS := $(TOOLS)/llm
MODELS_STAMP := $(MODELS)/.installed
JOBS ?= 2

export UV_PYTHON_DOWNLOADS ?= never
export UV_PROJECT_ENVIRONMENT := $(VENV)
# As pip does: what is compiled at each start makes the window wait.
export UV_COMPILE_BYTECODE ?= 1

.PHONY: run test test-models test-unit lint format screenshots bench bundle clean

run: $(STAMP)
	@$(BIN)/python packaging/run.py

test: $(TEST_STAMP) $(MODELS_STAMP)
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n $(JOBS) --maxschedchunk 1

test-models: $(MODELS_STAMP)

test-unit: $(STAMP)
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n $(JOBS) tests/unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: $(STAMP)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.qt.make_screenshots

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks

bundle: $(TEST_STAMP)
	$(BIN)/python build_installer.py

clean:
	rm -rf .venv .venv-* $(TOOLS) build dist out

$(UV):
	PIP_ROOT_USER_ACTION=ignore $(PYTHON) -m pip install --quiet --disable-pip-version-check --target $(TOOLS) uv

$(STAMP): pyproject.toml uv.lock packaging/system_libraries.sh resources/system_libraries.txt | $(UV)
	sh packaging/system_libraries.sh
	$(UV) sync --frozen --quiet --extra dev --python $(PYTHON)
	@touch $@

$(TEST_STAMP): $(STAMP)
	PYTHON=$(PYTHON) sh packaging/system_libraries.sh test
	@touch $@

$(MODELS_STAMP): packaging/test_models.sh | $(UV)
	sh packaging/test_models.sh $(UV) $(PYTHON) $(MODELS)
	@touch $@
