"""A track as a study: its frozen attackers, its defences as releases, and what does not fit here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mindveil import catalog
from mindveil.choices import attacks_of
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Corpus
from mindveil.engine.base import Executor
from mindveil.errors import InputError
from mindveil.evidence.dossier import Dossier
from mindveil.execution import Tell, run_study
from mindveil.harness.context import Context, context_of
from mindveil.harness.leak_scan import require_no_leak
from mindveil.harness.summary import seal, sum_up, write_dossier
from mindveil.study import StepPart, Study
from mindveil.study_file import parse_study
from mindveil.suite.entrants import Entrant
from mindveil.suite.suite_file import Suite, TrackPart

LIGHT = "ignorant"
"""Who is sent at a folder: he does not know that it was protected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a track is run: the corpus folder of the suite, and the folder of results."""

    corpus: Path
    out: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStudy:
    """A study of a track, its context, the defences in it, and what could not be run."""

    context: Context
    track: TrackPart
    entrants: tuple[Entrant, ...]
    lost: tuple[tuple[str, str], ...]


def study_of(
    suite: Suite,
    track: TrackPart,
    place: Place,
    entrants: tuple[Entrant, ...],
    entered: tuple[str, ...],
) -> TrackStudy:
    """Return the study of a track with these defences; ``entered`` are attacks beside the frozen.

    Raises:
        InputError: none of the attacks can be run here.
    """
    informed = len(track.attackers) > 1 or not entrants or entrants[0].informed
    folder = place.out / "tracks" / (track.name if informed else f"{track.name}-{LIGHT}")
    raw: dict[str, object] = {
        "study": f"{suite.part.name} {track.name}",
        "seed": suite.part.seed,
        "corpus": str(place.corpus.resolve()),
        "out": str(folder.resolve()),
        "split": {"folds": suite.part.folds},
        "release": [{"name": e.name, "steps": [plain(s) for s in e.steps]} for e in entrants],
        "attack": {
            "use": ["all"],
            "attackers": list(track.attackers),
            "lineup": track.lineup,
            "recordings": list(track.recordings),
        },
        "utility": {"use": list(track.utility), "modalities": list(track.streams)},
    }
    draft = parse_study(raw, f"track {track.name}", folder)
    names, lost = _attacks(draft, track, entered, load_corpus(place.corpus))
    settings = {k: v for k, v in track.settings.items() if k in names}
    attack = draft.attack.model_copy(update={"use": tuple(names), "settings": settings})
    study = draft.model_copy(update={"attack": attack})
    return TrackStudy(context=context_of(study), track=track, entrants=entrants, lost=tuple(lost))


def measured(context: Context, executor: Executor, tell: Tell) -> Dossier:
    """Compute a study and write its dossier, from which ``mindveil report`` draws a report.

    Raises:
        RefusedError: a file that was written for others to read names or quotes somebody.
    """
    with context.folder.claim():
        finished = run_study(context, executor, tell)
        dossier = sum_up(context, finished.rows)
        write_dossier(dossier, context)
        seal(context.study.out)
        require_no_leak(context.study.out, context.corpus)
    return dossier


def plain(step: StepPart) -> dict[str, object]:
    """Return a step as a study file writes it."""
    return dict(step.model_dump())


def _attacks(
    draft: Study, track: TrackPart, entered: tuple[str, ...], corpus: Corpus
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the attacks of a track that can be run here, and why others cannot."""
    fit, skipped = attacks_of(draft, corpus)
    reasons = dict(s.partition(": ")[::2] for s in skipped)
    chosen, lost = [], []
    for name in track.attacks:
        if name in fit:
            chosen.append(name)
        elif name in reasons:
            lost.append((name, reasons[name]))
        elif catalog.explained(name) is None:
            lost.append((name, "this version has no attack of that name"))
        else:
            lost.append((name, "no defence of the track releases what it looks at"))
    asked = {fit[n].modality for n in chosen}
    for name in entered:
        mine = catalog.attack(name, {})
        if mine.modality in asked and mine.needs <= corpus.modalities:
            chosen.append(name)
        else:
            lost.append((name, f"it looks at {mine.modality}, which this track does not"))
    if not chosen:
        raise InputError(f"track {track.name!r}: none of its attacks can be run here")
    return chosen, lost
