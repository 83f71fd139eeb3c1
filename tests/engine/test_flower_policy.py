"""A site's policy: what it agrees to, and every way in which a proposal differs from it."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.engine.flower_policy import (
    NodePolicy,
    check_agreement,
    check_app,
    fingerprint,
    read_policy,
    write_policy,
)
from mindveil.errors import InputError, RefusedError

POLICY = NodePolicy(
    name="north",
    handler="module:function",
    settings={"k": 5, "deep": {"x": [1, None]}},
    apps=(hashlib.sha256(b"bundle").hexdigest(),),
    studies=("s1", "s2"),
    partners={"north": "key n", "south": "key s"},
)


def test_what_is_agreed_passes():
    for study in ("s1", "s2"):
        check_agreement(POLICY, study, fingerprint({"south": "key s", "north": "key\nn\n"}))
    check_app(POLICY, b"bundle")


@pytest.mark.parametrize(
    ("study", "partners", "sentence"),
    [
        ("s3", {"north": "key n", "south": "key s"}, "has not agreed to study 's3'"),
        ("", {"north": "key n", "south": "key s"}, "has not agreed"),
        ("s1", {"north": "key n", "south": "key x"}, "other partners"),
        ("s1", {"north": "key n"}, "other partners"),
        ("s1", {"north": "key n", "south": "key s", "east": "key e"}, "other partners"),
        ("s1", {"north": "key s", "south": "key n"}, "other partners"),
    ],
)
def test_any_other_proposal_is_refused(study, partners, sentence):
    with pytest.raises(RefusedError, match=sentence):
        check_agreement(POLICY, study, fingerprint(partners))


def test_a_site_outside_its_own_list_and_another_app_are_refused():
    alone = dataclasses.replace(POLICY, partners={"south": "key s"})
    with pytest.raises(RefusedError, match="not on its own list"):
        check_agreement(alone, "s1", fingerprint(alone.partners))
    with pytest.raises(RefusedError, match="does not allow the app"):
        check_app(POLICY, b"bundle ")
    with pytest.raises(RefusedError, match="does not allow the app"):
        check_app(dataclasses.replace(POLICY, apps=()), b"bundle")


LISTS = st.dictionaries(st.text(max_size=5), st.text("abc+/=", min_size=1, max_size=6), max_size=4)


@given(one=LISTS, other=LISTS)
def test_two_lists_have_one_fingerprint_only_if_they_are_one_list(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


def test_a_policy_is_written_and_read(tmp_path):
    path = tmp_path / "policy.json"
    write_policy(path, POLICY)
    assert read_policy(path) == POLICY
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o666)
    with pytest.raises(InputError, match="others may change this policy"):
        read_policy(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"more": 1}, "no others and no fewer"),
        ({"name": ""}, "are texts"),
        ({"studies": "s1"}, "are lists"),
        ({"apps": [3]}, "are texts"),
        ({"partners": ["north"]}, "are tables"),
        ({"partners": {"north": 3}}, "are texts"),
        ({"settings": None}, "are tables"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path, change, sentence):
    path = tmp_path / "policy.json"
    write_policy(path, POLICY)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=sentence):
        read_policy(path)


def test_no_policy_and_no_json_are_refused(tmp_path):
    path = tmp_path / "policy.json"
    with pytest.raises(InputError, match="takes part in nothing"):
        read_policy(path)
    path.write_text("{")
    path.chmod(0o600)
    with pytest.raises(InputError, match="no JSON"):
        read_policy(path)
    path.write_text("[]")
    with pytest.raises(InputError, match="no others and no fewer"):
        read_policy(path)
