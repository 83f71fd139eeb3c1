from __future__ import annotations

from dataclasses import replace

import pytest

from mindveil.federation.signatures import is_signed, signed, signer_of
from mindveil.secure_sum import RoundPlan, open_round

PLAN = RoundPlan(study="s", round_number=3, clients=3, threshold=2, entries=5)
SECRET = bytes(range(32))


def test_a_site_signs_its_keys_and_nobody_else_can() -> None:
    keys = open_round(PLAN, 1)[1]
    signer, signature = signer_of(SECRET), signed(SECRET, PLAN, "north", keys)
    assert is_signed(signer, signature, PLAN, "north", keys)
    other = open_round(PLAN, 1)[1]
    refused = [
        is_signed(signer_of(bytes(32)), signature, PLAN, "north", keys),
        is_signed(signer, signed(bytes(32), PLAN, "north", keys), PLAN, "north", keys),
        is_signed(signer, signature, replace(PLAN, round_number=4), "north", keys),
        is_signed(signer, signature, replace(PLAN, study="t"), "north", keys),
        is_signed(signer, signature, PLAN, "south", keys),
        is_signed(signer, signature, PLAN, "north", other),
        is_signed(signer, signature, PLAN, "north", replace(keys, client=2)),
    ]
    assert not any(refused)


@pytest.mark.parametrize("words", ["", "zz", "00", "00" * 64, "00" * 65])
def test_what_is_no_signature_or_no_key_is_not_believed(words: str) -> None:
    keys = open_round(PLAN, 0)[1]
    assert not is_signed(signer_of(SECRET), words, PLAN, "north", keys)
    assert not is_signed(words, signed(SECRET, PLAN, "north", keys), PLAN, "north", keys)


def test_a_small_change_of_a_signature_is_found() -> None:
    keys = open_round(PLAN, 0)[1]
    signature = bytes.fromhex(signed(SECRET, PLAN, "north", keys))
    for place in range(0, 64, 7):
        spoilt = bytearray(signature)
        spoilt[place] ^= 1
        assert not is_signed(signer_of(SECRET), spoilt.hex(), PLAN, "north", keys)
