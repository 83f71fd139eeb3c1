"""The planted releases are as bad as they say."""

from __future__ import annotations

import numpy as np
import pytest
from tests.synthesise.planted import (
    CopyModel,
    IndependentMargins,
    Pram,
    PramModel,
    VerbatimCopy,
    margins_model,
)

from mindveil.corpus.sample.load import load_sample
from mindveil.features.scales import latest_table
from mindveil.synthesise.base import Synthesiser
from mindveil.synthesise.codebook import Codebook, Variable

BOOK = Codebook(
    variables=tuple(Variable(name=n, kind="ordinal", levels=("0", "1", "2")) for n in "abc")
)


def rng():
    return np.random.default_rng(7)


def table(count=3000):
    one = rng().integers(0, 3, count)
    return np.column_stack([one, one, np.where(one == 2, -1, one)]).astype(np.int16)


def test_independent_margins_keep_columns_and_nothing_between():
    codes = table()
    drawn = BOOK.checked(margins_model(codes, BOOK).draw(3000, rng()))
    for mine, other in zip(drawn.T, codes.T, strict=True):
        assert np.bincount(mine + 1) / 3000 == pytest.approx(
            np.bincount(other + 1) / 3000, abs=0.04
        )
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 0.06


def test_a_copy_hands_out_everybody_once_before_anybody_twice():
    codes = np.arange(12, dtype=np.int16).reshape(4, 3) % 3
    model = CopyModel(codebook=BOOK, rows=codes)
    drawn = model.draw(6, rng())
    assert sorted(map(tuple, drawn[:4])) == sorted(map(tuple, codes))
    assert model.tensors()["rows"].tolist() == codes.tolist()


def test_pram_keeps_four_cells_of_five():
    codes = rng().integers(0, 3, (4000, 3)).astype(np.int16)
    model = PramModel(codebook=BOOK, rows=codes, keep=0.8)
    order = np.random.default_rng(1)
    copied = CopyModel(codebook=BOOK, rows=codes).draw(4000, np.random.default_rng(1))
    same = (model.draw(4000, order) == copied).mean()
    assert same == pytest.approx(0.8 + 0.2 / 3, abs=0.02)


@pytest.mark.parametrize("planted", [IndependentMargins(), VerbatimCopy(), Pram()])
def test_each_makes_a_corpus_of_nobody(planted):
    corpus = load_sample()
    assert isinstance(planted, Synthesiser)
    drawn = planted.apply(corpus, rng())
    assert len(drawn.participants) == len(corpus.participants)
    assert drawn.synthetic
    assert latest_table(drawn).fields
