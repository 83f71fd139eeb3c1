"""Ask a stored detector about people: they pass the steps that those who taught it had passed."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from mindveil import catalog
from mindveil.anonymise.base import Protection
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.workshop import bench_beside
from mindveil.errors import InputError
from mindveil.store.number_files import FACTS_FILE
from mindveil.study import StepPart
from mindveil.train.detector import Answers
from mindveil.train.model_file import load_detector


def predict_corpus(model: Path, corpus: Path) -> tuple[str, Answers]:
    """Return what is detected, and what the detector says of each person of a corpus folder.

    Nothing that people said or answered is logged or kept.

    Raises:
        InputError: the detector or the corpus cannot be read, or a step of the detector is not
            known here.
    """
    detector = load_detector(model)
    people = load_corpus(corpus)
    rng = np.random.default_rng(secrets.randbits(256))
    with bench_beside(corpus):
        for stored in detector.before:
            try:
                step = StepPart.model_validate(stored)
            except ValidationError as fault:
                raise InputError(f"{model / FACTS_FILE}: a step of it is none") from fault
            protection = catalog.step(step.use, step.settings)
            if not isinstance(protection, Protection):
                raise InputError(f"{model / FACTS_FILE}: {step.use} is no step before a detector")
            people = protection.apply(people, rng)
        return detector.target, detector.answer(people)
