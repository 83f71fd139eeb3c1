"""What each person does to noisy heads: learnt from many heads, each taught by some of the people.

Where heads are noisy, one head with a person and one without differ by noise alone. Over many
heads taught by random parts of the people, every one of them tells about everybody: what a head
says is taken as a sum of what its people do to it (the datamodels of Ilyas et al. 2022), and
what is left over is the noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.train.base import Flags, Floats

_AXES = 10
"""Directions of answers, by how much heads differ along them; the others are nearly still."""

_PENALTIES = np.logspace(2, -4, 13)
"""Shares of the mean power of being inside, strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """How people move what heads say.

    ``axes`` (answers, k) lead from differences of answers to places where heads have unit
    variance, and ``back`` (k, answers) from there to answers; ``moves`` (people, k) is what each
    person adds, ``sharpness`` (k, k) the inverse covariance of the noise.
    """

    axes: Floats
    back: Floats
    moves: Floats
    sharpness: Floats

    @classmethod
    def of(cls, told: Floats, inside: Flags) -> Influence:
        """Return it from answers (heads, answers) and who taught each head, (heads, people).

        A ridge regression whose penalty is the one of least generalised cross-validation error
        (Golub, Heath & Wahba 1979).
        """
        middle = told.mean(axis=0)
        _, stretch, right = np.linalg.svd(told - middle, full_matrices=False)
        there = np.flatnonzero(stretch > 1e-9 * stretch.max(initial=0.0))[:_AXES]
        unit = stretch[there, None] / np.sqrt(len(told))
        axes, back = (right[there] / unit).T, right[there] * unit
        places = (told - middle) @ axes
        design = inside - inside.mean(axis=0)
        moves = _regressed(np.asarray(design, dtype=np.float64), places)
        rest = places - design @ moves
        noise = rest.T @ rest / len(rest) + 1e-9 * np.eye(len(there))
        return cls(axes=axes, back=back, moves=moves, sharpness=np.linalg.inv(noise))

    def likelier(self, missing: Floats) -> Floats:
        """Return by how much each person is likelier than nobody to be behind a difference.

        ``missing`` has shape (games, answers): what heads say more than without her. The log
        likelihood ratio, (games, people).
        """
        pull = self.moves @ self.sharpness
        own = np.einsum("ij,ij->i", pull, self.moves)
        return np.asarray(missing @ self.axes @ pull.T - own / 2, dtype=np.float64)


def _regressed(design: Floats, places: Floats) -> Floats:
    """Return the coefficients of a ridge regression of places on who is inside."""
    left, stretch, right = np.linalg.svd(design, full_matrices=False)
    power, pull = stretch**2, left.T @ places
    scale = max(float(power.mean()), 1e-12)
    total = float(np.square(places).sum())
    best: tuple[float, Floats] | None = None
    for penalty in _PENALTIES * scale:
        kept = power / (power + penalty)
        rest = total - float(((2 * kept - kept**2) @ np.square(pull)).sum())
        error = rest / (1 - float(kept.sum() + 1) / (len(design) + 1)) ** 2
        if best is None or error < best[0]:
            best = error, right.T @ ((stretch / (power + penalty))[:, None] * pull)
    assert best is not None
    return best[1]
