"""The ordinal conditional GAN: a network that is taught a table by a critic and by moments.

Written for questionnaires: an answer is a latent one, cut at thresholds, with noise of the item's
own, so that items of a scale hang together as much as they do and no more. A network that writes
answers straight from its latents makes them too alike, or not alike at all. The private one is
taught by noisy moments alone: it never sees a person, whom its critic would.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import numpy as np

from mindveil.corpus.model import MODALITIES, Corpus, Modality
from mindveil.dp.accounting import Budget, check_delta
from mindveil.dp.noise import Noise, seeded
from mindveil.errors import InputError
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.dp_moments import DpMoments, measure
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_absence import filled
from mindveil.synthesise.encoding_measures import readings_of
from mindveil.synthesise.encoding_payment import paid_encoding
from mindveil.synthesise.gan_calibration import calibrated
from mindveil.synthesise.gan_model import GanModel
from mindveil.synthesise.gan_moments import Lesson, lesson_of
from mindveil.synthesise.gan_training import GanSettings, train
from mindveil.synthesise.people import PeopleModel

__all__ = ["DpGan", "Gan", "GanModel", "GanSettings", "fit_dp_gan", "fit_gan"]

FEWEST = 20
"""With fewer people there is nothing to teach."""

TAUGHT = 20_000
"""People drawn from private moments to teach a network: so many that chance hardly shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gan:
    """Synthetic people from a network that was trained on the released ones.

    No promise goes with it: it may have learned somebody by heart, and only attacks can tell.
    ``epochs`` is how often its critic passes through the table, ``batch`` how many people it sees
    at a time, ``moments`` how much averages count beside its opinion. With ``measures``, what is
    measured of words, voices and faces is drawn as well.

    Source: Goodfellow et al. 2014 (adversarial networks); Xu et al. 2019 (networks for tables).

    Limits: Nothing is promised to anybody, and a network can learn people by heart. With few people
    it is unstable: another seed may give another table.
    """

    name: ClassVar[str] = "synthesise/gan"
    changes: ClassVar[AbstractSet[Modality]] = frozenset(MODALITIES)
    alone: ClassVar[bool] = False

    epochs: int = 300
    batch: int = 400
    moments: float = 20.0
    measures: bool = False

    def __post_init__(self) -> None:
        GanSettings(epochs=self.epochs, batch=self.batch, moments=self.moments)

    def fit(self, corpus: Corpus, rng: np.random.Generator, noise: Noise) -> PeopleModel:
        """Return a generator of people like these; ``noise`` is not used, nothing is promised.

        Raises:
            InputError: too few people, nothing to synthesise, or torch is not installed.
        """
        del noise
        readings = readings_of(corpus) if self.measures else ()
        encoding = Encoding.of(corpus, readings=readings)
        codes = filled(encoding, encoding.encode(corpus, readings), rng)
        settings = GanSettings(epochs=self.epochs, batch=self.batch, moments=self.moments)
        model = fit_gan(codes, encoding.codebook, rng, settings)
        return PeopleModel(encoding=encoding, model=model)

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return as many synthetic people."""
        return self.fit(corpus, rng, seeded(rng)).sample(None, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class DpGan:
    """Synthetic people from a network that was taught by noisy moments alone.

    All of the budget goes to measuring the moments; the network is trained on what they say and
    never on a person, so that training it for longer costs no privacy. With ``measures``, what
    is measured of words, voices and faces is drawn as well.

    Source: Goodfellow et al. 2014 (adversarial networks); Balle & Wang 2018 (the Gaussian
    mechanism); the training on noisy moments is our own.

    Limits: It knows averages and pairs of variables alone, so that whatever needs more than two is
    lost. With few people noise drowns what is rare, and small groups may be told wrongly.
    """

    name: ClassVar[str] = "synthesise/dp-gan"
    changes: ClassVar[AbstractSet[Modality]] = frozenset(MODALITIES)
    alone: ClassVar[bool] = False

    epsilon: float = 3.0
    delta: float = 1e-5
    epochs: int = 300
    measures: bool = False

    def __post_init__(self) -> None:
        GanSettings(epochs=self.epochs)
        _ = self.budget

    @property
    def budget(self) -> Budget:
        """What one release spends."""
        return Budget(epsilon=self.epsilon, delta=self.delta, accountant="gaussian")

    def fit(self, corpus: Corpus, rng: np.random.Generator, noise: Noise) -> PeopleModel:
        """Return a generator of people like these.

        Raises:
            InputError: the corpus has nothing that can be coded, or torch is not installed.
            RefusedError: delta is too large for so few people.
        """
        readings = readings_of(corpus, private=True) if self.measures else ()
        paid = paid_encoding(corpus, self.budget, noise, readings)
        moments = measure(paid.codes, paid.encoding.codebook, paid.rest, noise)
        check_delta(self.delta, moments.people)
        model = fit_dp_gan(moments, rng, GanSettings(epochs=self.epochs))
        told = replace(model, guarantee=paid.covering(moments.guarantee))
        return PeopleModel(encoding=paid.encoding, model=told)

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return as many synthetic people; noise is seeded: for attackers' copies and tests."""
        return self.fit(corpus, rng, seeded(rng)).sample(None, rng)


def fit_gan(
    codes: Codes, codebook: Codebook, rng: np.random.Generator, settings: GanSettings | None = None
) -> GanModel:
    """Return a generator taught this table; nothing is promised of it (no privacy guarantee).

    Raises:
        InputError: fewer than 20 people, codes outside the codebook, or torch is missing.
    """
    settings = GanSettings() if settings is None else settings
    if len(codes) < FEWEST:
        raise InputError(f"a GAN needs {FEWEST} people or more; there are {len(codes)}")
    lesson = lesson_of(codebook.checked(codes), codebook)
    return GanModel(
        codebook=codebook,
        people=len(codes),
        weights=_trained(lesson, settings, len(codes), rng),
        settings=dict(asdict(settings)),
        gaps=lesson.layout.gaps,
    )


def fit_dp_gan(
    moments: DpMoments, rng: np.random.Generator, settings: GanSettings | None = None
) -> GanModel:
    """Return a generator taught what was measured privately, under the guarantee of that.

    The network is taught the averages of a large table drawn from the moments. There is no critic.

    Raises:
        InputError: torch is missing.
    """
    settings = replace(GanSettings() if settings is None else settings, critic_steps=0)
    lesson = lesson_of(moments.latent.draw(TAUGHT, rng), moments.codebook)
    return GanModel(
        codebook=moments.codebook,
        people=moments.people,
        weights=_trained(lesson, settings, moments.people, rng),
        settings=dict(asdict(settings)),
        gaps=lesson.layout.gaps,
        guarantee=moments.guarantee,
    )


def _trained(
    lesson: Lesson, settings: GanSettings, people: int, rng: np.random.Generator
) -> Tensors:
    weights = dict(train(lesson, settings, people, rng))
    weights["noise"] = np.exp(weights["noise"])
    weights["cells"] = lesson.shares.astype(np.float32)
    return calibrated(weights, lesson.layout, lesson.margins, rng)
