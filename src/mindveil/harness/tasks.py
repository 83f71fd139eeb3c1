"""Put a clinical question to a release: learn from it, be tested on people it never saw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import numpy as np

from mindveil import catalog
from mindveil.addresses import cell_key
from mindveil.corpus.folds import Fold
from mindveil.corpus.model import MODALITIES, Stream
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.augmentation import measure_augmentation
from mindveil.evidence.contamination import measure_contamination
from mindveil.evidence.decision_curves import measure_decisions
from mindveil.evidence.detection import Tested, measure_detection, measure_severity, pool
from mindveil.evidence.fidelity import measure_fidelity
from mindveil.evidence.measured import Measured
from mindveil.evidence.scorecard import Cell
from mindveil.evidence.signals import measure_signal
from mindveil.evidence.subgroups import measure_group_gaps
from mindveil.evidence.validity import measure_identity, measure_interviewer
from mindveil.harness.context import Context
from mindveil.harness.models import predictions_of
from mindveil.harness.releases import as_met, load_release, rename
from mindveil.plan import CellPlan, release_of
from mindveil.randomness import stream
from mindveil.release_kinds import trainer_of
from mindveil.store.cache import digest
from mindveil.store.files import write_json
from mindveil.study import ORIGINAL, STREAMS
from mindveil.utility.base import (
    AugmentationTask,
    Fidelity,
    FidelityTask,
    Lesson,
    Predictions,
    SignalTask,
    Trial,
    UtilityTask,
)
from mindveil.utility.contamination import Contamination
from mindveil.utility.subgroups import groups_of, scale_asked
from mindveil.utility.validity import Meeting, ValidityTask


def measure_task(context: Context, cell: CellPlan) -> Cell:
    """Return the rows of one utility cell, beside the same model trained on the originals."""
    row = cell.row(context.study.seed)
    rng = stream(context.study.seed, "bootstrap", cell.measure, cell.modality)
    family = cell.measure.partition("/")[0]
    ways = dict.fromkeys(catalog.SIGNALS, _heard)
    ways |= {"psychometrics": _compared, "augment": _added, **dict.fromkeys(_DOUBTS, _doubted)}
    ways |= {Contamination.family: _copied}
    try:
        found = ways.get(family, _forecast)(context, cell, rng)
        return Cell(rows=tuple(row.holding(m) for m in found))
    except InvalidMeasurement as why:
        return Cell(rows=(replace(row, status="invalid", note=str(why)),))


def _forecast(context: Context, cell: CellPlan, rng: np.random.Generator) -> list[Measured]:
    """Return what detectors and severity models come to on people they never saw."""
    task = catalog.task(cell.measure, _stream(cell.modality))
    tested = [
        Tested(
            repeat=fold.repeat,
            released=_predict(context, cell, fold),
            original=_predict(context, replace(cell, release=ORIGINAL), fold),
        )
        for fold in context.folds
    ]
    measure = measure_severity if task.family == "severity" else measure_detection
    pooled = pool(tested)
    found = measure(pooled, rng)
    if task.family == "detect":
        found += measure_decisions(pooled, rng)
        groups = groups_of(context.corpus, scale_asked(cell.measure))
        found += measure_group_gaps(tested, groups, rng)
    remark = getattr(task, "remark", "")
    return [replace(m, note="; ".join(n for n in (remark, m.note) if n)) for m in found]


def _compared(context: Context, cell: CellPlan, rng: np.random.Generator) -> list[Measured]:
    """Return how far a released questionnaire is that of the people it was made from."""
    task = cast("FidelityTask", catalog.task(cell.measure, _stream(cell.modality)))

    def folds() -> Iterator[Fidelity]:
        for fold in context.folds:
            release, _ = load_release(context, cell.release, fold)
            original = context.corpus.select(fold.released)
            yield task.compare(release.corpus, original, _draw(context, cell, fold))

    return measure_fidelity(folds(), rng)


def _added(context: Context, cell: CellPlan, rng: np.random.Generator) -> list[Measured]:
    """Return what a release adds to the real people of a fold, and to a few of them."""
    task = cast("AugmentationTask", catalog.task(cell.measure, _stream(cell.modality)))
    folds = []
    for fold in context.folds:
        release, _ = load_release(context, cell.release, fold)
        lesson = Lesson(
            release=release.corpus,
            original=context.corpus.select(fold.released),
            test=as_met(context, cell.release, fold.held_out),
        )
        folds.append((fold.repeat, task.add(lesson, _draw(context, cell, fold))))
    return measure_augmentation(folds, rng)


def _heard(context: Context, cell: CellPlan, rng: np.random.Generator) -> list[Measured]:
    """Return what became of recordings, of all held-out people in turn."""
    task = cast("SignalTask", catalog.task(cell.measure, _stream(cell.modality)))
    found = []
    for fold in context.folds:
        release, _ = load_release(context, cell.release, fold)
        trial = Trial(
            training=release.corpus,
            test=as_met(context, cell.release, fold.held_out),
            original=context.corpus.select(fold.held_out),
        )
        found.append(task.measure(trial, _draw(context, cell, fold)))
    return measure_signal(found, rng)


def _copied(context: Context, cell: CellPlan, rng: np.random.Generator) -> list[Measured]:
    """Return how many people stand in the corpus under two ids."""
    _ = rng
    check = Contamination(modality=next(m for m in MODALITIES if m == cell.modality))
    sides = [(fold.released, fold.held_out) for fold in context.folds]
    found = check.find(context.corpus)
    return [measure_contamination(found, check.people(context.corpus), sides)]


def _doubted(context: Context, cell: CellPlan, rng: np.random.Generator) -> list[Measured]:
    """Return how much of a detector's accuracy is owed to something else than the illness."""
    task = cast("ValidityTask", catalog.task(cell.measure, _stream(cell.modality)))
    told = []
    for fold in context.folds:
        release, person_of = load_release(context, cell.release, fold)
        meeting = Meeting(
            training=rename(release.corpus, person_of)[0],
            again=as_met(context, cell.release, set(person_of.values())),
            fresh=as_met(context, cell.release, fold.held_out),
        )
        told.append(task.tell(meeting, _draw(context, cell, fold)))
    found = _DOUBTS[task.family](told, rng)
    parts = "; visits are parts of one recording" * bool(context.corpus.pseudo_sessions)
    return [replace(m, note=f"{m.note}{parts}") for m in found]


_DOUBTS = {"identity": measure_identity, "interviewer": measure_interviewer}
"""How each validity check is measured, by family."""


def _predict(context: Context, cell: CellPlan, fold: Fold) -> Predictions:
    """Return one fold's predictions, made once for all cells that need them."""
    address = digest(
        {"cell": cell_key(context.plan, cell), "fold": [fold.repeat, fold.index], "is": "predicted"}
    )
    path = context.folder.sealed / "predictions" / f"{address}.json"
    if path.is_file():
        return _read(json.loads(path.read_text(encoding="utf-8")))
    made = _learnt(context, cell, fold)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_json(
        path,
        {
            "ids": list(made.ids),
            "truth": made.truth.tolist(),
            "predicted": made.predicted.tolist(),
            "guess": made.guess.tolist(),
            "decided": None if made.decided is None else made.decided.tolist(),
        },
    )
    return made


def _learnt(context: Context, cell: CellPlan, fold: Fold) -> Predictions:
    """Return what a detector says that the release is, or that learns from it."""
    if trainer_of(release_of(context.study, cell.release)):
        return predictions_of(context, cell, fold)
    release, _ = load_release(context, cell.release, fold)
    task = cast("UtilityTask", catalog.task(cell.measure, _stream(cell.modality)))
    people = as_met(context, cell.release, fold.held_out)
    return task.predict(release.corpus, people, _draw(context, cell, fold))


def _draw(context: Context, cell: CellPlan, fold: Fold) -> np.random.Generator:
    """Return the randomness of one fold of a question; the same for every release."""
    place = map(str, fold.place)
    return stream(context.study.seed, "train", cell.measure, cell.modality, *place)


def _read(stored: dict[str, list[float] | None]) -> Predictions:
    ids, decided = stored["ids"], stored.get("decided")
    assert ids is not None
    return Predictions(
        ids=tuple(str(i) for i in ids),
        truth=np.array(stored["truth"], dtype=np.float64),
        predicted=np.array(stored["predicted"], dtype=np.float64),
        guess=np.array(stored["guess"], dtype=np.float64),
        decided=None if decided is None else np.array(decided, dtype=np.bool_),
    )


def _stream(modality: str) -> Stream:
    return next(s for s in STREAMS if s == modality)
