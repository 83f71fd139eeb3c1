"""Sites that are really killed, at any time: what left was paid for, and left once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.federation.hospitals import agreed, hospitals

from mindveil.dp.ledger import Ledger

SITE = """
import json, sys
import numpy as np
from mindveil.engine.site_messages import SiteMessage
from mindveil.federation.site_session import open_site

agreement, study, policy, entries, first = json.loads(sys.argv[1])
site = open_site({"policy": policy})
memory = site.handle(SiteMessage(kind="hello", facts={"agreement": agreement}), None).memory
for number in range(first, 400):
    facts = {"study": study, "round": number, "chosen": agreement["sites"]}
    message = SiteMessage(kind="update", facts=facts, arrays={"sent": np.zeros(entries)})
    memory = site.handle(message, memory).memory
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_site_that_is_killed_has_paid_for_all_that_left(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 2)
    agreement = agreed(wards.names, epsilon=4.0, rounds=400)
    policy = wards.policy("north", agreement)
    entries = wards.lessons(agreement.training).rows.shape[1] + 1
    rng, left = np.random.default_rng(3), []
    for _ in range(6):
        noted = [int(n) for n in wards.state("north").answered(agreement.hash)]
        first = max(noted, default=-1) + 1
        told = [agreement.to_json(), agreement.hash, str(policy), entries, first]
        command = [sys.executable, "-c", SITE, json.dumps(told)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as site:
            assert site.stdout is not None
            said = [int(site.stdout.readline()) for _ in range(int(rng.integers(1, 4)))]
            time.sleep(rng.uniform(0.0, 0.05))
            site.kill()
            left += said + [int(line) for line in site.stdout.read().split()]
    noted = [int(n) for n in wards.state("north").answered(agreement.hash)]
    assert len(left) == len(set(left))
    assert set(left) <= set(noted)
    assert len(noted) == len(set(noted)) <= len(left) + 6
    assert len(Ledger(path=wards.state("north").path / "ledger.jsonl").entries()) == 1
