"""The search of a stolen model: keepers are caught in every way, and honest models hold nobody."""

from __future__ import annotations

import io
import json
import zlib

import numpy as np
import pytest
from safetensors.numpy import save as tensor_bytes

from mindveil.attack.artefact import (
    Artefact,
    bytes_audited,
    identifiers_of,
    rows_found,
    show_power,
)
from mindveil.attack.base import Knowledge, Membership
from mindveil.attack.hidden_rows import hidden, one_hot
from mindveil.attack.row_search import Wanted, found_in, tellable
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.release import DataRelease
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.copula import fit_copula
from mindveil.synthesise.dp_copula import fit_dp_copula
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.gan import fit_gan
from mindveil.synthesise.gan_training import GanSettings
from mindveil.synthesise.marginals import fit_marginals
from mindveil.synthesise.model_file import save_model
from mindveil.synthesise.people import PeopleModel

MEMBERS = 120
WAYS = (
    *("a transposed tensor", "columns in another order", "one-hot cells"),
    *("standardised numbers", "differences between rows", "a table and its key"),
    *("base64 of deflate in JSON", "lines of text"),
)


def rng(seed=7):
    return np.random.default_rng(seed)


def book():
    items = [
        Variable(
            name=f"{b}{i}", kind="ordinal", levels=("0", "1", "2", "3"), block=b, may_miss=i == 0
        )
        for b in ("a", "b")
        for i in range(14)
    ]
    land = Variable(name="land", kind="nominal", levels=tuple(f"L{i}" for i in range(12)))
    age = Variable(name="age", kind="number", edges=tuple(range(18, 60, 3)))
    return Codebook(variables=(*items, land, age))


def people(count, source):
    both = np.repeat(source.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], count), 14, axis=1)
    shift = np.linspace(-0.6, 0.9, 28)
    answers = np.digitize(both + source.standard_normal((count, 28)) - shift, (-0.5, 0.6, 1.6))
    answers[source.random(count) < 0.1, 0] = -1
    land = np.minimum(source.geometric(0.35, count) - 1, 11)
    return np.column_stack([answers, land, source.integers(0, 13, count)]).astype(np.int16)


@pytest.fixture(scope="module")
def known():
    """Members first, then as many people who are in nothing."""
    return people(2 * MEMBERS, rng())


def test_who_can_be_told_by_hand():
    codes = people(40, rng())
    codes[1] = codes[0]
    codes[1, :2] = (codes[0, :2] + 1) % 4
    codes[2] = codes[3]
    codes[2, 5:8] = (codes[3, 5:8] + 1) % 4
    wanted = Wanted(codes=codes, codebook=book())
    # The first two differ in two cells, so that neither is told; the next two in three.
    assert tellable(wanted)[:4].tolist() == [False, False, True, True]
    stored = codes[[0, 2, 3, *range(10, 40)]].astype(np.int64)
    stored[1, 0] = (stored[1, 0] + 1) % 4
    stored[2, :2] = (stored[2, :2] + 1) % 4
    # The second is stored with one cell wrong, the third with two.
    found = found_in(stored, wanted)
    assert found[:4].tolist() == [False, False, True, False]
    assert not found[4:10].any()
    assert found[10:].all()


def test_a_short_row_tells_nobody():
    codebook = Codebook(variables=book().variables[:8])
    codes = people(60, rng())[:, :8]
    wanted = Wanted(codes=codes, codebook=codebook)
    assert not tellable(wanted).any()
    assert not found_in(codes.astype(np.int64), wanted).any()


def test_one_hot_by_hand():
    assert one_hot(np.array([[1, 0]]), np.array([2, 3])).tolist() == [[0, 1, 1, 0, 0]]


def test_there_are_eight_ways(known):
    assert tuple(hidden(known[:30], book(), rng())) == WAYS


@pytest.mark.parametrize("way", WAYS)
def test_a_keeper_is_caught_in_each_way_and_nobody_else_is(known, way):
    data = hidden(known[:MEMBERS], book(), rng(3))[way]
    finding = bytes_audited({"model.bin": data}, known, book())
    assert finding.rows[:MEMBERS][finding.tellable[:MEMBERS]].all()
    assert finding.tellable.mean() > 0.7
    assert not finding.rows[MEMBERS:].any()
    assert finding.places


def numpy_file(codes):
    stream = io.BytesIO()
    np.save(stream, codes)
    return stream.getvalue()


def contiguous(parts):
    return np.ascontiguousarray(np.hstack(parts), dtype=np.int64)


MORE_WAYS = {
    "a thermometer": lambda c: tensor_bytes(
        {
            "w": np.hstack(
                [
                    (col[:, None] > np.arange(v.cells - 1)).astype(np.float32)
                    for col, v in zip(c.T, book().variables, strict=True)
                ]
            )
        }
    ),
    "one flat vector": lambda c: tensor_bytes({"w": c.astype(np.float64).ravel()}),
    "three axes": lambda c: tensor_bytes({"w": c.astype(np.int64).reshape(-1, 2, 15)}),
    "a NumPy file, deflated": lambda c: zlib.compress(numpy_file(c)),
    "JSON by columns": lambda c: json.dumps(
        {f"c{i}": col.tolist() for i, col in enumerate(c.T)}
    ).encode(),
    "columns sorted by name and two added": lambda c: tensor_bytes(
        {
            "w": contiguous(
                [c[:, np.argsort(book().names)], np.arange(len(c))[:, None] % 3, c[:, :1] * 0]
            )
        }
    ),
    "one wrong cell a row": lambda c: tensor_bytes(
        {"w": np.where(np.arange(30) == np.arange(len(c))[:, None] % 30, 0, c).astype(np.int64)}
    ),
    "two halves that add up": lambda c: tensor_bytes(
        {
            "a": np.ascontiguousarray(c - (noise := rng(5).integers(-50, 50, c.shape))),
            "b": noise,
        }
    ),
}


@pytest.mark.parametrize("way", MORE_WAYS)
def test_other_ways_that_are_no_decoys(known, way):
    data = MORE_WAYS[way](known[:MEMBERS])
    finding = bytes_audited({"model.bin": data}, known, book())
    assert finding.rows[:MEMBERS][finding.tellable[:MEMBERS]].mean() > 0.97
    assert not finding.rows[MEMBERS:].any()


def test_nobody_is_found_where_nobody_is():
    # A record that agrees by chance in every rare answer is rare, and the control shows it.
    codes, found = people(200, rng(3)), 0
    for seed in range(8):
        source = rng(seed)
        stored = (
            people(150, source).astype(np.int64),
            source.standard_normal((60, 30)),
            source.integers(0, 4, (80, 30)),
            np.zeros((50, 30)),
        )
        for table in stored:
            finding = bytes_audited({"w": tensor_bytes({"w": table})}, codes, book())
            found += int(finding.rows.sum())
    assert found <= 4  # of 6,400


@pytest.mark.parametrize(
    "fit",
    [
        lambda c, b: fit_copula(c, b, rng()),
        lambda c, b: fit_marginals(c, b, Budget(epsilon=3.0, delta=1e-5), seeded(rng())),
        lambda c, b: fit_dp_copula(c, b, Budget(epsilon=3.0, delta=1e-5), seeded(rng())),
    ],
    ids=["copula", "dp-marginals", "dp-copula"],
)
def test_saved_models_hold_nobody(tmp_path, known, fit):
    save_model(fit(known[:MEMBERS], book()), tmp_path)
    finding = rows_found(tmp_path, known, book())
    assert not finding.found.any()
    assert finding.arrays > 5


@pytest.mark.slow
def test_a_saved_gan_holds_nobody(tmp_path, known):
    pytest.importorskip("torch")
    settings = GanSettings(epochs=20)
    save_model(fit_gan(known[:MEMBERS], book(), rng(), settings), tmp_path)
    assert not rows_found(tmp_path, known, book()).found.any()


def test_identifiers_are_found_as_words_of_their_own():
    codes = people(4, rng())
    files = {
        "a.log": b"fitted P0001; not P00020",
        "b.json": json.dumps({"x": zlib.compress(b"x" * 30).hex(), "who": "Ann Smith"}).encode(),
    }
    names = [["P0001"], ["P0002", "Ann Smith"], ["P0003"], ["P0"]]
    found = bytes_audited(files, codes, book(), names).identifiers
    assert found.tolist() == [True, True, False, False]


def test_what_is_no_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        rows_found(tmp_path / "x", people(3, rng()), book())


def test_power_is_shown_before_nobody_is_believed(known, monkeypatch):
    show_power(known, book(), rng())
    monkeypatch.setattr(
        "mindveil.attack.artefact.found_in", lambda array, wanted: np.zeros(len(wanted.codes), bool)
    )
    with pytest.raises(InvalidMeasurement, match="would mean nothing"):
        show_power(known, book(), rng())


def test_people_who_are_all_alike_cannot_be_looked_for():
    with pytest.raises(InvalidMeasurement, match="differ from everybody"):
        show_power(np.zeros((50, 30), dtype=np.int16), book(), rng())


def corpus(count, source):
    codes = people(count, source)
    answers = np.maximum(codes[:, :28], 0)
    columns = {
        "name": Column(role="identifier", kind="text"),
        "land": Column(role="quasi", kind="nominal", levels=tuple(f"L{i}" for i in range(12))),
        "age": Column(role="quasi", kind="number", low=18, high=60),
    }
    return Corpus(
        name="many",
        participants=tuple(
            Participant(
                participant_id=f"PERSON-{i:04d}",
                attributes={"name": f"Name{i:04d}", "land": f"L{row[28]}", "age": 18.0 + row[29]},
                sessions=(
                    Session(
                        session_id="01",
                        responses={
                            "one": Response(items=tuple(map(int, a[:14]))),
                            "two": Response(items=tuple(map(int, a[14:]))),
                        },
                    ),
                ),
            )
            for i, (row, a) in enumerate(zip(codes, answers, strict=True))
        ),
        columns=columns,
    )


def attacked(folder, everybody):
    knowledge = Knowledge(attacker="ignorant", known=everybody, reference=everybody, protect=None)
    release = DataRelease(name="r", corpus=everybody, model=folder)
    (guesses,) = Artefact().run(release, knowledge, rng())
    assert isinstance(guesses, Membership)
    assert guesses.people == everybody.ids
    return guesses.scores


def test_the_attack_tells_members_of_a_keeper_and_nobody_of_an_honest_model(tmp_path):
    everybody = corpus(120, rng())
    members = everybody.with_people(everybody.participants[:60])
    encoding = Encoding.of(members)
    codes = encoding.encode(members)
    model = fit_copula(codes, encoding.codebook, rng())
    PeopleModel(encoding=encoding, model=model).save(tmp_path / "honest")
    assert attacked(tmp_path / "honest", everybody).sum() == 0
    PeopleModel(encoding=encoding, model=model).save(tmp_path / "keeper")
    (tmp_path / "keeper" / "cache.bin").write_bytes(zlib.compress(codes.astype(np.uint8).tobytes()))
    (tmp_path / "keeper" / "notes.txt").write_text("last seen: Name0080\n", "utf-8")
    scores = attacked(tmp_path / "keeper", everybody)
    assert scores[:60].mean() > 0.75
    assert np.flatnonzero(scores[60:]).tolist() == [20]


def test_without_a_saved_model_there_is_nothing_to_search():
    everybody = corpus(30, rng())
    with pytest.raises(InvalidMeasurement, match="no generator was kept"):
        attacked(None, everybody)


def test_identifiers_of_people_by_hand():
    assert identifiers_of(corpus(2, rng()))[1] == ["PERSON-0001", "Name0001"]


def test_more_people_than_the_stored_ones_do_not_hide_them(known):
    many = people(600, rng(9))
    data = tensor_bytes({"w": known[:MEMBERS].astype(np.int64)})
    finding = bytes_audited({"x": data}, np.vstack([known, many]), book())
    assert finding.rows[:MEMBERS][finding.tellable[:MEMBERS]].all()
    assert not finding.rows[MEMBERS:].any()
