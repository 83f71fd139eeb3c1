"""The search of released files: fifty ways planted, each found, and nothing in a clean folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.attack.planted_leaks import FOLD, WAYS, WHO, World

from mindveil.attack.base import Knowledge
from mindveil.attack.disguises import PREFIX, Sought
from mindveil.attack.file_names import code_kinds
from mindveil.attack.hidden_words import binary_in, kinds_in
from mindveil.attack.original_files import OriginalFiles, sought_of
from mindveil.attack.release_leaks import ReleaseLeaks, Search, Searched
from mindveil.corpus.model import Column
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.release import DataRelease

CHANGED = frozenset({"text", "voice", "face"})


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("leaks"))


@pytest.fixture(scope="module")
def known(clean: World) -> OriginalFiles:
    return OriginalFiles.of(clean.corpus, clean.originals)


@pytest.fixture
def world(clean: World, tmp_path: Path) -> World:
    copy = object.__new__(World)
    copy.__dict__.update(vars(clean))
    copy.release = tmp_path / "release"
    shutil.copytree(clean.release, copy.release)
    copy.fold = copy.release / FOLD
    return copy


def search(world: World, known: OriginalFiles) -> Searched:
    wanted = Search(folder=world.release, changed=CHANGED, person_of={FOLD: world.person_of})
    return ReleaseLeaks().search(wanted, known, np.random.default_rng(1))


def test_a_clean_release_gives_nothing(clean: World, known: OriginalFiles) -> None:
    found = search(clean, known)
    assert found.leaks == ()
    assert found.files == len([p for p in clean.release.rglob("*") if p.is_file()])
    assert (found.recordings, found.lengths_kept) == (3, 3)  # lengths are told and no leak


@pytest.mark.parametrize("way", WAYS)
def test_every_planted_way_is_found(way: str, world: World, known: OriginalFiles) -> None:
    plant, kind = WAYS[way]
    try:
        plant(world)
    except OSError:
        if way != "attribute of a file":
            raise
        pytest.skip("this disk keeps no attributes")
    found = search(world, known)
    assert kind in found.counts, (way, found)
    assert len(found.leaks) < found.files, "what was planted in one place is not everywhere"


def test_the_originals_themselves_leak(clean: World, known: OriginalFiles) -> None:
    found = ReleaseLeaks().search(Search(folder=clean.originals), known, np.random.default_rng(1))
    assert {"id", "identifier", "date", "link", "time", "metadata"} <= found.counts.keys()
    assert len(found.leaks) > found.files / 2


def test_a_step_that_changed_nothing_is_told_of_recordings_alone(
    world: World, known: OriginalFiles
) -> None:
    untouched, _ = WAYS["recording that was not touched"]
    untouched(world)
    wanted = Search(folder=world.release, changed=frozenset({"text"}))
    assert not ReleaseLeaks().search(wanted, known, np.random.default_rng(1)).leaks


def test_a_release_in_memory_says_that_it_has_no_files(clean: World) -> None:
    nobody = Knowledge(
        attacker="ignorant", known=clean.corpus, reference=clean.corpus, protect=None
    )
    release = DataRelease(name="original", corpus=clean.corpus)
    with pytest.raises(InvalidMeasurement, match="in memory"):
        ReleaseLeaks().run(release, nobody, np.random.default_rng(1))


def test_nothing_to_search_is_no_clean_release(tmp_path: Path, known: OriginalFiles) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(InvalidMeasurement, match="no file"):
        ReleaseLeaks().search(Search(folder=tmp_path), known, rng)
    with pytest.raises(InputError, match="no folder"):
        ReleaseLeaks().search(Search(folder=tmp_path / "gone"), known, rng)


def test_a_search_that_misses_its_decoys_is_invalid(
    clean: World, known: OriginalFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mindveil.attack.released_files.bytes_in", lambda *_: set())
    with pytest.raises(InvalidMeasurement, match="decoy"):
        search(clean, known)


def test_short_ids_are_looked_for_in_names_and_codes_alone(clean: World) -> None:
    numbers = [str(n) for n in range(1, 25)]
    people = tuple(
        replace(p, participant_id=n)
        for p, n in zip(clean.corpus.participants, numbers, strict=True)
    )
    sought = sought_of(replace(clean.corpus, participants=people))
    assert kinds_in("age 12, item 07, arm 1", sought) == set()
    assert code_kinds("12", sought) == code_kinds("012", sought) == {"id"}
    assert kinds_in(hashlib.sha256(b"12").hexdigest(), sought) == {"hidden id"}


WORDS = "text voice face male town participant quasi phq9 sub ses".split()


def test_an_id_that_every_release_says_is_no_leak_but_its_codes_are(clean: World) -> None:
    people = [
        replace(p, participant_id=w, attributes={**p.attributes, "sex": "male"})
        for p, w in zip(clean.corpus.participants, WORDS, strict=False)
    ]
    columns = {**clean.corpus.columns, "sex": Column(role="quasi", kind="nominal")}
    corpus = replace(clean.corpus, participants=tuple(people), columns=columns)
    sought = sought_of(corpus)
    scheme = "sub-X7/ses-01/voice/sub-X7_ses-01_voice.flac phenotype/phq9.tsv sex\tmale quasi"
    assert kinds_in(f"{scheme} participant_id", sought) == set()
    assert code_kinds("male", sought) == {"id"}
    assert kinds_in(hashlib.sha256(b"male").hexdigest(), sought) == {"hidden id"}


def test_a_description_that_names_somebody_does_not_make_her_id_common(clean: World) -> None:
    told = Column(role="quasi", kind="number", description="asked first by P0007")
    named = replace(clean.corpus, columns={**clean.corpus.columns, "age": told})
    assert kinds_in(f"asked first by {WHO}", sought_of(named)) == {"id"}


def is_numeric(full: str) -> bool:
    """Whether a whole MD5 digest begins like a number."""
    return len(full) == 32 and full[:PREFIX].isdigit()


def test_numbers_of_a_table_are_no_digests() -> None:
    sought = Sought.of([f"P{n:04d}" for n in range(3000)])
    whole = next(f for held in sought.digests.values() for f in held if is_numeric(f))
    start = whole[:PREFIX]
    assert kinds_in(f"0.{start}\t{start}", sought) == set()
    assert binary_in(b"\0" + start.encode() + b"\0", sought) == set()
    assert kinds_in(whole, sought) == {"hidden id"}
    assert "hidden id" in kinds_in(b"P0007".hex(), sought)  # ten digits, and all of them


def test_what_cannot_be_read_was_not_searched(world: World, known: OriginalFiles) -> None:
    os.mkfifo(world.fold / "pipe.tsv")
    found = {leak.file: leak.kinds for leak in search(world, known).leaks}
    assert found[f"{FOLD}/pipe.tsv"] == ("stray file", "unreadable")


def test_a_corpus_in_a_folder_that_is_called_like_a_person(clean: World, tmp_path: Path) -> None:
    inside = tmp_path / "sub-cohort" / "originals"
    shutil.copytree(clean.originals, inside)  # keeps the times of files
    known = OriginalFiles.of(clean.corpus, inside)
    assert known.orders[-1].keys() >= set(clean.corpus.ids)
