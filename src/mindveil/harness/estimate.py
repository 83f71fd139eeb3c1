"""How long a run will take and what it will hold, said before it starts."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass

from mindveil.addresses import cell_key
from mindveil.corpus.media import probe
from mindveil.corpus.model import Corpus
from mindveil.errors import InputError
from mindveil.harness.context import Context
from mindveil.harness.releases import RECORDED, is_made
from mindveil.study import ORIGINAL

# CPU seconds of one core, measured on the sample cohort and public tables:
# they are orders of magnitude, and `plan` says so.
_START = 3.0
_PROTECT_WORD = 1.2e-4
_PROTECT_PERSON = 2e-3
_ATTACK_WORD = 6e-6
_ATTACK_PAIR = 4e-7
_TASK_WORD = 3e-4
_TASK_PERSON = 4e-3
_PROTECT_AUDIO_SECOND = 0.06
_PROTECT_PICTURE = 0.13
_PROTECT_FRAME = 0.036
_HEAR_SECOND = 0.045
_SEE_PICTURE = 0.25
_COMPARE = 0.5
_BASE_MEGABYTES = 350
_MEGABYTES_A_WORD = 4e-4
_MEGABYTES_A_PAIR = 4e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What is left to compute: seconds of wall time with this many workers, memory of each."""

    seconds: float
    megabytes: int
    workers: int
    finished: int

    def as_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


def cost(context: Context, workers: int) -> Cost:
    """Return what is left to compute of a study."""
    people = context.corpus.participants
    words = sum(len(t.text.split()) for p in people for s in p.sessions for t in s.transcript)
    heard, seen = _recorded(context.corpus)
    pairs, folds = len(people) ** 2, len(context.folds)
    left = [
        c
        for c in context.plan.cells
        if not (context.folder.cells / f"{cell_key(context.plan, c)}.json").is_file()
    ]
    work = _START * workers
    for name in {c.release for c in left} - {ORIGINAL}:
        if not is_made(context, name):
            work += 2 * words * _PROTECT_WORD + len(people) * folds * _PROTECT_PERSON
            work += 2 * (heard * _PROTECT_AUDIO_SECOND + seen)
    for release in {c.release for c in left if c.modality in RECORDED}:
        # what encoders make of a recording is kept: the release and the attacker's copy of it
        copies = 1 if release == ORIGINAL else 2
        work += copies * (heard * _HEAR_SECOND + seen * _SEE_PICTURE / _PROTECT_PICTURE)
    for cell in left:
        if cell.modality in RECORDED:
            work += folds * _COMPARE
        elif cell.kind == "attack":
            work += folds * (words * _ATTACK_WORD + pairs * _ATTACK_PAIR + 0.2)
        else:
            work += folds * len(people) * _TASK_PERSON
    readers = {c.release for c in left if c.kind == "utility" and c.modality in {"fused", "text"}}
    work += len(readers) * words * _TASK_WORD  # words are read once a release
    return Cost(
        seconds=round(work / max(workers, 1), 1),
        megabytes=int(_BASE_MEGABYTES + words * _MEGABYTES_A_WORD + pairs * _MEGABYTES_A_PAIR),
        workers=workers,
        finished=len(context.plan.cells) - len(left),
    )


def _recorded(corpus: Corpus) -> tuple[float, float]:
    """Return seconds of sound, and CPU-seconds that covering the faces of all pictures takes.

    Headers are asked, not recordings; a file that cannot be read counts as nothing here, and is
    told by the run.
    """
    heard = seen = 0.0
    for person in corpus.participants:
        for session in person.sessions:
            for file in (*session.files("voice", "audio"), *session.files("face", "video")):
                with contextlib.suppress(InputError):
                    told = probe(file.path)
                    heard += told.seconds if told.kind == "audio" else 0.0
                    frames = told.seconds * told.rate if told.kind == "video" else 0.0
                    seen += frames * _PROTECT_FRAME
            seen += len(session.files("face", "still")) * _PROTECT_PICTURE
    return heard, seen
