"""The ordinal conditional GAN: a network that is taught a table by a critic and by moments.

Written for questionnaires: an answer is a latent one, cut at thresholds, with noise of the item's
own, so that items of a scale hang together as much as they do and no more. A network that writes
answers straight from its latents makes them too alike (alpha .99) or not alike at all.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from mindveil.errors import InputError
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.gan_calibration import calibrated
from mindveil.synthesise.gan_model import GanModel
from mindveil.synthesise.gan_moments import Lesson, lesson_of
from mindveil.synthesise.gan_training import GanSettings, train

FEWEST = 20


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
        weights=_trained(lesson, settings, rng),
        settings=asdict(settings),
    )


def _trained(lesson: Lesson, settings: GanSettings, rng: np.random.Generator):
    weights = dict(train(lesson, settings, rng))
    weights["noise"] = np.exp(weights["noise"])
    weights["cells"] = lesson.shares.astype(np.float32)
    return calibrated(weights, lesson.layout, lesson.margins, rng)
