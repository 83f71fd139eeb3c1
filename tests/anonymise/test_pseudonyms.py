"""Codes and keys: unlinkable, refused when in the open, bound to their project."""

from __future__ import annotations

import base64
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.anonymise.pseudonyms import (
    key_from_environment,
    keyed_codes,
    load_key,
    new_key,
    open_table,
    random_codes,
    seal_table,
)
from mindveil.errors import InputError, RefusedError

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
IDS = [f"P{i:03d}" for i in range(300)]


def test_random_codes_do_not_collide_and_say_no_order():
    codes = random_codes(IDS, np.random.default_rng(1))
    assert len(set(codes.values())) == len(IDS)
    ranks = np.argsort(np.argsort([codes[i] for i in IDS]))
    assert abs(np.corrcoef(ranks, np.arange(len(IDS)))[0, 1]) < 0.2


def test_random_codes_of_two_releases_share_nothing():
    one = random_codes(IDS, np.random.default_rng(1))
    two = random_codes(IDS, np.random.default_rng(2))
    assert not set(one.values()) & set(two.values())


def test_the_holder_of_the_key_makes_the_same_codes():
    assert keyed_codes(IDS, KEY, "a", "all") == keyed_codes(IDS[::-1], KEY, "a", "all")


@pytest.mark.parametrize(
    "other",
    [
        keyed_codes(IDS, OTHER, "project", "text"),
        keyed_codes(IDS, KEY, "another", "text"),
        keyed_codes(IDS, KEY, "project", "voice"),
    ],
)
def test_another_key_project_or_modality_shares_nothing(other):
    assert not set(keyed_codes(IDS, KEY, "project", "text").values()) & set(other.values())


@given(st.text(), st.text(), st.text(), st.text())
def test_parts_never_run_together(project, modality, name, more):
    one = keyed_codes([name], KEY, project, modality + more)[name]
    two = keyed_codes([more + name], KEY, project, modality)[more + name]
    assert (one == two) == (not more)


def test_a_key_file_is_private_and_never_overwritten(tmp_path):
    path = tmp_path / "key"
    new_key(path)
    assert len(load_key(path)) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="never overwritten"):
        new_key(path)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_in_the_open_is_refused(tmp_path, mode):
    path = tmp_path / "key"
    new_key(path)
    path.chmod(mode)
    with pytest.raises(RefusedError, match="chmod 600"):
        load_key(path)


@pytest.mark.parametrize("content", ["", "short", "!?" * 40, "ab" * 16])
def test_what_is_no_key_is_said(tmp_path, content):
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match="holds no key"):
        load_key(path)


def test_a_key_may_be_base_64_and_is_named_by_the_environment(tmp_path, monkeypatch):
    path = tmp_path / "key"
    path.write_text(base64.b64encode(KEY).decode())
    path.chmod(0o600)
    monkeypatch.setenv("MINDVEIL_KEY_FILE", os.fspath(path))
    assert key_from_environment() == KEY
    monkeypatch.delenv("MINDVEIL_KEY_FILE")
    with pytest.raises(InputError, match="MINDVEIL_KEY_FILE"):
        key_from_environment()


def test_a_short_key_is_refused():
    with pytest.raises(RefusedError, match="too short"):
        keyed_codes(IDS, b"short", "p", "all")


def test_a_sealed_table_opens_with_its_key_and_project_only():
    table = {"P1": "X", "P2": "Y"}
    sealed = seal_table(table, KEY, "project")
    assert open_table(sealed, KEY, "project") == table
    assert b"P1" not in sealed
    assert sealed != seal_table(table, KEY, "project")
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for content, key, project in (
        (sealed, OTHER, "project"),
        (sealed, KEY, "another"),
        (flipped, KEY, "project"),
        (b"", KEY, "project"),
    ):
        with pytest.raises(RefusedError, match="cannot be opened"):
            open_table(content, key, project)
