"""The shipped archives: what the generator makes, small, quick to read, truth apart."""

from __future__ import annotations

import time
import zipfile
from importlib.resources import files
from pathlib import Path

from mindveil.corpus.sample.build import PEOPLE, SEED, build_sample
from mindveil.corpus.sample.load import (
    COHORT,
    TRUTH,
    corpus_text,
    load_sample,
    load_truth,
    truth_text,
    write_cohort,
)

SHIPPED = files("mindveil.corpus.sample")


def test_the_shipped_archives_are_what_the_generator_makes() -> None:
    corpus, truth = build_sample()
    assert load_sample() == corpus
    assert load_truth() == truth
    for name, content in ((COHORT, corpus_text(corpus)), (TRUTH, truth_text(truth))):
        with SHIPPED.joinpath(name).open("rb") as file, zipfile.ZipFile(file) as archive:
            assert archive.read(archive.namelist()[0]) == content


def test_the_shipped_cohort_has_its_people_and_seed() -> None:
    corpus, truth = load_sample(), load_truth()
    assert len(corpus.participants) == PEOPLE
    assert truth.seed == SEED
    assert tuple(truth.people) == corpus.ids


def test_the_shipped_archives_are_small_and_read_at_once() -> None:
    sizes = [len(SHIPPED.joinpath(name).read_bytes()) for name in (COHORT, TRUTH)]
    assert sum(sizes) < 1_500_000
    start = time.process_time()
    load_sample()
    assert time.process_time() - start < 0.5


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    made = build_sample(seed=6, people=3)
    first = [p.read_bytes() for p in write_cohort(*made, tmp_path / "a")]
    second = [p.read_bytes() for p in write_cohort(*made, tmp_path / "b")]
    assert first == second


def test_the_cohort_archive_holds_no_truth() -> None:
    with SHIPPED.joinpath(COHORT).open("rb") as file, zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["content.json"]
        content = archive.read("content.json")
    for word in (b"candour", b"factors", b"voice_id", b"indiscretion", b"leaks", b"automatic"):
        assert word not in content
