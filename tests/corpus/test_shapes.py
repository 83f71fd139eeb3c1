from __future__ import annotations

from mindveil.corpus.description import ToolSheet
from mindveil.corpus.instruments import all_instruments
from mindveil.corpus.shapes import shape_of


def test_every_instrument_of_the_table_has_a_shape():
    for instrument in all_instruments():
        shape = shape_of(instrument.key, None)
        assert shape is not None
        assert shape.items(max(shape.widths)) == list(instrument.columns)
        assert len(shape.ranges) == max(shape.widths)


def test_an_unknown_questionnaire_has_the_shape_of_its_sheet():
    assert shape_of("mood", None) is None
    shape = shape_of("mood", ToolSheet(items=2, low=-1, high=3))
    assert shape is not None
    assert (shape.widths, shape.ranges, shape.total) == ((2,), ((-1, 3),) * 2, (-2, 6))
