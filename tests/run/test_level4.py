"""A study whose release is synthetic people with measures of words, voice and face: level 4."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.run.studies import call
from tests.synthesise.measured_people import planted

from mindveil.corpus.manifest import load_corpus, save_corpus

STUDY = """\
study  = "measures"
seed   = 7
corpus = "corpus"
out    = "run"

[split]
folds = 3

[[release]]
name  = "people"
steps = [{ use = "synthesise/copula" }]

[attack]
use = ["synthetic/tracing"]
attackers = ["ignorant"]

[utility]
use = ["detect/phq9>=9"]
modalities = ["fused", "text", "voice", "scales"]
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("level4")
    save_corpus(planted(90, recorded=0.9), folder / "corpus")
    (folder / "study.toml").write_text(STUDY)
    done = call("run", folder / "study.toml", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return folder


def test_detectors_learn_from_synthetic_measures(finished):
    rows = pd.read_csv(finished / "run" / "scorecard.csv")
    mine = rows[(rows.release == "people") & (rows.measure == "detect/phq9>=9")]
    there = mine[mine.metric == "auroc"].set_index("modality").value
    assert {"fused", "text", "voice"} <= set(there.index)
    assert np.isfinite(there).all()
    assert there["text"] > 0.5


def test_tracing_reads_the_measures_as_columns(finished):
    rows = pd.read_csv(finished / "run" / "scorecard.csv")
    traced = rows[(rows.release == "people") & (rows.measure == "synthetic/tracing")]
    advantage = traced[traced.metric == "advantage"].value
    assert np.isfinite(advantage).all()


def test_a_protected_corpus_holds_measures_alone_and_passes_the_check(finished):
    done = call("protect", finished / "study.toml", "people", finished / "out")
    assert done.returncode == 0, done.stderr
    assert call("check", finished / "out").returncode == 0
    made = load_corpus(finished / "out")
    assert made.modalities == {"text", "voice", "face", "scales"}
    files = [f for p in made.participants for s in p.sessions for m in s.media.values() for f in m]
    assert all(f.task == "measures" and f.path.suffix == ".parquet" for f in files)
