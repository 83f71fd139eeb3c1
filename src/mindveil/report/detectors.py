"""Which releases are detectors, which only stand beside one, and what is told of their answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mindveil.evidence.attack_names import ANSWER_ALONE, OF_TRAINED
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked, is_undefended
from mindveil.evidence.scorecard import Row
from mindveil.report import figures
from mindveil.report.detector_words import WITHOUT
from mindveil.report.figures import Figure, shown
from mindveil.report.words import MARGINS
from mindveil.study import ORIGINAL, UNDEFENDED

_TRAINED = "train/"
_MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """How often the right person is found by an answer of one detector that was handed out."""

    release: str
    figure: Figure
    guess: str


def is_detector(dossier: Dossier, release: str) -> bool:
    """Whether a release is a detector: by its last step, or by the attacks on it."""
    steps = next((r.steps for r in dossier.releases if r.name == release), ())
    return any(step.startswith(_TRAINED) for step in steps[-1:]) or any(
        r.release == release and asks_detectors(r) for r in dossier.rows
    )


def asks_detectors(row: Row) -> bool:
    """Whether a row is of an attack on detectors, one of somebody's own included."""
    return row.kind == "attack" and (row.measure.startswith(OF_TRAINED) or row.modality == _MODEL)


def is_twin(release: str) -> bool:
    """Whether a release is a detector without its promise, there to be measured against.

    >>> is_twin("dp3.undefended"), is_twin("dp3"), is_twin("original")
    (True, False, False)
    """
    return release != ORIGINAL and is_undefended(release)


def guarded(twin: str) -> str:
    """Return the release that a twin stands beside.

    >>> guarded("dp3.undefended")
    'dp3'
    """
    return twin.removesuffix(UNDEFENDED)


def twins_last(releases: Iterable[str]) -> tuple[str, ...]:
    """Return releases in their order, those that are not offered for release at the end.

    >>> twins_last(["original", "dp3.undefended", "dp3"])
    ('original', 'dp3', 'dp3.undefended')
    """
    return tuple(sorted(releases, key=is_twin))


def called(release: str) -> str:
    """Return in a word what an undefended release is.

    >>> called("original"), called("dp3.undefended")
    ('the original', 'without a promise')
    """
    return WITHOUT if is_twin(release) else MARGINS["reference"]


def answers_handed_out(rows: Sequence[Row]) -> tuple[Handed, ...]:
    """Return how often answers alone lead back to the people who gave them, where it was asked."""
    found = []
    for row in rows:
        what = asked(row.metric)
        if (what.figure, what.unusual, what.setting) != ("rank1", False, ANSWER_ALONE):
            continue
        told = figures.figure(row.estimate, "rate", row) if shown(row.estimate) else None
        if row.status == "ok" and told is not None:
            guess = "" if row.baseline is None else figures.number(row.baseline, "rate")
            found.append(Handed(release=row.release, figure=told, guess=guess))
    return tuple(found)
