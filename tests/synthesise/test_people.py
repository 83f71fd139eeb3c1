"""A generator of people: drawn, saved, loaded, and never out of step with its encoding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from mindveil.corpus.sample.load import load_sample
from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.synthesise.base import Generator, TableModel
from mindveil.synthesise.codebook import Codebook, counts_of
from mindveil.synthesise.copula import fit_copula
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.people import ENCODING_FILE, PeopleModel, load_people


@dataclass(frozen=True)
class Margins:
    """Independent margins: the simplest model there is."""

    kind: ClassVar[str] = "margins"

    codebook: Codebook
    people: int
    shares: tuple[np.ndarray, ...]
    guarantee: Guarantee | None = None

    def draw(self, people, rng):
        drawn = [rng.choice(len(share), people, p=share) for share in self.shares]
        codes = np.column_stack(drawn).astype(np.int16)
        return np.where(codes == [len(s) - 1 for s in self.shares], -1, codes).astype(np.int16)

    def tensors(self):
        return {}

    def facts(self):
        return {}


@pytest.fixture(scope="module")
def sample():
    return load_sample()


@pytest.fixture(scope="module")
def made(sample):
    encoding = Encoding.of(sample)
    codes = encoding.encode(sample)
    counts = counts_of(codes, encoding.codebook)
    model = Margins(
        codebook=encoding.codebook,
        people=150,
        shares=tuple(count / count.sum() for count in counts),
        guarantee=Guarantee(epsilon=1.0, delta=1e-6),
    )
    return PeopleModel(encoding=encoding, model=model)


def test_it_is_a_generator_of_people(made, sample):
    generator: Generator = made
    model: TableModel = made.model
    assert generator.guarantee == model.guarantee
    people = generator.sample(None, np.random.default_rng(0))
    assert len(people.participants) == 150
    assert people.synthetic
    assert people.tools == sample.tools
    assert set(people.ids).isdisjoint(sample.ids)
    again = generator.sample(7, np.random.default_rng(0))
    assert again.ids[-1] == "SYN-0007"
    assert again == generator.sample(7, np.random.default_rng(0))


def test_nobody_is_drawn_twice_over(made):
    """Everybody has as many visits as the draw says, and totals that agree with items."""
    people = made.sample(300, np.random.default_rng(1))
    assert {len(p.sessions) for p in people.participants} == {2, 3}
    with_gap = [s for p in people.participants for s in p.sessions if "phq9" not in s.responses]
    assert len(with_gap) <= 3


@pytest.mark.parametrize("people", [0, -4])
def test_nobody_cannot_be_asked_for(made, people):
    with pytest.raises(InputError, match="1 or more"):
        made.sample(people, np.random.default_rng(0))


def test_a_model_of_another_codebook_is_refused(made):
    fewer = Codebook(variables=made.model.codebook.variables[:-1])
    with pytest.raises(InputError, match="another codebook"):
        replace(made, model=replace(made.model, codebook=fewer))


@pytest.fixture(scope="module")
def copula(sample):
    # A handful of columns of one visit: here the files matter, not the fit.
    first = sample.map_sessions(
        lambda _, s: replace(s, responses={"phq9": s.responses["phq9"]})
    ).with_people(replace(p, sessions=p.sessions[:1]) for p in sample.participants)
    small = replace(first, columns={n: c for n, c in first.columns.items() if n in ("age", "sex")})
    people = [
        replace(p, attributes={n: p.attributes[n] for n in ("age", "sex")})
        for p in first.participants
    ]
    corpus = small.with_people(people)
    encoding = Encoding.of(corpus)
    model = fit_copula(encoding.encode(corpus), encoding.codebook, np.random.default_rng(0))
    return PeopleModel(encoding=encoding, model=model)


def test_it_is_saved_and_loaded(copula, tmp_path):
    copula.save(tmp_path / "model")
    files = sorted(p.name for p in (tmp_path / "model").iterdir())
    assert files == [ENCODING_FILE, "model.json", "model.safetensors"]
    loaded = load_people(tmp_path / "model")
    assert loaded.encoding == copula.encoding
    drawn = [m.sample(20, np.random.default_rng(3)) for m in (copula, loaded)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"layout": 1}'])
def test_a_damaged_encoding_is_refused(copula, tmp_path, text):
    copula.save(tmp_path / "model")
    file = tmp_path / "model" / ENCODING_FILE
    file.unlink()
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        load_people(tmp_path / "model")
