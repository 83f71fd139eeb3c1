"""Cohorts, and releases of them, of which the right verdict is known by construction.

Everybody has a date of birth that hardly anybody shares, and is ill or healthy. Women's
illness shows in one questionnaire and men's in another, so that what is done to one of the two
hurts one of them alone. Whatever :class:`Coarse` leaves of a person is said of hundreds of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from mindveil.attack.base import Attacker
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import (
    Attribute,
    Column,
    Corpus,
    Modality,
    Participant,
    Response,
    Session,
)
from mindveil.engine.base import Job, Outcome
from mindveil.evidence.policy import Kind
from mindveil.evidence.verdict import Decision, ReleaseVerdict
from mindveil.execution import run_study
from mindveil.harness.context import context_of
from mindveil.harness.summary import sum_up
from mindveil.harness.work import work
from mindveil.study import Study
from mindveil.study_file import parse_study

TASK = "detect/phq2>=3"
OUTLIER = 104.0
"""The age of the one person whom the release with an outlier leaves as she is."""
ITEMS: Mapping[str, tuple[int, int]] = {"phq2": (2, 3), "gad2": (2, 3), "asrm": (5, 4)}
"""Questions of each questionnaire, and the highest answer."""
_SHOWN_BY = {"m": "gad2", "f": "asrm"}
_SURE = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarse:
    """Say of each questionnaire only whether its score is high, and nothing of the background.

    ``keep`` leaves some as they are: nobody, the one of :data:`OUTLIER`, or all women. ``blank``
    names questionnaires that say the same of everybody afterwards.
    """

    name: ClassVar[str] = "coarse"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    alone: ClassVar[bool] = True

    keep: Literal["nobody", "outlier", "women"] = "nobody"
    blank: tuple[str, ...] = ()

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return people of whom little is told."""
        _ = rng  # nothing is drawn
        return corpus.with_people([self._hidden(p) for p in corpus.participants])

    def _hidden(self, person: Participant) -> Participant:
        if self.keep == "outlier" and person.attributes["age"] == OUTLIER:
            return person
        if self.keep == "women" and person.attributes["sex"] == "f":
            return person
        (session,) = person.sessions
        answers = {tool: self._told(tool, person) for tool in session.responses}
        untold: dict[str, Attribute] = dict.fromkeys(person.attributes)
        return replace(person, attributes=untold, sessions=(replace(session, responses=answers),))

    def _told(self, tool: str, person: Participant) -> Response:
        count, most = ITEMS[tool]
        total = sum(v or 0 for v in person.sessions[0].responses[tool].items)
        high = 2 * total >= count * most and tool not in self.blank
        return Response(items=(most if high else 0,) * count)


def people(number: int, rng: np.random.Generator, *, women: float = 0.5) -> Corpus:
    """Return people whose background is theirs alone and whose illness shows."""
    made = [_person(f"P{i:04d}", women, rng) for i in range(number)]
    return Corpus(
        name="known",
        participants=tuple(made),
        columns={
            "age": Column(role="quasi", kind="number"),
            "sex": Column(role="quasi", kind="nominal"),
        },
    )


def _person(name: str, women: float, rng: np.random.Generator) -> Participant:
    sex = "f" if rng.random() < women else "m"
    ill = rng.random() < 0.4
    answers = {}
    for tool, (count, most) in ITEMS.items():
        chance = _SURE if ill and tool in {"phq2", _SHOWN_BY[sex]} else 1 - _SURE
        answers[tool] = Response(items=tuple(int(v) for v in rng.binomial(most, chance, count)))
    return Participant(
        participant_id=name,
        attributes={
            "age": round(float(rng.uniform(18, 80)), 3),
            "sex": sex,
        },
        sessions=(Session(session_id="01", responses=answers),),
    )


def with_outlier(corpus: Corpus) -> Corpus:
    """Return the corpus with one person who is older than anybody and answers as nobody does."""
    first, *others = corpus.participants
    answers = {tool: Response(items=(2, 1, 2, 1, 2)[:count]) for tool, (count, _) in ITEMS.items()}
    old = replace(
        first,
        attributes={**first.attributes, "age": OUTLIER},
        sessions=(replace(first.sessions[0], responses=answers),),
    )
    return corpus.with_people([old, *others])


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A cohort, its release, the verdict that is right, and the condition that must decide it."""

    name: str
    number: int
    right: Decision
    because: Kind
    settings: Mapping[str, object] = field(default_factory=dict)
    use: str = "tests.known_answers.cohorts:Coarse"
    women: float = 0.5
    margin: float = 0.05
    outlier: bool = False
    attackers: tuple[Attacker, ...] = ("semi-informed",)


COHORTS = (
    Known(name="leaky", number=200, right="DO NOT RELEASE", because="match",
          use="scales/anonymise", settings={"level": 1}),
    Known(name="safe and useful", number=720, right="RELEASE", because="match"),
    Known(name="safe and useless", number=400, right="DO NOT RELEASE", because="use-kept",
          settings={"blank": ["gad2", "asrm"]}),
    Known(name="too few people", number=40, right="INCONCLUSIVE", because="match"),
    Known(name="one exposed outlier", number=400, right="CONTROLLED", because="people-exposed",
          settings={"keep": "outlier"}, outlier=True, attackers=("lazy-informed", "semi-informed")),
    Known(name="no use for women", number=720, right="CONTROLLED", because="group-use",
          settings={"blank": ["asrm"]}, women=0.08, margin=0.1),
    Known(name="no hiding for women", number=720, right="CONTROLLED", because="group-risk",
          settings={"keep": "women"}, women=0.03),
)  # fmt: skip


class Inline:
    """Every job in this process, one after another."""

    def run(self, jobs: Sequence[Job], done: Callable[[Outcome], None]) -> None:
        """Compute every job in the order in which the others are ready."""
        waiting, ended = list(jobs), set[str]()
        while waiting:
            ready = next(
                j
                for j in waiting
                if not ({*j.after, *j.behind} & {w.key for w in waiting} - {j.key})
            )
            waiting.remove(ready)
            done(Outcome(job=ready, result=work(ready.payload)))
            ended.add(ready.key)


def study_of(known: Known, seed: int, folder: Path) -> Study:
    """Write a cohort to disk and return its study."""
    rng = np.random.default_rng([seed, known.number])
    corpus = people(known.number, rng, women=known.women)
    save_corpus(with_outlier(corpus) if known.outlier else corpus, folder / "corpus")
    return parse_study(
        {
            "study": known.name,
            "seed": seed,
            "corpus": "corpus",
            "out": "run",
            "release": [{"name": "out", "steps": [{"use": known.use, **known.settings}]}],
            "split": {"folds": 4},
            "attack": {"use": ["scales/linkage"], "attackers": list(known.attackers)},
            "utility": {"use": [TASK], "modalities": ["scales"], "margin": known.margin},
            "policy": {"context": "open", "min_utility": {TASK: {"auroc": 0.8}}},
        },
        "study.toml",
        folder,
    )


def verdict_on(study: Study) -> ReleaseVerdict:
    """Run a study in this process and return the verdict on its release."""
    context = context_of(study)
    finished = run_study(context, Inline(), lambda *_: None)
    dossier = sum_up(context, finished.rows)
    return next(v for v in dossier.judgement.releases if v.release == "out")
