"""Stored releases of every making are clean, and what is planted in one is found and sealed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.corpus.hostile_media import picture
from tests.corpus.test_duplicates import saved, sung
from tests.harness.toys import glass

from mindveil.attack.original_files import OriginalFiles
from mindveil.attack.release_leaks import ReleaseLeaks, Search
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import MediaFile, Participant
from mindveil.harness.context import Context, context_of
from mindveil.harness.file_leaks import DETAILS, measure_files
from mindveil.harness.protect import Beside, protect_corpus
from mindveil.harness.releases import make_release
from mindveil.plan import CellPlan
from mindveil.study_file import load_study

STUDY = """\
study  = "toy"
seed   = 7
corpus = "corpus"
out    = "run"

[split]
folds = 4

[[release]]
name  = "redacted"
steps = [{ use = "text/anonymise", level = 1 }, { use = "scales/anonymise", level = 1 }]

[[release]]
name  = "anonymised"
steps = [{ use = "text/anonymise", level = 2 }, { use = "scales/anonymise", level = 2, k = 3 }]

[[release]]
name  = "voices"
steps = [{ use = "voice/mcadams" }]

[[release]]
name  = "table"
steps = [{ use = "synthesise/copula" }]

[[release]]
name  = "detector"
steps = [{ use = "train/central", target = "phq9>=13", modality = "scales" }]

[attack]
use = ["release/leaks"]

[utility]
use = ["detect/phq9>=13"]
modalities = ["scales"]
"""
PEOPLE = 24
RECORDED = 24
"""Enough that times in the order of people cannot be chance: twelve are released in a fold."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    root = tmp_path_factory.mktemp("files")
    (root / "raw").mkdir()
    corpus = glass(PEOPLE, np.random.default_rng(3))
    first, rest = corpus.participants[:RECORDED], corpus.participants[RECORDED:]
    people = [_recorded(p, root / "raw", n) for n, p in enumerate(first)]
    save_corpus(corpus.with_people([*people, *rest]), root / "corpus")
    (root / "study.toml").write_text(STUDY)
    made = context_of(load_study(root / "study.toml"))
    made.folder.prepare()
    return made


def _recorded(person: Participant, raw: Path, number: int) -> Participant:
    face = raw / f"{number}_face.jpg"
    face.write_bytes(picture("JPEG"))
    media = {
        "voice": (MediaFile(path=saved(raw, f"{number}_voice.wav", sung(number, 1.5))),),
        "face": (MediaFile(path=face),),
    }
    first, *later = person.sessions
    return replace(person, sessions=(replace(first, media=media), *later))


def cell(context: Context, name: str) -> CellPlan:
    return next(c for c in context.plan.cells if (c.measure, c.release) == ("release/leaks", name))


def test_one_cell_a_release_and_none_of_the_original(context: Context) -> None:
    asked = [c for c in context.plan.cells if c.measure == "release/leaks"]
    assert [c.release for c in asked] == [
        *("redacted", "anonymised", "voices", "table", "detector")
    ]
    assert {(c.modality, c.attacker) for c in asked} == {("files", "ignorant")}


@pytest.mark.parametrize("name", [pytest.param("table", marks=pytest.mark.slow), "detector"])
def test_a_release_without_recordings_is_clean(context: Context, name: str) -> None:
    make_release(context, name)
    (row,) = measure_files(context, cell(context, name)).rows
    assert (row.value, row.control, row.unit, row.status) == (0.0, 0.0, "file", "ok"), row.note
    assert row.note.startswith("tier: light; none in")


@pytest.mark.parametrize("name", ["redacted", "anonymised", "voices"])
def test_a_release_of_recordings_is_clean(context: Context, name: str) -> None:
    make_release(context, name)
    (row,) = measure_files(context, cell(context, name)).rows
    assert (row.value, row.status) == (0.0, "ok"), row.note
    assert row.n is not None
    assert row.n > PEOPLE


def test_what_is_planted_is_found_and_told_to_the_steward_alone(context: Context) -> None:
    make_release(context, "anonymised")
    who = context.corpus.ids[4]
    place = context.folder.releases / "anonymised" / "fold-1-1" / f"{who}.bak"
    place.write_text("nothing")
    try:
        (row,) = measure_files(context, cell(context, "anonymised")).rows
    finally:
        place.unlink()
    assert row.value is not None
    assert row.value > 0
    assert who not in row.note
    assert "stray file in 1" in row.note
    told = json.loads((context.folder.sealed / DETAILS / "anonymised.json").read_text())
    assert {"file": f"fold-1-1/{who}.bak", "kinds": ["id", "stray file"]} in told["leaks"]


def test_a_release_that_is_handed_out_is_clean(context: Context, tmp_path: Path) -> None:
    protect_corpus(context, "redacted", tmp_path / "out", Beside())
    known = OriginalFiles.of(context.corpus, context.study.corpus)
    wanted = Search(folder=tmp_path / "out", changed=frozenset({"text"}))
    assert ReleaseLeaks().search(wanted, known, np.random.default_rng(1)).leaks == ()
