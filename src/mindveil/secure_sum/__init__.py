"""Secure sums: a server adds the clients' vectors and sees no single one of them."""

from mindveil.secure_sum.client import (
    ClientState,
    mask_vector,
    open_round,
    reveal_shares,
    share_secrets,
)
from mindveil.secure_sum.entropy import Entropy, operating_system, seeded
from mindveil.secure_sum.fixed_point import FixedPoint, fixed_point
from mindveil.secure_sum.messages import (
    PublicKeys,
    RevealedShares,
    SealedShare,
    UnmaskRequest,
    from_bytes,
    to_bytes,
)
from mindveil.secure_sum.round_plan import RoundPlan, usual_threshold
from mindveil.secure_sum.server import ask_to_unmask, gather_keys, route_shares, unmask_total
from mindveil.secure_sum.simulation import NOBODY, DropOuts, SecureRound, secure_sum

__all__ = [
    "NOBODY",
    "ClientState",
    "DropOuts",
    "Entropy",
    "FixedPoint",
    "PublicKeys",
    "RevealedShares",
    "RoundPlan",
    "SealedShare",
    "SecureRound",
    "UnmaskRequest",
    "ask_to_unmask",
    "fixed_point",
    "from_bytes",
    "gather_keys",
    "mask_vector",
    "open_round",
    "operating_system",
    "reveal_shares",
    "route_shares",
    "secure_sum",
    "seeded",
    "share_secrets",
    "to_bytes",
    "unmask_total",
    "usual_threshold",
]
