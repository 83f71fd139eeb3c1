from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.model_file import KINDS, load_model, save_model

BOOK = Codebook(
    variables=(
        Variable(name="q1", kind="ordinal", levels=("0", "1", "2"), block="phq"),
        Variable(name="age", kind="number", edges=(18.0, 40.0, 90.0), whole=True, may_miss=True),
        Variable(name="land", kind="nominal", levels=("é", "b"), found=True),
    )
)
PROMISE = Guarantee(epsilon=3.0, delta=1e-5, advantage=0.28, mechanisms=("a", "b"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy:
    """A model with a table of shares and a whole number."""

    kind: ClassVar[str] = "toy"
    codebook: Codebook
    people: int
    guarantee: Guarantee | None
    shares: np.ndarray
    note: str = "x"

    def draw(self, people, rng):
        return np.zeros((people, 3), dtype=np.int16)

    def tensors(self):
        return {"shares": self.shares, "count": np.array(7, dtype=np.int64)}

    def facts(self):
        return {"note": self.note, "nested": {"a": [1, 2.5, None]}}

    @classmethod
    def restored(cls, codebook, people, guarantee, tensors, facts):
        return cls(
            codebook=codebook,
            people=people,
            guarantee=guarantee,
            shares=tensors["shares"],
            note=facts["note"],
        )


TOYS = {"toy": lambda: Toy}


def toy(**changes):
    plain = Toy(codebook=BOOK, people=12, guarantee=PROMISE, shares=np.arange(6.0).reshape(2, 3))
    return replace(plain, **changes)


def test_what_was_saved_comes_back(tmp_path):
    save_model(toy(), tmp_path / "deep" / "model")
    back = load_model(tmp_path / "deep" / "model", TOYS)
    assert back.codebook == BOOK
    assert back.people == 12
    assert back.guarantee == PROMISE
    assert back.facts() == toy().facts()
    for name, tensor in toy().tensors().items():
        assert back.tensors()[name].tolist() == tensor.tolist()
        assert back.tensors()[name].dtype == tensor.dtype


def test_two_files_and_nothing_else_the_same_bytes_each_time(tmp_path):
    written = []
    for name in ("a", "b"):
        save_model(toy(), tmp_path / name)
        written.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert written[0] == written[1]
    assert sorted(written[0]) == ["model.json", "model.safetensors"]


def test_a_model_without_a_promise_and_a_table_laid_out_by_columns(tmp_path):
    by_columns = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    save_model(toy(guarantee=None, shares=by_columns), tmp_path)
    back = load_model(tmp_path, TOYS)
    assert back.guarantee is None
    assert back.tensors()["shares"].tolist() == by_columns.tolist()


def test_saving_again_replaces_the_old_model(tmp_path):
    save_model(toy(), tmp_path)
    save_model(toy(note="y", shares=np.ones((1, 1))), tmp_path)
    assert load_model(tmp_path, TOYS).facts()["note"] == "y"


def test_the_kinds_are_those_of_the_catalog():
    assert sorted(KINDS) == ["copula", "dp-copula", "dp-marginals", "gan"]
    assert KINDS["dp-marginals"]().__name__ == "MarginalsModel"


def change(folder, **fields):
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "tabby"}, "known kinds"),
        ({"kind": ["toy"]}, "known kinds"),
        ({"format": 2}, "install a newer one"),
        ({"format": "1"}, "not the description"),
        ({"format": True}, "not the description"),
        ({"people": 0}, "people or facts"),
        ({"people": True}, "people or facts"),
        ({"facts": []}, "people or facts"),
        ({"extra": 1}, "fields of format"),
        ({"guarantee": {"epsilon": "low"}}, "codebook or the guarantee"),
        ({"guarantee": 3}, "codebook or the guarantee"),
        ({"codebook": [{"name": "a"}]}, "codebook or the guarantee"),
        ({"codebook": 5}, "codebook or the guarantee"),
        ({"tensors": {}}, "which tensors"),
        ({"tensors": {"held": {"shares": ["float64", 3, 2]}, "sha256": ""}}, "other tensors"),
    ],
)
def test_a_description_that_was_changed_is_refused_in_one_sentence(tmp_path, fields, said):
    save_model(toy(), tmp_path)
    change(tmp_path, **fields)
    with pytest.raises(InputError, match=said):
        load_model(tmp_path, TOYS)


def test_facts_that_the_model_misses_are_refused(tmp_path):
    save_model(toy(), tmp_path)
    change(tmp_path, facts={})
    with pytest.raises(InputError, match="do not fit"):
        load_model(tmp_path, TOYS)


def test_tensors_of_another_shape_or_other_numbers_are_refused(tmp_path):
    save_model(toy(), tmp_path / "a")
    save_model(toy(shares=np.ones((3, 3))), tmp_path / "b")
    save_model(toy(shares=np.ones((2, 3))), tmp_path / "c")
    for other, said in (("b", "other tensors"), ("c", "was changed")):
        stolen = (tmp_path / other / "model.safetensors").read_bytes()
        (tmp_path / "a" / "model.safetensors").write_bytes(stolen)
        with pytest.raises(InputError, match=said):
            load_model(tmp_path / "a", TOYS)


def test_a_killed_save_is_refused_not_half_loaded(tmp_path, monkeypatch):
    save_model(toy(), tmp_path)

    def killed(path, text):
        raise KeyboardInterrupt

    monkeypatch.setattr("mindveil.store.number_files.write_text", killed)
    with pytest.raises(KeyboardInterrupt):
        save_model(toy(shares=np.ones((2, 3))), tmp_path)
    with pytest.raises(InputError, match="killed"):
        load_model(tmp_path, TOYS)


def test_numbers_that_are_none_are_refused(tmp_path):
    save_model(toy(shares=np.array([1.0, np.nan])), tmp_path)
    with pytest.raises(InputError, match="no table of numbers"):
        load_model(tmp_path, TOYS)


def test_a_dtype_that_no_model_has_is_refused_when_saving(tmp_path):
    with pytest.raises(InputError, match="int16"):
        save_model(toy(shares=np.zeros(2, dtype=np.int16)), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"model\.json cannot be read"):
        load_model(tmp_path / "nowhere", TOYS)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_or_cut_byte_of_the_tensors_is_refused(tmp_path, data):
    save_model(toy(), tmp_path)
    path = tmp_path / "model.safetensors"
    good = path.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    flipped = bytes([good[at] ^ data.draw(st.integers(1, 255))])
    path.write_bytes(
        good[:at] if data.draw(st.booleans()) else good[:at] + flipped + good[at + 1 :]
    )
    with pytest.raises(InputError):
        load_model(tmp_path, TOYS)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=60))
def test_junk_in_place_of_the_description_is_refused(tmp_path, junk):
    save_model(toy(), tmp_path)
    (tmp_path / "model.json").write_bytes(junk)
    with pytest.raises(InputError):
        load_model(tmp_path, TOYS)
