"""A site's answer to one envelope from the coordinator: check the agreement, then hand it over.

This is all that a node does with what it receives, told without a word of Flower
(flower_client_app.py wraps it). Whatever goes wrong becomes a status and one sentence. The text
of an error that is not ours stays at the site, since it may hold words of a participant.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mindveil.engine.flower_policy import NodePolicy, check_agreement, read_policy
from mindveil.engine.site_messages import Answer, Site, SiteMessage, spoken
from mindveil.errors import InputError, MindveilError

Status = Literal["answered", "refused", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a node receives: the study, the partners' fingerprint, a running number, the body."""

    study: str
    partners: str
    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What stays at the node until the next envelope of the same run."""

    sequence: int = 0
    memory: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What goes back: a message in bytes, or a status with one sentence."""

    status: Status
    reason: str = ""
    body: bytes = b""


def answer_envelope(policy: Path, envelope: Envelope, kept: Kept) -> tuple[Returned, Kept]:
    """Answer one envelope under the policy of the site.

    The running number must grow: an envelope that is played again is refused. A refusal leaves
    what is kept as it was, but for the number.
    """
    if envelope.sequence <= kept.sequence:
        played_again = f"message {envelope.sequence} of this federation was answered already"
        return Returned(status="refused", reason=played_again), kept
    kept = Kept(sequence=envelope.sequence, memory=kept.memory)
    try:
        answer = _handled(read_policy(policy), envelope, kept)
        written = spoken(answer.reply).to_bytes()
        memory = b"" if answer.memory is None else answer.memory.to_bytes()
    except MindveilError as fault:
        return Returned(status="refused", reason=str(fault)), kept
    except Exception as fault:  # noqa: BLE001 - a failing site must not end the others
        return Returned(status="failed", reason=_place(fault)), kept
    return (
        Returned(status="answered", body=written),
        Kept(sequence=envelope.sequence, memory=memory),
    )


def _handled(policy: NodePolicy, envelope: Envelope, kept: Kept) -> Answer:
    check_agreement(policy, envelope.study, envelope.partners)
    memory = SiteMessage.from_bytes(kept.memory) if kept.memory else None
    return open_site(policy).handle(SiteMessage.from_bytes(envelope.body), memory)


def open_site(policy: NodePolicy) -> Site:
    """Call the function that the policy names, with the policy's settings.

    Raises:
        InputError: there is no such function.
    """
    module, _, function = policy.handler.partition(":")
    try:
        opener = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as fault:
        raise InputError(
            f"site {policy.name}: its policy names the handler {policy.handler}, "
            "which is not installed here"
        ) from fault
    settings: Mapping[str, object] = policy.settings
    site: Site = opener(settings)
    return site


def _place(fault: Exception) -> str:
    where = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {Path(where.filename).name}:{where.lineno}"
