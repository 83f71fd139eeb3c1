"""Keys and masks: what two clients know of each other and nobody else does.

Two clients agree on a secret (X25519), from which a key is derived (HKDF with SHA-256) whose label
holds the digest of the round's plan, the purpose and both clients: no key ever serves twice. A
mask is that key's AES-256 counter stream read as whole numbers of 64 bits; the client with the
lower number adds it and the other takes it away, so that it is gone from the sum. All pieces are
those of the ``cryptography`` package.
"""

from __future__ import annotations

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from mindveil.errors import RefusedError

SEED = 16
"""Bytes of a secret from which a key or a mask is derived, and which is shared."""

NONCE = 12
"""Bytes of the nonce in front of a sealed message."""


def derive(secret: bytes, context: bytes, purpose: bytes) -> bytes:
    """Return the key of 32 bytes that a secret gives for one purpose of one round."""
    return HKDF(SHA256(), 32, None, context + b" " + purpose).derive(secret)


def private_key(seed: bytes, context: bytes, purpose: bytes) -> X25519PrivateKey:
    """Return the private key that a seed of 16 bytes gives for one purpose of one round."""
    return X25519PrivateKey.from_private_bytes(derive(seed, context, purpose))


def public_key(private: X25519PrivateKey) -> bytes:
    """Return the public key to a private one (32 bytes)."""
    return private.public_key().public_bytes_raw()


def agree(private: X25519PrivateKey, public: bytes) -> bytes:
    """Return the secret of two clients, the same from either end (32 bytes).

    Raises RefusedError where the other's key is no key, or is one that makes the secret known.
    """
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise RefusedError(
            "a public key on the list cannot be used to agree on a secret; the round is refused"
        ) from error


def pair_label(one: int, other: int) -> bytes:
    """Return the label of two clients, the same whoever asks."""
    low, high = sorted((one, other))
    return low.to_bytes(8, "big") + high.to_bytes(8, "big")


def pair_mask(secret: bytes, context: bytes, label: bytes, entries: int) -> NDArray[np.uint64]:
    """Return the mask of two clients from the secret they agreed on."""
    return stream(derive(secret, context, b"pair mask " + label), entries)


def self_mask(seed: bytes, context: bytes, entries: int) -> NDArray[np.uint64]:
    """Return the mask that a client has for itself, from its seed."""
    return stream(derive(seed, context, b"self mask"), entries)


def stream(key: bytes, entries: int) -> NDArray[np.uint64]:
    """Return whole numbers that nobody without the key can tell from chance; not writable.

    >>> stream(bytes(32), 2)
    array([9910523521560253916, 9736928157321283757], dtype=uint64)
    """
    counter = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return np.frombuffer(counter.update(bytes(8 * entries)), "<u8").astype(np.uint64, copy=False)


def seal(key: bytes, nonce: bytes, words: bytes, address: bytes) -> bytes:
    """Return the words encrypted and bound to an address (AES-256-GCM), the nonce in front."""
    return nonce + AESGCM(key).encrypt(nonce, words, address)


def unseal(key: bytes, sealed: bytes, address: bytes) -> bytes:
    """Return the words of a sealed message; raises RefusedError where it is not whole."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], address)
    except (InvalidTag, ValueError) as error:
        raise RefusedError(
            "a sealed share was changed on its way, or belongs to another round, sender or "
            "receiver; the round is refused"
        ) from error
