"""What goes out and was attacked by nobody: silence about it must not pass for safety."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from mindveil.attack.authorship import Authorship
from mindveil.attack.face_linkage import FaceLinkage
from mindveil.attack.fused_linkage import ALONE, FusedLinkage
from mindveil.attack.scales_linkage import ScalesLinkage
from mindveil.attack.speaker_linkage import SpeakerLinkage
from mindveil.corpus.model import Modality
from mindveil.evidence.caps import UNTRIED
from mindveil.evidence.scorecard import Row
from mindveil.harness.context import Context
from mindveil.harness.releases import is_made, load_release
from mindveil.plan import CellPlan
from mindveil.release_kinds import is_of_people
from mindveil.study import ORIGINAL

_PLAINEST: Mapping[Modality, str] = MappingProxyType(
    {
        "face": FaceLinkage.name,
        "scales": ScalesLinkage.name,
        "text": Authorship.name,
        "voice": SpeakerLinkage.name,
    }
)
"""The attack that asks of a modality what comes to mind first: whose is it?"""


def untried_rows(context: Context, rows: Sequence[Row]) -> list[Row]:
    """Return a row for every modality of a release on which the study asks no attack.

    Whose study attacks the transcripts alone would else be told that the voices may go out. One
    attacker of everything counts where he compared the modality. What a release leaves out is
    nobody's to attack.
    """
    if not context.study.attack.use:
        return []  # the verdict says that nothing was attacked
    return [
        _unasked(context, release.name, modality)
        for release in context.study.releases
        if release.name != ORIGINAL and is_of_people(release)
        for modality in sorted(context.corpus.modalities)
        if not any(_tries(r, modality) for r in rows if r.release == release.name)
        and _goes_out(context, release.name, modality)
    ]


def _goes_out(context: Context, name: str, modality: Modality) -> bool:
    """Whether anybody's files of a modality are in a release; yes where it could not be made."""
    if not is_made(context, name):
        return True
    folds = (load_release(context, name, fold)[0] for fold in context.folds)
    return any(modality in release.corpus.modalities for release in folds)


def _tries(row: Row, modality: Modality) -> bool:
    """Whether an attack looked at a modality, whatever came of it."""
    if row.kind != "attack":
        return False
    alone = row.metric == f"rank1@{modality}{ALONE}"
    compared = f"{modality} could not be compared in" not in row.note
    return row.modality == modality or (row.measure == FusedLinkage.name and alone and compared)


def _unasked(context: Context, release: str, modality: Modality) -> Row:
    cell = CellPlan(release=release, kind="attack", measure=_PLAINEST[modality], modality=modality)
    return replace(
        cell.row(context.study.seed),
        status="inconclusive",
        note=f"{modality} goes out with this release {UNTRIED}",
    )
