"""Threshold sharing: a secret of 16 bytes that any majority can put together, and nobody fewer.

Shamir's scheme (1979) over the field of 2**128 elements, the one of pycryptodome: its shares and
these are the same and can be exchanged. A client deals its shares with that library. The server
puts many secrets of the same holders together; the weights of the holders are then worked out once
instead of once a secret, which is what this module is for (the library needs 14 ms for one secret
of 21 shares, here it is some 0.1 ms). A simulated round deals here as well.

An element is a polynomial over two values. It is kept *spread*, one coefficient a byte: a product
of two spread whole numbers then counts, in each byte, how often a coefficient comes up (128 times
at most, so that no byte runs over), and the lowest bit of that count is the coefficient.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from Crypto.Protocol.SecretSharing import Shamir
from numpy.typing import NDArray

from mindveil.secure_sum.entropy import Entropy

SIZE = 16
"""Bytes of a secret and of a share."""

Words = NDArray[np.uint64]

_BYTES = 256
_ONES = int.from_bytes(b"\x01" * _BYTES, "big")
_DIGITS = int.from_bytes(b"0" * _BYTES, "big")


def deal(secret: bytes, threshold: int, holders: int) -> tuple[bytes, ...]:
    """Return one share a holder, of a secret of 16 bytes; any ``threshold`` of them give it.

    >>> shares = deal(b"sixteen bytes ok", 2, 3)
    >>> combine(weights((1, 3)), (shares[0], shares[2]))
    b'sixteen bytes ok'
    """
    return tuple(share for _, share in Shamir.split(threshold, holders, secret))


def deal_many(
    secrets: Sequence[bytes], threshold: int, holders: int, entropy: Entropy
) -> list[tuple[bytes, ...]]:
    """Return the shares of each secret as ``deal`` does, all polynomials drawn from the entropy.

    One polynomial a secret, at the places 1 to ``holders``, by Horner's rule for all of them at
    once: a row a secret, a column a holder, an element as two words of 64 bits.
    """
    chance = entropy(SIZE * (threshold - 1) * len(secrets))
    drawn = np.frombuffer(chance, ">u8").reshape(threshold - 1, len(secrets), 2)
    last = np.frombuffer(b"".join(secrets), ">u8").reshape(1, len(secrets), 2)
    terms = np.concatenate([drawn, last]).astype(np.uint64)[:, :, :, None]
    places = np.arange(1, holders + 1, dtype=np.uint64)
    high = np.repeat(terms[0, :, 0], holders, axis=1)
    low = np.repeat(terms[0, :, 1], holders, axis=1)
    for term in terms[1:]:
        high, low = _scaled(high, low, places)
        high ^= term[:, 0]
        low ^= term[:, 1]
    words = np.stack([high, low], axis=2).astype(">u8").tobytes()
    row = SIZE * holders
    return [
        tuple(words[at : at + SIZE] for at in range(start, start + row, SIZE))
        for start in range(0, len(words), row)
    ]


def weights(places: Sequence[int]) -> tuple[int, ...]:
    """Return what each holder's share counts when the holders at these places come together.

    Places are whole numbers from 1 on, none twice. Lagrange's weights at 0: the product of
    x / (x + y) over all other places x, with one division for all of them.
    """
    below = [_denominator(place, places) for place in places]
    whole = 1
    for place in places:
        whole = _product(whole, _spread(place))
    before = [1]
    for factor in below:
        before.append(_product(before[-1], factor))
    left = _product(_inverse(before[-1]), whole)
    found = []
    for index in reversed(range(len(below))):
        found.append(_product(left, before[index]))
        left = _product(left, below[index])
    return tuple(reversed(found))


def combine(weight: Sequence[int], shares: Sequence[bytes]) -> bytes:
    """Return the secret from the shares of those whose weights these are, in their order."""
    total = 0
    for factor, share in zip(weight, shares, strict=True):
        total ^= factor * _spread(_number(share))
    return _gathered(_reduced(total & _ONES)).to_bytes(SIZE, "big")


def _denominator(place: int, places: Sequence[int]) -> int:
    """Return place times the product of (place + other) over all others, spread."""
    product = _spread(place)
    for other in places:
        if other != place:
            product = _product(product, _spread(place ^ other))
    return product


def _scaled(high: Words, low: Words, places: Words) -> tuple[Words, Words]:
    """Return elements (secrets, holders) times the small whole number of their column.

    What a shift pushes out above x**128 comes back as x**7 + x**2 + x + 1.
    """
    new_high, new_low = np.zeros_like(high), np.zeros_like(low)
    over = np.zeros_like(high)
    for bit in range(int(places.max(initial=0)).bit_length()):
        shift, rest = np.uint64(bit), np.uint64(63 - bit)
        here = -((places >> shift) & np.uint64(1))  # all ones where the place has this bit
        above, below = high & here, low & here
        new_high ^= (above << shift) ^ ((below >> np.uint64(1)) >> rest)
        new_low ^= below << shift
        over ^= (above >> np.uint64(1)) >> rest
    new_low ^= over ^ (over << np.uint64(1)) ^ (over << np.uint64(2)) ^ (over << np.uint64(7))
    return new_high, new_low


def _product(one: int, other: int) -> int:
    return _reduced(one * other & _ONES)


def _inverse(value: int) -> int:
    """Return 1 / value: Euclid's way down from x**128 + x**7 + x**2 + x + 1 (not spread)."""
    small, large = _gathered(value), (1 << 128) | 0x87
    mine, theirs = 1, 0
    while small != 1:
        step = large.bit_length() - small.bit_length()
        large ^= small << step
        theirs ^= mine << step
        if large.bit_length() < small.bit_length():
            small, large, mine, theirs = large, small, theirs, mine
    return _reduced(_spread(mine))


def _reduced(spread: int) -> int:
    """Return a spread polynomial modulo x**128 + x**7 + x**2 + x + 1."""
    while spread.bit_length() > 128 * 8:
        high = spread >> (128 * 8)
        low = spread & ((1 << (128 * 8)) - 1)
        spread = low ^ high ^ (high << 8) ^ (high << 16) ^ (high << 56)
    return spread


def _spread(number: int) -> int:
    return int.from_bytes(f"{number:b}".encode(), "big") & _ONES


def _gathered(spread: int) -> int:
    return int((spread | _DIGITS).to_bytes(_BYTES, "big"), 2)


def _number(share: bytes) -> int:
    return int.from_bytes(share, "big")
