# `make demo` scores the example season, `make arrival` follows a stay through three processes,
# `make test` checks everything that is quick.
# All set up .venv, with uv where it is installed and with pip where it is not.
PYTHON ?= python3
BIN := .venv/bin
.PHONY: demo arrival test slow coverage mutation fuzz schemas docs lint bench clean

demo: .venv/ready
	$(BIN)/journeyscore score examples/hotel/season.jsonl --format table

arrival: .venv/ready
	$(BIN)/python -m examples.hotel.arrival

test: .venv/ready
	$(BIN)/python -m pytest -m "not slow" -n auto -q
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/ruff check .

slow: .venv/ready
	$(BIN)/python -m pytest -m slow -q

# the core, which is what `import journeyscore` reaches, live tracking and telemetry, to the last
# branch; of the edges a report
PACKAGE := src/journeyscore
EDGES := $(PACKAGE)/__main__.py,$(PACKAGE)/calibration.py,$(PACKAGE)/drivers.py,$(PACKAGE)/cli/*
EDGES := $(EDGES),$(PACKAGE)/convert/*,$(PACKAGE)/frames/*,$(PACKAGE)/relationship/*
EDGES := $(EDGES),$(PACKAGE)/report/*,$(PACKAGE)/store/*,$(PACKAGE)/team/*,$(PACKAGE)/testing/*
coverage: .venv/ready
	$(BIN)/python -m pytest -m "not slow" -n auto -q --cov --cov-report=
	$(BIN)/coverage report --include="$(EDGES)"
	$(BIN)/coverage report --omit="$(EDGES)" --fail-under=100

# every mutant of the modules that a wrong score would come out of; takes long. MODULES names some
MODULES ?=
mutation: .venv/ready
	nice -n 15 $(BIN)/python -m tests.mutation $(MODULES)

# FUZZ_SECONDS for each target, one after the other
FUZZ_SECONDS ?= 300
fuzz: .venv/ready
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest tests/fuzz -m slow -q

# after a class that has a format has changed
schemas: .venv/ready
	for name in event touchpoint journey tally policy score; do \
	  $(BIN)/journeyscore schema $$name > src/journeyscore/convert/schemas/$$name.schema.json; \
	done

docs: .venv/ready
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build
	@echo docs/_build/index.html

lint: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/ready
	$(BIN)/python -m benchmarks

.venv/ready: pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
	  uv pip install --quiet --python $(BIN)/python -e ".[all]" --group dev; \
	else \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[all]" --group dev; \
	fi
	@touch $@

clean:
	rm -rf .venv dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
