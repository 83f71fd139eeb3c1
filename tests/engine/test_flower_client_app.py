"""The site's wrapping, with records that stand in for Flower's: what is kept, and what goes back."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from mindveil.engine import flower_client_app
from mindveil.engine.flower_answers import Kept, Returned
from mindveil.engine.flower_policy import POLICY_VARIABLE


@pytest.fixture
def records(monkeypatch):
    app = ModuleType("flwr.app")
    app.ConfigRecord = dict
    app.RecordDict = dict
    app.Message = lambda content, reply_to: SimpleNamespace(content=content, reply_to=reply_to)
    monkeypatch.setitem(sys.modules, "flwr", ModuleType("flwr"))
    monkeypatch.setitem(sys.modules, "flwr.app", app)


def test_what_is_kept_stays_in_the_context_and_never_travels(records, monkeypatch, tmp_path):
    seen = []

    def answer(policy, envelope, kept):
        seen.append((policy, envelope.study, envelope.partners, envelope.body, kept))
        return (
            Returned(status="answered", body=b"said"),
            Kept(sequence=envelope.sequence, memory=b"secret"),
        )

    monkeypatch.setattr(flower_client_app, "answer_envelope", answer)
    monkeypatch.setenv(POLICY_VARIABLE, str(tmp_path / "policy.json"))
    context = SimpleNamespace(state={})
    for sequence in (1, 4):
        told = {"study": "s", "partners": "p", "sequence": sequence, "body": b"asked"}
        message = SimpleNamespace(content={"envelope": told})
        reply = flower_client_app.answer_message(message, context)
        assert reply.reply_to is message
        assert reply.content == {"envelope": {"status": "answered", "reason": "", "body": b"said"}}
    terms = (tmp_path / "policy.json", "s", "p", b"asked")
    assert seen == [(*terms, Kept()), (*terms, Kept(sequence=1, memory=b"secret"))]
    assert context.state == {"kept": {"sequence": 4, "memory": b"secret"}}
