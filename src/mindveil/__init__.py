"""What may a clinical team release, and what does it still tell us?

``import mindveil as mv``: the names below are all that an extension or a notebook needs. They
are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module

_WHERE = {
    "Attack": "mindveil.attack.base",
    "Corpus": "mindveil.corpus.model",
    "DataRelease": "mindveil.release",
    "Estimate": "mindveil.evidence.estimate",
    "Executor": "mindveil.engine.base",
    "InputError": "mindveil.errors",
    "Knowledge": "mindveil.attack.base",
    "LinkScores": "mindveil.attack.base",
    "MediaFile": "mindveil.corpus.model",
    "MindveilError": "mindveil.errors",
    "ModelAttack": "mindveil.attack.base",
    "ModelRelease": "mindveil.train.detector",
    "Participant": "mindveil.corpus.model",
    "Predicates": "mindveil.attack.base",
    "Predictions": "mindveil.utility.base",
    "Protection": "mindveil.anonymise.base",
    "Reading": "mindveil.attack.base",
    "Recipe": "mindveil.train.base",
    "Session": "mindveil.corpus.model",
    "SignalTask": "mindveil.utility.base",
    "Study": "mindveil.study",
    "Trainer": "mindveil.train.detector",
    "Trial": "mindveil.utility.base",
    "UtilityTask": "mindveil.utility.base",
    "audit_estimator": "mindveil.evidence.model_audit",
    "build_sample": "mindveil.corpus.sample.build",
    "load_corpus": "mindveil.corpus.manifest",
    "load_detector": "mindveil.train.model_file",
    "load_study": "mindveil.study_file",
    "run": "mindveil.notebook",
    "save_corpus": "mindveil.corpus.manifest",
}

__all__ = sorted(_WHERE)  # noqa: PLE0605 - sorted here so that no test has to say it again


def __getattr__(name: str) -> object:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'mindveil' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_WHERE)
