# Two commands do everything: `make demo` and `make test`. Both create and fill .venv in this folder.
# `make test SLOW=1` runs the slow tests too, `make benchmarks` prints the measured costs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MARKED := $(if $(SLOW),,-m "not slow")

.PHONY: demo test format benchmarks samples clean

demo: $(VENV)/core
	$(BIN)/audit demo

test: $(VENV)/complete
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile $(MARKED) $(ARGS)

format: $(VENV)/complete
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmarks: $(VENV)/complete
	$(BIN)/python -m tests.benchmarks.frame
	$(BIN)/python -m tests.benchmarks.isolation
	$(BIN)/python -m tests.benchmarks.scan
	$(BIN)/python -m tests.benchmarks.evasion_coverage
	$(BIN)/python -m tests.benchmarks.evasion_exact
	$(BIN)/python -m tests.benchmarks.evasion_strength
	$(BIN)/python -m tests.benchmarks.evasion_speed
	$(BIN)/python -m tests.benchmarks.evasion_masked
	$(BIN)/python -m tests.benchmarks.evasion_constraints
	$(BIN)/python -m tests.benchmarks.evasion_statistics
	$(BIN)/python -m tests.benchmarks.poison_tables
	$(BIN)/python -m tests.benchmarks.poison_images
	$(BIN)/python -m tests.benchmarks.poison_labels
	$(BIN)/python -m tests.benchmarks.poison_words_and_copies
	$(BIN)/python -m tests.benchmarks.poisoning_curve
	$(BIN)/python -m tests.benchmarks.backdoor_networks
	$(BIN)/python -m tests.benchmarks.feedback
	$(BIN)/python -m tests.benchmarks.pii_speed
	$(BIN)/python -m tests.benchmarks.pii_sentences
	$(BIN)/python -m tests.benchmarks.pii_languages
	$(BIN)/python -m tests.benchmarks.pii_columns
	$(BIN)/python -m tests.benchmarks.pii_memory
	$(BIN)/python -m tests.benchmarks.reidentification
	$(BIN)/python -m tests.benchmarks.cyclonedx_schema
	$(BIN)/python -m tests.benchmarks.verify
	$(BIN)/python -m tests.benchmarks.hashing

samples: $(VENV)/complete
	$(BIN)/python sample_models/make.py

$(VENV)/core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/complete: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@ $(VENV)/core

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
