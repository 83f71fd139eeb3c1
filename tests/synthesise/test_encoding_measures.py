"""Measures of words, voices and faces beside the answers: sampled jointly, written as level 4."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.synthesise.measured_people import CROSSED, VISITS, planted

from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.model import Corpus
from mindveil.corpus.workshop import workshop
from mindveil.dp.noise import seeded
from mindveil.errors import MissingWeights
from mindveil.features.feature_only import KINDS, measure_name, measured_alike
from mindveil.features.measures import MEASURED, Measured, is_measured_only, visit_rows
from mindveil.features.shelf import shelf
from mindveil.features.visits import whole_table
from mindveil.synthesise.copula import Copula
from mindveil.synthesise.dp_copula import DpCopula
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_answers import at_visit
from mindveil.synthesise.encoding_measures import BOUNDS, FEWEST, readings_of
from mindveil.synthesise.people import PeopleModel, load_people


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    kept = shelf(tmp_path_factory.mktemp("shelf"))
    with workshop(tmp_path_factory.mktemp("bench")) as folder, kept:
        yield folder


@pytest.fixture(scope="module")
def people(bench):
    return planted(80)


@pytest.fixture(scope="module")
def fitted(people):
    return Copula().fit(people, np.random.default_rng(1), seeded(np.random.default_rng(2)))


def rows_at(corpus: Corpus, kind: Measured, visit: int) -> np.ndarray:
    return visit_rows([p.sessions[visit - 1] for p in corpus.participants], kind)


def columns_at(corpus: Corpus, visit: int) -> dict[str, np.ndarray]:
    """The total and every measure of a visit, on the scales on which they were planted."""
    told = {"phq9": [p.sessions[visit - 1].responses["phq9"].total for p in corpus.participants]}
    found = {"scales phq9": np.array(told["phq9"], dtype=np.float64)}
    for kind in KINDS:
        for name, column in zip(MEASURED[kind], rows_at(corpus, kind, visit).T, strict=True):
            found[measure_name(kind, name)] = BOUNDS[name].scaled(column)
    return found


def drawn_at(fitted: PeopleModel, visit: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The same of many synthetic people, without a file of any of them."""
    codes = fitted.model.draw(3000, rng)
    names = fitted.encoding.codebook.names
    items = [n for n, name in enumerate(names) if name in _items(visit)]
    found = {"scales phq9": codes[:, items].sum(axis=1).astype(np.float64)}
    for reading in fitted.encoding.readings(codes, rng):
        if reading.visit == visit:
            found[reading.name] = reading.values
    return found


def _items(visit: int) -> set[str]:
    return {at_visit(f"phq9_{n:02d}", visit) for n in range(1, 10)}


def crossings(columns: dict[str, np.ndarray]) -> dict[tuple[str, str], float]:
    """Correlations between kinds over the people who have both."""
    names = list(columns)
    found = {}
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            both = np.isfinite(columns[one]) & np.isfinite(columns[other])
            if one.split()[0] != other.split()[0] and both.sum() >= 40:
                pair = np.corrcoef(columns[one][both], columns[other][both])
                found[one, other] = float(pair[0, 1])
    return found


def test_every_measure_has_bounds():
    assert set(BOUNDS) == {name for kind in KINDS for name in MEASURED[kind]}
    assert all(b.low < b.high and np.isfinite(b.ends).all() for b in BOUNDS.values())


def test_what_is_beyond_a_bound_counts_as_the_bound():
    pitch = BOUNDS["f0-level"]
    assert pitch.restored(pitch.scaled(np.array([1.0, 9e9]))) == pytest.approx([60.0, 400.0])


@given(st.sampled_from(sorted(BOUNDS)), st.floats(0.0, 1.0))
def test_a_scale_is_undone(name, part):
    bounds = BOUNDS[name]
    value = np.array([bounds.low + part * (bounds.high - bounds.low)])
    step = 1e-9 * (bounds.high - bounds.low)
    assert bounds.restored(bounds.scaled(value)) == pytest.approx(value, rel=1e-6, abs=step)


def test_readings_say_who_was_recorded_and_what_was_measured(people):
    found = {(r.name, r.visit): r for r in readings_of(people)}
    voices = np.array([p.sessions[1].has("voice") for p in people.participants])
    assert (found["voice present", 2].values == voices).all()
    assert ("voice present", 1) not in found  # everybody was
    jitter = found["voice jitter", 2]
    assert (np.isfinite(jitter.values) == voices).all()
    assert jitter.found


def test_a_measure_of_few_people_is_left_out(bench):
    few = planted(FEWEST - 1)
    assert readings_of(few) == ()
    assert len(readings_of(few, private=True)) == VISITS * sum(len(MEASURED[k]) + 1 for k in KINDS)


def test_private_readings_do_not_depend_on_what_is_measured(people, bench):
    def design(corpus: Corpus) -> list[tuple[str, int, float | None, float | None]]:
        return [(r.name, r.visit, r.low, r.high) for r in readings_of(corpus, private=True)]

    assert design(people) == design(planted(4, seed=9))
    assert not any(r.found for r in readings_of(people, private=True))


def test_codes_come_back_and_say_nothing_of_visits_without_recordings(people):
    readings = readings_of(people)
    encoding = Encoding.of(people, readings=readings)
    codes = encoding.encode(people, readings)
    assert (encoding.consistent(codes) == codes).all()
    place = encoding.codebook.names.index("voice present@2")
    jitter = encoding.codebook.names.index("voice jitter@2")
    changed = codes.copy()
    changed[:, place] = 0
    assert (encoding.consistent(changed)[:, jitter] == -1).all()
    assert encoding.implied(codes)[:, jitter].tolist() == (codes[:, jitter] < 0).tolist()
    assert Encoding.from_json(encoding.to_json()) == encoding


def test_a_synthetic_person_has_measures_and_nothing_else(fitted):
    made = fitted.sample(30, np.random.default_rng(3))
    visits = [s for p in made.participants for s in p.sessions]
    assert made.modalities == {"text", "voice", "face", "scales"}
    assert all(is_measured_only(s, k) for s in visits for k in KINDS if s.has(k))
    assert 0.2 < np.mean([p.sessions[1].has("voice") for p in made.participants]) < 0.8
    for kind in KINDS:
        rows = visit_rows(visits, kind)
        low = np.array([BOUNDS[name].low for name in MEASURED[kind]])
        high = np.array([BOUNDS[name].high for name in MEASURED[kind]])
        assert (np.isnan(rows) | ((rows >= low) & (rows <= high))).all()


def test_modalities_of_synthetic_people_agree(people, fitted):
    real = crossings(columns_at(people, 1))
    drawn = crossings(drawn_at(fitted, 1, np.random.default_rng(4)))
    apart = np.array([abs(real[pair] - drawn[pair]) for pair in real])
    assert apart.mean() < 0.05
    strongest = {
        ("scales phq9", measure_name(kind, name)): sign for (kind, name), sign in CROSSED.items()
    }
    for pair, sign in strongest.items():
        assert abs(real[pair]) > 0.2
        assert real[pair] * sign > 0
        assert abs(real[pair] - drawn[pair]) < 0.05


def test_what_has_nothing_to_do_with_each_other_stays_so(fitted):
    drawn = drawn_at(fitted, 1, np.random.default_rng(5))
    pair = np.corrcoef(drawn["text words"], drawn["voice hnr"])[0, 1]
    assert abs(pair) < 0.35  # three standard errors of 80 people


def test_a_saved_generator_draws_the_same_measures(fitted, tmp_path):
    fitted.save(tmp_path)
    one = fitted.sample(8, np.random.default_rng(6))
    other = load_people(tmp_path).sample(8, np.random.default_rng(6))
    for kind in KINDS:
        np.testing.assert_array_equal(rows_at(one, kind, 2), rows_at(other, kind, 2))


def test_a_level_4_corpus_is_written_and_read(fitted, tmp_path):
    made = fitted.sample(8, np.random.default_rng(7))
    save_corpus(made, tmp_path / "out")
    read = load_corpus(tmp_path / "out")
    for kind in KINDS:
        np.testing.assert_array_equal(rows_at(made, kind, 1), rows_at(read, kind, 1))
    files = {f.name for f in (tmp_path / "out").rglob("*.parquet")}
    assert all("_task-measures_" in name and name.endswith("_features.parquet") for name in files)


def test_measures_of_each_visit_are_columns_of_the_whole_table(people):
    table = whole_table(people)
    field = table.field("voice jitter@2")
    assert (field.kind, field.role) == ("number", "other")
    assert table.columns["voice jitter@2"].missing.any()
    assert "text negation" in table.columns


def test_originals_are_measured_like_the_release(people, bench, monkeypatch):
    spoken = people.map_sessions(lambda _, s: replace(s, media={}))
    assert measured_alike(people, spoken) is people
    rows = {k: rows_at(people, k, 1) for k in KINDS}
    plain = people.with_people(
        replace(p, sessions=(replace(p.sessions[0], media={}),)) for p in people.participants
    )
    given = iter(KINDS)
    monkeypatch.setattr(
        "mindveil.features.feature_only.visit_rows", lambda visits, kind: rows[next(given)]
    )
    alike = measured_alike(plain, people)
    monkeypatch.undo()
    for kind in KINDS:
        np.testing.assert_array_equal(rows_at(alike, kind, 1), rows[kind])


def test_without_recordings_nothing_changes(people):
    spoken = people.map_sessions(lambda _, s: replace(s, media={}))
    one = Copula().apply(spoken, np.random.default_rng(8))
    other = Copula(measures=False).apply(people, np.random.default_rng(8))
    assert one.participants == other.participants
    assert readings_of(spoken) == ()


def test_a_private_generator_pays_nothing_for_bounds(people):
    fitted = DpCopula(epsilon=3.0, measures=True).fit(
        people, np.random.default_rng(1), seeded(np.random.default_rng(2))
    )
    assert not any(v.found for v in fitted.encoding.codebook.variables)
    assert not any("of levels and bounds" in m for m in fitted.guarantee.mechanisms)
    made = fitted.sample(10, np.random.default_rng(3))
    assert "voice" in made.modalities


def test_missing_weights_are_named(people, monkeypatch):
    def missing(*_: object) -> None:
        raise MissingWeights("minilm is not installed; mindveil models install minilm")

    monkeypatch.setattr("mindveil.synthesise.encoding_measures.visit_rows", missing)
    with pytest.raises(MissingWeights, match="minilm"):
        Copula().apply(people, np.random.default_rng(0))
