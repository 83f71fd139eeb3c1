"""A site's answers: agreement first, once a message, memory kept, and no words of others' errors."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mindveil.engine.flower_answers import Envelope, Kept, answer_envelope, open_site
from mindveil.engine.flower_policy import NodePolicy, fingerprint, write_policy
from mindveil.engine.site_messages import Answer, SiteMessage
from mindveil.errors import InputError, InvalidMeasurement, RefusedError

PARTNERS = {"north": "n", "south": "s"}
FAULTS = {
    "few": RefusedError("3 people are too few"),
    "odd": InvalidMeasurement("all scores are the same"),
    "bug": ValueError("Anna said something"),
    "gone": KeyError("Anna"),
}


class Counting:
    def __init__(self, settings):
        self.step = settings["step"]

    def handle(self, request, memory):
        fault = FAULTS.get(request.kind)
        if fault is not None:
            raise fault
        count = self.step + (0 if memory is None else memory.facts["count"])
        kept = (
            None if request.kind == "forget" else SiteMessage(kind="kept", facts={"count": count})
        )
        said = "absent" if request.kind == "pretend" else "counted"
        return Answer(reply=SiteMessage(kind=said, facts={"count": count}), memory=kept)


@pytest.fixture
def policy(tmp_path, monkeypatch) -> Path:
    (tmp_path / "counting_site.py").write_text(
        "SITE = None\n\ndef open_site(settings):\n    return SITE(settings)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import counting_site  # noqa: PLC0415 - written above

    monkeypatch.setattr(counting_site, "SITE", Counting)
    path = tmp_path / "policy.json"
    write_policy(
        path,
        NodePolicy(
            name="north",
            handler="counting_site:open_site",
            settings={"step": 2},
            studies=("s1",),
            partners=PARTNERS,
        ),
    )
    return path


def envelope(sequence: int, kind: str = "count") -> Envelope:
    body = SiteMessage(kind=kind).to_bytes()
    return Envelope(study="s1", partners=fingerprint(PARTNERS), sequence=sequence, body=body)


def count(returned) -> object:
    assert returned.status == "answered"
    return SiteMessage.from_bytes(returned.body).facts["count"]


def test_memory_goes_from_message_to_message(policy):
    returned, kept = answer_envelope(policy, envelope(1), Kept())
    assert count(returned) == 2
    returned, kept = answer_envelope(policy, envelope(3), kept)
    assert count(returned) == 4
    assert kept.sequence == 3
    returned, kept = answer_envelope(policy, envelope(4, "forget"), kept)
    assert kept == Kept(sequence=4)
    assert count(answer_envelope(policy, envelope(5), kept)[0]) == 2


def test_a_message_that_is_played_again_is_refused(policy):
    _, kept = answer_envelope(policy, envelope(2), Kept())
    for sequence in (2, 1, 0, -1):
        returned, after = answer_envelope(policy, envelope(sequence), kept)
        assert returned.status == "refused"
        assert "was answered already" in returned.reason
        assert after == kept


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("few", "refused", "3 people are too few"),
        ("odd", "refused", "all scores are the same"),
        ("pretend", "refused", "may not answer with the kind 'absent'"),
        ("bug", "failed", "ValueError in test_flower_answers.py:"),
        ("gone", "failed", "KeyError in test_flower_answers.py:"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_changes_no_memory(policy, kind, status, reason):
    _, kept = answer_envelope(policy, envelope(1), Kept())
    returned, after = answer_envelope(policy, envelope(2, kind), kept)
    assert returned.status == status
    assert reason in returned.reason
    assert "Anna" not in returned.reason
    assert returned.body == b""
    assert after == Kept(sequence=2, memory=kept.memory)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"study": "s9"}, "has not agreed to study"),
        ({"partners": fingerprint({"north": "n"})}, "other partners"),
        ({"body": b"nonsense"}, "cut off or written by something else"),
    ],
)
def test_the_agreement_comes_before_the_site_s_own_code(policy, monkeypatch, change, reason):
    def never(*_):
        raise AssertionError

    monkeypatch.setattr(Counting, "handle", never)
    wrong = dataclasses.replace(envelope(1), **change)
    returned, _ = answer_envelope(policy, wrong, Kept())
    assert (returned.status, reason in returned.reason) == ("refused", True)


def test_without_a_policy_nothing_is_answered(tmp_path):
    returned, _ = answer_envelope(tmp_path / "none.json", envelope(1), Kept())
    assert returned.status == "refused"
    assert "takes part in nothing" in returned.reason


@pytest.mark.parametrize("handler", ["no_such_module:f", "json:no_such_function", "json", ":f"])
def test_a_handler_that_is_not_there_is_named(handler):
    with pytest.raises(InputError, match="not installed here"):
        open_site(NodePolicy(name="north", handler=handler))
