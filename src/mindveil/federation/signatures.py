"""Whose keys these are: each site signs its keys of a round, and partners look.

Masks hide a site among others only if the others exist. A coordinator that makes up the keys of
all other sites would share masks with itself, and take them off (Bonawitz et al. 2017, active
adversaries). Where a policy lists the signing keys of its partners, no made-up site is believed.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mindveil.secure_sum import PublicKeys, RoundPlan, to_bytes

_LABEL = b"mindveil keys of a round 1\n"


def signer_of(secret: bytes) -> str:
    """Return the public half of a site's signing key (32 bytes), in hex: what partners list.

    >>> len(signer_of(bytes(32)))
    64
    """
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw().hex()


def signed(secret: bytes, plan: RoundPlan, site: str, keys: PublicKeys) -> str:
    """Return a site's signature of its keys in one round, in hex."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(_words(plan, site, keys)).hex()


def is_signed(signer: str, signature: str, plan: RoundPlan, site: str, keys: PublicKeys) -> bool:
    """Return whether a site with this signing key signed these very keys for this very round."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer))
        public.verify(bytes.fromhex(signature), _words(plan, site, keys))
    except (InvalidSignature, ValueError):
        return False
    return True


def _words(plan: RoundPlan, site: str, keys: PublicKeys) -> bytes:
    return _LABEL + plan.context() + site.encode() + b"\n" + to_bytes(keys)
