"""The shipped recordings: small, complete, paired with the truth, and without a trace of origin."""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr

from mindveil.corpus.model import Corpus, Session
from mindveil.corpus.sample import media as module
from mindveil.corpus.sample.build import PEOPLE
from mindveil.corpus.sample.identifiers import THINGS
from mindveil.corpus.sample.load import COHORT, TRUTH, load_sample, load_truth
from mindveil.corpus.sample.media import (
    MEDIA,
    MEDIA_TRUTH,
    load_media_truth,
    pack_media,
    unpack_media,
)
from mindveil.corpus.sample.studio import RECORDED, VISITS
from mindveil.corpus.sample.voices import vocal_tracts
from mindveil.errors import RefusedError

SHIPPED = files("mindveil.corpus.sample")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_sample(tmp_path_factory.mktemp("media"))


def _recorded(cohort: Corpus) -> list[tuple[str, Session]]:
    return [
        (p.participant_id, s) for p in cohort.participants for s in p.sessions if s.has("voice")
    ]


def _words(session: Session) -> list[tuple[str, float, float]]:
    (file,) = session.files("text", "words")
    head, *rows = file.path.read_text(encoding="utf-8").splitlines()
    assert head == "word\tstart\tend"
    cells = [row.split("\t") for row in rows]
    return [(word, float(start), float(end)) for word, start, end in cells]


def test_all_that_is_shipped_is_small() -> None:
    sizes = [len(SHIPPED.joinpath(n).read_bytes()) for n in (COHORT, TRUTH, MEDIA, MEDIA_TRUTH)]
    assert sum(sizes) <= 12 * 1024 * 1024


def test_forty_people_have_a_voice_and_a_face_at_their_last_two_visits(
    cohort: Corpus,
) -> None:
    found = {(name, s.session_id) for name, s in _recorded(cohort)}
    assert found == {
        (p.participant_id, s.session_id) for p in cohort.participants[:40] for s in p.sessions[-2:]
    }
    assert (RECORDED, VISITS) == (40, 2)
    for _, session in _recorded(cohort):
        assert len(session.files("voice", "audio")) == 1
        assert len(session.files("text", "words")) == 1
        assert len(session.files("face", "still")) == 1
        assert len(session.files("face", "expression")) == 1
    assert {"voice", "face"} <= set(cohort.consent)


def test_without_a_folder_there_are_no_recordings_and_the_words_are_the_same(
    cohort: Corpus,
) -> None:
    plain = load_sample()
    assert len(plain.participants) == PEOPLE
    assert plain.modalities == {"text", "scales"}
    for before, after in zip(plain.participants, cohort.participants, strict=True):
        assert before.attributes == after.attributes
        assert [s.transcript for s in before.sessions] == [s.transcript for s in after.sessions]


def test_the_voice_is_that_of_the_truth_and_people_who_share_one_differ() -> None:
    truth, recorded = load_truth(), load_media_truth()
    tracts = vocal_tracts(truth.people[name].persona for name in recorded.people)
    for name, visits in recorded.people.items():
        for visit in visits.values():
            assert visit.delivery.voice_id == truth.people[name].persona.body.voice_id
            assert visit.delivery.tract == pytest.approx(tracts[name], rel=0.04)
    sharing = recorded.sharing()
    assert sum(len(names) for names in sharing.values()) == RECORDED
    assert max(len(names) for names in sharing.values()) >= 3
    for names in sharing.values():
        assert len({tracts[name] for name in names}) == len(names)


def test_words_stand_in_the_turn_in_order_and_in_time(cohort: Corpus) -> None:
    recorded = load_media_truth()
    for name, session in _recorded(cohort):
        turn = session.transcript[recorded.people[name][session.session_id].turn].text.split()
        rows = _words(session)
        stripped = [word.strip(",.?!;:") for word in turn]
        said = [word for word, *_ in rows]
        assert any(stripped[i : i + len(said)] == said for i in range(len(stripped)))
        times = np.array([[start, end] for _, start, end in rows])
        assert (times[:, 1] > times[:, 0]).all()
        assert (times[1:, 0] >= times[:-1, 1] - 0.001).all()
        assert 2.5 < times[-1, 1] < 5.5


def test_identifiers_are_spoken_in_some_recordings(cohort: Corpus) -> None:
    recorded = load_media_truth()
    naming = 0
    for name, session in _recorded(cohort):
        visit = recorded.people[name][session.session_id]
        said = " ".join(word for word, *_ in _words(session))
        for entity in (e for e in session.entities if e.turn == visit.turn):
            if entity.entity in visit.entities and THINGS[entity.entity].role == "direct":
                mention = session.transcript[entity.turn].text[entity.start : entity.end]
                naming += mention in said
    assert naming >= 5  # direct identifiers; 120 recordings


def test_truth_is_not_in_what_is_read(cohort: Corpus) -> None:
    with SHIPPED.joinpath(MEDIA).open("rb") as file, zipfile.ZipFile(file) as archive:
        assert len(archive.namelist()) == 4 * RECORDED * VISITS
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.filename.endswith(("voice.ogg", "words.tsv", "face.jpg", "n.parquet"))


def test_no_file_says_where_it_comes_from(cohort: Corpus) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    for _, session in _recorded(cohort):
        sound = session.files("voice", "audio")[0].path.read_bytes()
        assert b"OpusTags" + bytes(8) in sound
        assert b"libopus" not in sound
        still = session.files("face", "still")[0].path
        assert still.stat().st_size <= 8_192
        with image.open(still) as opened:
            assert not opened.getexif()
            assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        series = session.files("face", "expression")[0].path.read_bytes()
        assert not pq.read_metadata(io.BytesIO(series)).metadata


def test_laying_out_twice_leaves_files_as_they_are(tmp_path: Path) -> None:
    first = unpack_media(tmp_path)
    path = min(first.items())[1]["voice"][0].path
    touched = path.stat().st_mtime_ns
    assert unpack_media(tmp_path) == first
    assert path.stat().st_mtime_ns == touched


@pytest.mark.parametrize(
    "name",
    [
        "../sub-P001/ses-01/voice.ogg",
        "sub-P001/ses-01/voice/../../x",
        "sub-P001/../voice/x.ogg",
        "/sub-P001/ses-01/voice/x.ogg",
        "sub-P001/ses-01/other/x.ogg",
        "C:/ses-01/voice/x.ogg",
    ],
)
def test_a_path_outside_the_folder_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack_media({name: b"x"}, tmp_path)
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    with pytest.raises(RefusedError, match="install the package anew"):
        unpack_media(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def _rank(cohort: Corpus, values: dict[str, float]) -> tuple[float, float]:
    """Return the rank correlation with depression over people, and its lower 90 % end."""
    truth = load_truth()
    names = sorted(values)
    traits = np.array(
        [np.mean([v.state[0] for v in truth.people[n].visits[-VISITS:]]) for n in names]
    )
    drawn = np.array([values[n] for n in names])
    rng = np.random.default_rng(0)
    picks = rng.integers(len(names), size=(500, len(names)))
    ranks = [abs(spearmanr(traits[i], drawn[i]).statistic) for i in picks]
    return float(spearmanr(traits, drawn).statistic), float(np.quantile(ranks, 0.05))


def test_depression_slows_speech_over_the_cohort(cohort: Corpus) -> None:
    rates: dict[str, list[float]] = {}
    for name, session in _recorded(cohort):
        rows = _words(session)
        spoken = sum(end - start for _, start, end in rows)
        rates.setdefault(name, []).append(len("".join(word for word, *_ in rows)) / spoken)
    rank, _ = _rank(cohort, {name: float(np.mean(each)) for name, each in rates.items()})
    assert rank < -0.1


def test_depression_flattens_and_pauses_over_the_cohort(cohort: Corpus) -> None:
    recorded = load_media_truth()
    for measure, sign in (("pause", 1), ("pitch_range", -1), ("loudness_range", -1)):
        values = {
            name: float(np.mean([getattr(v.delivery, measure) for v in visits.values()]))
            for name, visits in recorded.people.items()
        }
        rank, low = _rank(cohort, values)
        assert sign * rank > 0
        assert low > 0.05
