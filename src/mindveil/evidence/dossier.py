"""Everything a reader of the evidence needs, in one frozen thing: what the report reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Judgement, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFacts:
    """Who the figures are about: counts and descriptions, nothing of any one person."""

    name: str
    people: int
    sessions: int
    modalities: tuple[str, ...]
    tools: tuple[str, ...]
    language: str
    synthetic: bool
    pseudo_sessions: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """What was done to make a release, in the words of the study file."""

    name: str
    steps: tuple[str, ...]
    guarantee: str = ""
    """Epsilon, delta and unit in one sentence; empty where nothing is guaranteed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A finished study.

    ``questions`` says in one sentence what each measure asks (attack or task); ``untested``
    lists in plain words what this study did not look at; ``provenance`` maps versions, seeds
    and digests by name.
    """

    study: str
    seed: int
    split: str
    corpus: CorpusFacts
    releases: tuple[ReleaseFacts, ...]
    policy: Policy
    rows: tuple[Row, ...]
    judgement: Judgement
    questions: Mapping[str, str]
    untested: tuple[str, ...]
    provenance: Mapping[str, str]
