from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.corpus.planted_metadata import CLEAN, PLANTED, SECRET

from mindveil.corpus.field_names import field_name
from mindveil.corpus.media import clean_copy, metadata_of
from mindveil.errors import InputError


@pytest.mark.parametrize("name", CLEAN)
def test_a_plain_file_has_none(tmp_path, name):
    ending, build = CLEAN[name]
    path = tmp_path / f"a{ending}"
    path.write_bytes(build())
    assert metadata_of(path) == ()


@pytest.mark.parametrize("name", PLANTED)
def test_planted_metadata_is_named_and_gone_from_a_clean_copy(tmp_path, name):
    ending, build, fields = PLANTED[name]
    path = tmp_path / f"a{ending}"
    path.write_bytes(build())
    assert sorted(metadata_of(path)) == sorted(fields)
    copy = clean_copy(path)
    assert metadata_of(copy) == ()
    assert SECRET not in copy.read_bytes()
    assert copy.name.endswith((ending, "_voice.flac", "_face.png"))


def test_at_least_ten_kinds_are_planted():
    assert len(PLANTED) >= 20
    assert len({ending for ending, _, _ in PLANTED.values()}) == 10


def test_the_names_never_hold_what_was_said(tmp_path):
    for name, (ending, build, _) in PLANTED.items():
        path = tmp_path / f"{name}{ending}"
        path.write_bytes(build())
        assert SECRET.decode() not in " ".join(metadata_of(path))


@given(st.binary(max_size=60))
def test_a_field_name_is_short_and_plain(raw):
    name = field_name(raw)
    assert 0 < len(name) <= 32
    assert name.isprintable()
    assert name.isascii()


@pytest.mark.parametrize("name", CLEAN)
@settings(max_examples=25)
@given(data=st.data())
def test_damage_anywhere_never_stops_the_search(tmp_path_factory, name, data):
    ending, build = CLEAN[name]
    whole = bytearray(build())
    place = data.draw(st.integers(8, len(whole) - 1))
    whole[place : place + 4] = data.draw(st.binary(min_size=1, max_size=4))
    path = tmp_path_factory.mktemp("damaged", numbered=True) / f"a{ending}"
    path.write_bytes(whole)
    try:
        assert isinstance(metadata_of(path), tuple)
    except InputError as fault:
        assert str(fault).startswith(path.name)  # noqa: PT017 - either is right
