from __future__ import annotations

import numpy as np
import pytest

from mindveil.errors import RefusedError
from mindveil.secure_sum import masks

CONTEXT = b"c" * 32


def test_the_stream_starts_as_the_published_block_of_aes_256():
    # AES-256 of the zero block under the zero key (NIST, AESAVS, GFSbox / VarTxt family)
    assert masks.stream(bytes(32), 2).tobytes().hex() == "dc95c078a2408989ad48a21492842087"


def test_both_ends_agree_and_a_third_does_not():
    a, b, c = (masks.private_key(bytes([i]) * 16, CONTEXT, b"mask key") for i in (1, 2, 3))
    assert masks.agree(a, masks.public_key(b)) == masks.agree(b, masks.public_key(a))
    assert masks.agree(a, masks.public_key(c)) != masks.agree(b, masks.public_key(c))
    assert masks.pair_label(3, 9) == masks.pair_label(9, 3) != masks.pair_label(3, 8)


def test_no_purpose_or_round_shares_a_key():
    seed = bytes(16)
    made = [masks.derive(seed, c, p) for c in (CONTEXT, b"d" * 32) for p in (b"a", b"b")]
    assert len(set(made)) == 4


def test_a_key_that_makes_the_secret_known_is_refused():
    with pytest.raises(RefusedError, match="public key"):
        masks.agree(masks.private_key(bytes(16), CONTEXT, b"mask key"), bytes(32))
    with pytest.raises(RefusedError, match="public key"):
        masks.agree(masks.private_key(bytes(16), CONTEXT, b"mask key"), b"short")


@pytest.mark.parametrize("at", [0, 11, 12, 20, -1])
def test_a_sealed_message_that_was_changed_is_refused(at):
    sealed = bytearray(masks.seal(b"k" * 32, b"n" * 12, b"words", b"to"))
    assert masks.unseal(b"k" * 32, bytes(sealed), b"to") == b"words"
    sealed[at] ^= 1
    with pytest.raises(RefusedError, match="changed on its way"):
        masks.unseal(b"k" * 32, bytes(sealed), b"to")


@pytest.mark.parametrize(
    ("key", "sealed", "to"), [(b"l", None, b"to"), (b"k", None, b"others"), (b"k", b"", b"to")]
)
def test_a_sealed_message_for_somebody_else_is_refused(key, sealed, to):
    whole = masks.seal(b"k" * 32, b"n" * 12, b"words", b"to")
    with pytest.raises(RefusedError, match="another round"):
        masks.unseal(key * 32, whole if sealed is None else sealed, to)


def test_a_stream_has_even_bits():
    bits = np.unpackbits(masks.stream(b"s" * 32, 20_000).view(np.uint8))
    assert abs(bits.mean() - 0.5) < 4 * 0.5 / np.sqrt(bits.size)
