"""What is asked of the sites of a federation, as both sides write it down; its hash is its name.

Everything that decides what leaves a site is in it: the steps of the release with all their
settings, the seed, and the list of sites. Where a corpus lies and where anything runs is not: the
coordinator and every site compute the same hash from the same study file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import cast

from pydantic import TypeAdapter, ValidationError

from mindveil.dp.composition import Cost
from mindveil.errors import InputError
from mindveil.harness.steps import Steps
from mindveil.store.files import Json
from mindveil.study import ReleasePart, StepPart, Study
from mindveil.train.federated import FederatedTraining
from mindveil.train.federation_terms import Terms

FORMAT = 1
"""Raised whenever the same words would ask for something else."""

_KEYS = frozenset({"before", "format", "reproducible", "seed", "sites", "training"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What these sites are asked to teach, and how.

    ``before`` are the steps that treat each person alone, ahead of the training. A
    ``reproducible`` study draws its noise from its seed, which protects nobody.
    """

    sites: tuple[str, ...]
    training: FederatedTraining
    seed: int
    before: tuple[StepPart, ...] = ()
    reproducible: bool = False

    def __post_init__(self) -> None:
        if not all(self.sites) or len(set(self.sites)) != len(self.sites):
            raise InputError("every site of a federation has a name of its own; mend the list")
        if self.training.split == "people":
            raise InputError(
                "train/federated split = 'people' makes a client of each person, which real sites "
                "are not; leave split out"
            )
        if self.training.clients != len(self.sites):
            raise InputError(
                f"train/federated clients = {self.training.clients}, and {len(self.sites)} sites "
                f"are listed; set clients = {len(self.sites)}"
            )

    @classmethod
    def of(cls, study: Study, release: str, sites: Sequence[str]) -> Agreement:
        """Return what a release of a study asks of these sites.

        Raises:
            InputError: the release does not end in a federation, or a step of it looks at
                everybody together, which no site can.
        """
        part = next((r for r in study.releases if r.name == release), None)
        if part is None:
            raise InputError(f"the study has no release {release!r}; name one of its releases")
        steps = Steps.of(part)
        if not isinstance(steps.trainer, FederatedTraining):
            raise InputError(f"release {release!r} does not end in train/federated; sites need it")
        if steps.together:
            raise InputError(
                f"release {release!r}: {steps.together[0].name} looks at everybody together, and "
                "no site holds everybody; leave it out"
            )
        # Who was seen where, and who fails to answer, is no setting where sites are real.
        split = steps.trainer.split
        training = replace(
            steps.trainer, site="", split=split if split == "people" else "even", dropout=0.0
        )
        return cls(
            sites=tuple(sites),
            training=training,
            seed=study.seed,
            before=part.steps[:-1],
            reproducible=study.execute.reproducible,
        )

    @property
    def hash(self) -> str:
        """The SHA-256 of the agreement, in hex: what a site's policy lists.

        What settings come to is in it beside the settings: a program that understands the same
        words otherwise has another hash.
        """
        meant = repr(_plain(self.training).recipe().terms(1, len(self.sites)))
        said = {"agreement": self.to_json(), "meant": meant}
        words = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(words.encode()).hexdigest()

    @property
    def cost(self) -> Cost | None:
        """What it spends of a site's budget; none where nothing is promised."""
        return self.training.cost

    def terms(self, columns: int) -> Terms:
        """Return how the sites learn from rows of so many columns."""
        return self.training.recipe().terms(columns, len(self.sites))

    def steps_before(self) -> Steps:
        """Return the steps that people pass at their site before they teach."""
        return Steps.of(ReleasePart(name="federation", steps=self.before))

    def to_json(self) -> dict[str, Json]:
        """Return the agreement as both sides write it down."""
        return {
            "before": [cast("Json", step.model_dump()) for step in self.before],
            "format": FORMAT,
            "reproducible": self.reproducible,
            "seed": self.seed,
            "sites": list(self.sites),
            "training": asdict(_plain(self.training)),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Json]) -> Agreement:
        """Return the agreement that was sent.

        Raises:
            InputError: it is none, or of another format.
        """
        if set(said) != _KEYS or said["format"] != FORMAT:
            raise InputError(f"what was sent is no agreement of format {FORMAT}")
        parts = {key: said[key] for key in _KEYS - {"format"}}
        try:
            return _adapter().validate_python(parts)
        except ValidationError:
            raise InputError("a part of the agreement that was sent cannot be one") from None


def _plain(training: FederatedTraining) -> FederatedTraining:
    """Return the same settings, each in its own type: 3 and 3.0 are one, and must be one word."""
    return _training().validate_python(asdict(training))


@cache
def _training() -> TypeAdapter[FederatedTraining]:
    return TypeAdapter(FederatedTraining)


@cache
def _adapter() -> TypeAdapter[Agreement]:
    return TypeAdapter(Agreement)


def study_hash(study: Study, release: str, sites: Sequence[str]) -> str:
    """Return the SHA-256 of all that a release of a study asks of these sites, in hex."""
    return Agreement.of(study, release, sites).hash
