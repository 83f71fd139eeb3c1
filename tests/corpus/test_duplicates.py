"""Sessions that are there twice: tables by hand, fifty planted ones, and none where there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.corpus.hostile_media import RATE
from tests.harness.toys import glass

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.duplicate_media import alike_pictures, alike_sounds
from mindveil.corpus.duplicates import Duplicate, alike_answers, alike_texts, duplicates_in
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Corpus, MediaFile, Participant, Response, Session, Turn
from mindveil.corpus.sample.load import load_sample

SAID = " ".join(f"word{n}" for n in range(40))


def test_texts_by_hand() -> None:
    changed = SAID.replace("word20", "another")
    half = " ".join(f"word{n}" for n in range(20, 60))
    assert alike_texts([SAID, SAID.upper(), changed, half, "yes", "yes"]) == {
        (0, 1): True,
        (0, 2): False,
        (1, 2): False,
    }


def test_a_script_that_half_of_the_people_read_makes_nobody_a_copy() -> None:
    script = " ".join(f"line {n}" for n in range(15))
    own = [" ".join(f"own {n} of {who}" for n in range(15)) for who in range(6)]
    readers = [*"abcdef", *"abcdef"]
    assert alike_texts([script] * 6 + own, readers) == {}
    few = alike_texts([script] * 4 + own, [*"abcd", *"ghijkl"])  # four of ten are copies
    assert len(few) == 6
    # a person's own copies count as one person
    twice = alike_texts([script] * 5 + own, [*"aaaab", *"cdefgh"])
    assert len(twice) == 10


def test_answers_by_hand() -> None:
    rng = np.random.default_rng(2)
    rows = [{f"q{i}": int(v) for i, v in enumerate(rng.integers(0, 4, 20))} for _ in range(30)]
    rows[7] = dict(rows[3])
    rows[11] = rows[12] = dict.fromkeys(rows[0], 0)  # one way of answering, and many have it
    rows[13] = rows[14] = {f"q{i}": i % 4 for i in range(14)}  # too few items
    assert alike_answers(rows) == {(3, 7): True}


def test_what_everybody_like_him_answers_is_no_duplicate() -> None:
    common = {f"q{i}": int(i == 0) for i in range(20)}
    rng = np.random.default_rng(3)
    rows = [common if rng.random() < 0.5 else {**common, "q1": 1} for _ in range(60)]
    assert alike_answers(rows) == {}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_other_texts_and_answers_are_never_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    texts = [" ".join(map(str, rng.integers(0, 30, 60))) for _ in range(12)]
    rows = [{f"q{i}": int(v) for i, v in enumerate(rng.integers(0, 4, 16))} for _ in range(12)]
    assert alike_texts(texts) == {}
    assert alike_answers(rows) == {}


def sung(person: int, seconds: float = 3.0) -> np.ndarray:
    """Return a melody of one's own with noise."""
    rng = np.random.default_rng(person)
    steps = np.repeat(rng.uniform(300, 2500, int(seconds * 8)), RATE // 8)
    phase = 2 * np.pi * np.cumsum(steps) / RATE
    sound = 0.3 * np.sin(phase) + 0.1 * np.sin(2.7 * phase) + rng.normal(0, 0.02, len(phase))
    return sound.astype(np.float32)


def drawn(person: int) -> np.ndarray:
    """Return a picture of one's own, smooth as photographs are."""
    rng = np.random.default_rng(person)
    small = Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8))
    return np.asarray(small.resize((96, 96), Image.Resampling.BICUBIC))


def saved(folder: Path, name: str, sound: np.ndarray, **about: str) -> Path:
    path = folder / name
    soundfile.write(path, sound, RATE, **about)
    return path


def test_sounds_outlive_another_encoding(tmp_path: Path) -> None:
    own = [saved(tmp_path, f"{n}.flac", sung(n)) for n in range(6)]
    copies = [
        saved(tmp_path, "a.flac", sung(0)),
        saved(tmp_path, "b.mp3", 0.5 * sung(1), format="MP3"),
        saved(tmp_path, "c.ogg", 0.3 * sung(2), format="OGG", subtype="VORBIS"),
        saved(tmp_path, "d.wav", np.concatenate([np.zeros(1777, np.float32), sung(3)])),
        saved(tmp_path, "e.wav", sung(4) + np.float32(0.01)),
    ]
    found = alike_sounds([*own, *copies])
    assert found == {(0, 6): True, (1, 7): False, (2, 8): False, (3, 9): False, (4, 10): False}


def test_pictures_outlive_another_encoding(tmp_path: Path) -> None:
    paths = []
    for person in range(6):
        paths.append(tmp_path / f"{person}.png")
        Image.fromarray(drawn(person)).save(paths[-1])
    for person, quality in ((1, 60), (2, 90)):
        paths.append(tmp_path / f"copy{person}.jpg")
        Image.fromarray(drawn(person)).save(paths[-1], quality=quality)
    paths.append(tmp_path / "small.png")
    Image.fromarray(drawn(3)).resize((72, 72)).save(paths[-1])
    assert alike_pictures(paths) == {(1, 6): False, (2, 7): False, (3, 8): False}


def test_a_recording_that_cannot_be_read_is_nobodys_duplicate(tmp_path: Path) -> None:
    for name in ("a.flac", "b.flac", "a.png", "b.png"):
        (tmp_path / name).write_bytes(b"nothing")
    assert alike_sounds([tmp_path / "a.flac", tmp_path / "b.flac"]) == {}
    assert alike_pictures([tmp_path / "a.png", tmp_path / "b.png"]) == {}


def with_copies(corpus: Corpus, count: int) -> Corpus:
    """Give people behind the others the session of an earlier one: text, answers or both."""
    people = list(corpus.participants)
    for n in range(count):
        source, target = people[n].sessions[0], people[count + n]
        copy = replace(source, session_id=target.sessions[1].session_id)
        if n % 3 == 1:  # almost the same text
            said = source.transcript[0].text
            copy = replace(copy, transcript=(Turn(speaker="participant", text=f"{said} so"),))
        kept = target.sessions[1]
        parts = {"transcript": copy.transcript} if n % 3 else {"responses": copy.responses}
        people[count + n] = replace(target, sessions=(target.sessions[0], replace(kept, **parts)))
    return replace(corpus, participants=tuple(people))


def test_fifty_planted_duplicates_are_all_found() -> None:
    clean = glass(110, np.random.default_rng(9))
    assert duplicates_in(clean, "text") == duplicates_in(clean, "scales") == ()
    found: list[Duplicate] = []
    for modality in ("text", "scales"):
        found += duplicates_in(with_copies(clean, 50), modality)
    ids = clean.ids
    pairs = {(d.first[0], d.second[0]) for d in found}
    assert pairs == {(ids[n], ids[50 + n]) for n in range(50)}
    assert not any(d.is_own for d in found)


def test_the_sample_cohort_has_none() -> None:
    sample = load_sample()
    assert duplicates_in(sample, "text") == duplicates_in(sample, "scales") == ()


def test_a_check_names_file_and_line_and_no_content(tmp_path: Path) -> None:
    corpus = with_copies(glass(8, np.random.default_rng(9)), 2)
    voice = saved(tmp_path, "a_voice.flac", sung(1))
    first = corpus.participants[0]
    spoken = replace(first.sessions[0], media={"voice": (MediaFile(path=voice),)})
    again = replace(first.sessions[1], media={"voice": (MediaFile(path=voice),)})
    people = (replace(first, sessions=(spoken, again)), *corpus.participants[1:])
    save_corpus(replace(corpus, participants=people), tmp_path / "corpus")
    told = [f for f in check_corpus(tmp_path / "corpus") if f.kind == "duplicate"]
    assert {f.severity for f in told} == {"warning"}
    assert {(f.file, f.line > 0) for f in told} == {
        ("sub-P0003/ses-02/text", False),
        ("sub-P0000/ses-02/voice", False),
        ("phenotype/pcl5.tsv", True),
    }
    line = next(f.line for f in told if f.line)
    rows = (tmp_path / "corpus" / "phenotype" / "pcl5.tsv").read_text().splitlines()
    assert rows[line - 1].startswith("P0002\t02")
    assert not any("name is" in str(f) for f in told)


@pytest.mark.parametrize("modality", ["text", "scales", "voice", "face"])
def test_an_empty_corpus_has_none(modality: str) -> None:
    alone = Participant(participant_id="A1", sessions=(Session(session_id="1"),))
    answered = Session(session_id="1", responses={"phq9": Response(total=3.0)})
    corpus = Corpus(
        name="few",
        participants=(alone, Participant(participant_id="A2", sessions=(answered,))),
    )
    assert duplicates_in(corpus, modality) == ()  # type: ignore[arg-type]


def test_a_text_without_spaces_has_words_too():
    signs = [chr(0x4E00 + 7 * n) for n in range(120)]
    said = "".join(signs[:60]) + "\u3002" + "".join(signs[60:])
    other = "".join(reversed(signs))
    changed = said.replace(signs[30], "\u732b")
    assert alike_texts([said, other, said, changed]) == {(0, 2): True, (0, 3): False, (2, 3): False}
    assert alike_texts(["".join(signs[:30])] * 2) == {}  # fifteen words are nobody's own
