# Two commands for a newcomer: `make demo` and `make test`. Both set everything up first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
export OMP_NUM_THREADS      = 1
export OPENBLAS_NUM_THREADS = 1

.PHONY: demo test test-all check sample docs bench setup setup-dev clean

demo: setup                ## run the main job on the embedded sample cohort
	$(BIN)/mindveil demo demo

test: setup-dev            ## the tests, without the slow ones
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: setup-dev        ## all tests, slow ones too
	$(BIN)/python -m pytest -n 2

check: setup-dev           ## style, types, the one-way flow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

sample: setup-dev          ## build the embedded sample cohort again, byte for byte
	$(BIN)/python -m mindveil.corpus.sample.build src/mindveil/corpus/sample

docs: setup-dev            ## check that the documentation runs and is complete
	$(BIN)/python -m pytest -q tests/docs

bench: setup               ## measure speed and recall against a baseline, side by side
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# pip's own configuration (PIP_FIND_LINKS, PIP_INDEX_URL, pip.conf) decides where packages come
# from; versions are pinned in constraints.txt. The stamps make a second call start at once.
setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt --editable '.[text,voice,face]'
	$(BIN)/mindveil models install
	touch $@

setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) install --quiet --constraint constraints.txt --editable '.[text,voice,face,asr,dev]'
	touch $@

clean:                     ## remove what was made; weights stay in their cache
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
