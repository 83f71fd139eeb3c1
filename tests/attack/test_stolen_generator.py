from __future__ import annotations

import pytest

from mindveil.attack.stolen_generator import generator_of
from mindveil.corpus.model import Corpus
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease

NOBODY = Corpus(name="c", participants=())


def test_a_generator_that_was_not_kept_is_not_taken_for_safe():
    with pytest.raises(InvalidMeasurement, match="no generator was kept"):
        generator_of(DataRelease(name="r", corpus=NOBODY))


def test_nor_is_one_that_cannot_be_read_back(tmp_path):
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(InvalidMeasurement, match="cannot be read back"):
        generator_of(DataRelease(name="r", corpus=NOBODY, model=tmp_path))
