"""How long a run will take and what it will hold, said before it starts."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from mindveil.addresses import cell_key
from mindveil.harness.context import Context
from mindveil.harness.releases import is_made
from mindveil.study import ORIGINAL

# CPU seconds of one core, measured on the sample cohort  and public tables:
# they are orders of magnitude, and `plan` says so.
_START = 3.0
_PROTECT_WORD = 1.2e-4
_PROTECT_PERSON = 2e-3
_ATTACK_WORD = 6e-6
_ATTACK_PAIR = 4e-7
_TASK_WORD = 3e-4
_TASK_PERSON = 4e-3
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
    epsilon: float = 0.0

    def as_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


def cost(context: Context, workers: int) -> Cost:
    """Return what is left to compute of a study."""
    people = context.corpus.participants
    words = sum(len(t.text.split()) for p in people for s in p.sessions for t in s.transcript)
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
    for cell in left:
        if cell.kind == "attack":
            work += folds * (words * _ATTACK_WORD + pairs * _ATTACK_PAIR + 0.2)
        elif cell.modality == "scales":
            work += folds * len(people) * _TASK_PERSON
        else:
            work += folds * (words * _TASK_WORD / len(context.folds) + len(people) * _TASK_PERSON)
    return Cost(
        seconds=round(work / max(workers, 1), 1),
        megabytes=int(_BASE_MEGABYTES + words * _MEGABYTES_A_WORD + pairs * _MEGABYTES_A_PAIR),
        workers=workers,
        finished=len(context.plan.cells) - len(left),
    )
