# make run: set up and start. make test: set up and test. Both install all they need into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The suite starts hundreds of processes: without compiled files each would compile anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-all lint bundle screenshots texts clean

run: $(VENV)/ready-run
	@sh tools/run.sh $(BIN)

# Two processes: the suite is for two cores. A file's tests stay together, for they share what is
# dear to make.
test: $(VENV)/ready-test
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-all: test
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bundle: $(VENV)/ready-bundle
	$(BIN)/python installers/build_bundle.py
	$(BIN)/python installers/smoke_test.py dist/tinystudio/tinystudio

screenshots: $(VENV)/ready-run
	$(BIN)/python tools/screenshots.py

# The catalogue of all texts that the window shows, and every translation beside it.
texts: $(VENV)/ready-run
	$(BIN)/python tools/collect_texts.py

$(VENV)/ready-run: pyproject.toml tools/setup.sh
	@sh tools/setup.sh $(PYTHON) $(VENV) "."
	@touch $@

$(VENV)/ready-test: pyproject.toml tools/setup.sh
	@sh tools/setup.sh $(PYTHON) $(VENV) ".[test]"
	@touch $@ $(VENV)/ready-run

$(VENV)/ready-bundle: pyproject.toml tools/setup.sh
	@sh tools/setup.sh $(PYTHON) $(VENV) ".[bundle]"
	@touch $@

clean:
	rm -rf $(VENV) build dist demo-output
