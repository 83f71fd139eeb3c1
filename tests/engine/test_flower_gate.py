"""The gate: a bundle that is allowed is installed, another is not even unpacked."""

from __future__ import annotations

import hashlib

import pytest

from mindveil.engine.flower_gate import guarded
from mindveil.engine.flower_policy import POLICY_VARIABLE, SitePolicy, write_policy
from mindveil.errors import InputError, RefusedError


def test_only_a_listed_bundle_reaches_the_installer(tmp_path, monkeypatch):
    installed = []
    install = guarded(lambda content, *, skip_prompt: installed.append((content, skip_prompt)))
    path = tmp_path / "policy.json"
    monkeypatch.setenv(POLICY_VARIABLE, str(path))
    with pytest.raises(InputError, match="takes part in nothing"):
        install(b"good", skip_prompt=True)
    good = hashlib.sha256(b"good").hexdigest()
    write_policy(path, SitePolicy(name="north", handler="a:b", apps=(good,)))
    install(b"good", skip_prompt=True)
    with pytest.raises(RefusedError, match="does not allow the app"):
        install(b"evil", skip_prompt=True)
    assert installed == [(b"good", True)]
