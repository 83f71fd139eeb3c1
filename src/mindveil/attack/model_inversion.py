"""``model/inversion``: everybody who taught the model is known but one. Who is the one?"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import (
    ANSWER_ALONE,
    Attacker,
    Guesses,
    Holding,
    LinkScores,
    Membership,
    ModelKnowledge,
)
from mindveil.attack.model_game import game_of
from mindveil.attack.model_influence import Influence
from mindveil.attack.model_rows import rows_behind, standard, steadied, unit
from mindveil.attack.model_signals import ROUNDING
from mindveil.corpus.model import Modality
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.train.base import Flags, Floats, Lessons, Recipe
from mindveil.train.detector import ModelRelease
from mindveil.train.ridge import fit_ridge

ROW_ALONE = "row alone"
"""The question of a row that is worked out before anybody is compared with it."""
CLASS_MEAN = "class mean"
"""The question of who is like the case that the model implies."""

_TOGETHER = 10
"""Games whose candidates are first tried on one set of people, those inside all of them."""
_LEFT = 8
"""For each game that is played together, so many people stay inside all of them."""
_FINALISTS = 5
"""Candidates of a game with whom the very head is learnt again: by their change, by their row."""
_TAUGHT = 64
"""Reference people who show how a row shapes a head."""
_MORE = 200
"""Further heads for games in which none of those was the released one: everybody is tried."""
_STRETCH = (0.5, 1.5)
"""How much more or less than in a smaller group a person may shape a head."""
_BY_LENGTH = 0.1
"""What the length of a change counts beside its direction, which a group alters less."""
_SAME = 1e-6
_TINY = 1e-300
_HEADS = 256
"""Heads from which the moves of everybody are learnt where heads are noisy."""
_REPEATS = 4
"""Noisy heads of the people of a game that are averaged."""

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInversion:
    """Work out the person who is missing from all who taught a model.

    The informed adversary of Balle, Cherubin & Hayes (2022) has the model's numbers, its recipe
    and the answers of everybody who taught it but one. What the released head says more or less
    than the head of those he knows is what the missing person changed. He tries everybody whom
    he knows and who is not among them: first on the people whom several games share, where one
    head a candidate serves all games, then with the very people of the game, for the few whose
    change is most alike. A recipe without noise gives the released head again for the right
    person only. Where the recipe is private, or draws by lot otherwise, single heads tell of
    noise: what everybody does to a head is learnt from many, and the likeliest is taken.

    The next question is what he can do before he has anybody to compare with: from reference
    people he learns the way back from a change to the row that made it (up to its sign and
    length), and is judged by whom that row is most like. Where answers of the model lie about
    under codes, somebody who has no model asks whose they are. The last question is the
    class-mean inversion of Fredrikson, Jha & Ristenpart (2015): how far each person lies in the
    direction of the case that the model implies; if that betrays who taught it, it is a kind of
    membership.

    ``games`` is how many missing people are looked for at most.

    Source: Balle, Cherubin & Hayes 2022; Fredrikson, Jha & Ristenpart 2015.

    Limits: The adversary knows everybody but one, which hardly anybody does: a worst case, and no
    likely one. That he fails bounds weaker adversaries of the same kind alone.
    """

    name: ClassVar[str] = "model/inversion"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "all-but-one"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    games: int = 40

    def __post_init__(self) -> None:
        if self.games < 2:
            raise InputError(f"model/inversion games = {self.games}: give at least 2")

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return how like the missing person of each game everybody is who may be it.

        Raises:
            InvalidMeasurement: fewer than two games are played, one has nobody to look among, or
                everybody who may be it is equally likely in all of them.
        """
        seen = _seen(release, knowledge)
        codes, inside = _games(seen.known, knowledge.insiders, self.games)
        if seen.steady(inside[0], rng):
            tried, alone = _by_trial(seen, inside, rng)
        else:
            tried, alone = _through_noise(seen, inside, rng)
        if not _tells(tried, inside):
            raise InvalidMeasurement(
                "everybody who may be missing changes the head alike: the attack saw nothing"
            )
        looked = np.flatnonzero(~inside.all(axis=0))
        candidates = tuple(seen.known[i] for i in looked)
        found: list[Guesses] = [
            LinkScores(
                queries=codes,
                candidates=candidates,
                # Rows that tell nobody apart rule everybody out: such a question is refused.
                scores=np.where(inside | (not _tells(scores, inside)), -np.inf, scores)[:, looked],
                tier="trained",
                setting=setting,
            )
            for setting, scores in (("", tried), (ROW_ALONE, alone))
            if setting == "" or seen.others
        ]
        if knowledge.answers and seen.others:
            found.append(_by_answer(seen, knowledge.answers))
        return (*found, _like_the_case(seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What he works with: lessons of known people, then of reference people, in one list.

    ``said`` (people,) is what the released head says at every row.
    """

    lessons: Lessons
    known: tuple[str, ...]
    said: Floats
    recipe: Recipe

    @property
    def others(self) -> int:
        return len(self.lessons.ids) - len(self.known)

    def heads(self, inside: Flags, rng: np.random.Generator) -> Floats:
        """Return what heads say at every row, shape (heads, people); ``inside`` likewise."""
        told = self.recipe.shadows(self.lessons, inside.T, self.lessons.rows, rng)
        return np.ascontiguousarray(told.T)

    def alike(self, missing: Floats, changes: Floats, said: Floats) -> Floats:
        """Return how like everybody known is to the row behind what is missing, (games, known).

        ``changes`` are those that the first reference people make to a head that says ``said``.
        """
        known = len(self.known)
        if not len(changes):
            return np.zeros((len(missing), known))
        both = steadied(np.concatenate([missing, changes]), said)
        rows = standard(self.lessons.rows, known)
        there = slice(known, known + len(changes))
        behind = rows_behind(both[: len(missing)], both[len(missing) :], rows[there], there)
        return np.abs(behind @ unit(rows[:known]).T)

    def steady(self, inside: Flags, rng: np.random.Generator) -> bool:
        """Whether the same people teach the same head twice; ``inside`` (known,)."""
        taught = np.zeros((2, len(self.lessons.ids)), dtype=np.bool_)
        taught[:, : len(inside)] = inside
        one, two = self.heads(taught, rng)
        return bool(np.abs(one - two).max() <= _SAME * np.abs(one).max())


def _seen(release: ModelRelease, knowledge: ModelKnowledge) -> _Seen:
    game = game_of(release, knowledge)
    return _Seen(
        lessons=game.everybody,
        known=game.candidates,
        said=release.model.head.log_odds(game.everybody.rows),
        recipe=knowledge.recipe,
    )


def _games(
    known: tuple[str, ...], insiders: Mapping[str, AbstractSet[str]], most: int
) -> tuple[tuple[str, ...], Flags]:
    """Return the codes of the games that are played and who is inside each, (games, known)."""
    codes = tuple(sorted(insiders))[:most]
    inside = np.array([[p in insiders[code] for p in known] for code in codes], dtype=np.bool_)
    if len(codes) < 2:
        raise InvalidMeasurement(f"{len(codes)} games with one missing person each: 2 are needed")
    if ((~inside).sum(axis=1) < 2).any():
        raise InvalidMeasurement(
            "nobody but the missing person is left to look among: hold people out of the release"
        )
    if not inside.any(axis=1).all():
        raise InvalidMeasurement("the missing person alone taught the model: nobody is inside")
    return codes, inside


def _tells(scores: Floats, inside: Flags) -> bool:
    """Whether scores tell any two people apart who may be missing; insiders are known not to be."""
    there = scores[~inside]
    return bool(np.ptp(there) > ROUNDING * max(1.0, float(np.abs(there).max())))


def _by_trial(seen: _Seen, inside: Flags, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the scores of all games, a few of them played on shared people at a time."""
    together = int(np.clip(inside.sum(axis=1).min() // _LEFT, 1, _TOGETHER))
    parts = [
        _play(seen, inside[start : start + together], rng)
        for start in range(0, len(inside), together)
    ]
    tried, alone = (np.concatenate(side) for side in zip(*parts, strict=True))
    return tried, alone


def _play(seen: _Seen, inside: Flags, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return both scores of everybody known in each game, shape (games, known) each."""
    games, known = inside.shape
    shared = np.flatnonzero(inside.all(axis=0))
    line_up = np.flatnonzero(~inside.all(axis=0))
    teachers = known + np.arange(min(seen.others, _TAUGHT))
    added = np.concatenate([line_up, teachers])
    taught = np.zeros((1 + len(added) + games, len(seen.lessons.ids)), dtype=np.bool_)
    taught[: 1 + len(added), shared] = True
    taught[1 + np.arange(len(added)), added] = True
    taught[1 + len(added) :, :known] = inside
    told = seen.heads(taught, rng)
    changes = told[1 : 1 + len(added)] - told[0]
    missing = seen.said - told[1 + len(added) :]
    apart = np.full((games, known), np.inf)
    apart[:, line_up] = _apart(missing, changes[: len(line_up)])
    apart[inside] = np.inf
    alike = seen.alike(missing, changes[len(line_up) :], told[0])
    alike[inside] = -np.inf
    most = int(min(_FINALISTS, (~inside).sum(axis=1).min()))
    lists = (apart, -alike) if len(teachers) else (apart,)
    best = np.hstack([np.argsort(one, axis=1, kind="stable")[:, :most] for one in lists])
    tried = _finals(seen, inside, apart, best, rng)
    open_still = tried.max(axis=1) < -_SAME * np.linalg.norm(seen.said)
    wide = np.argsort(apart, axis=1, kind="stable")[:, : int((~inside).sum(axis=1).min())]
    again = np.flatnonzero(open_still)[: _MORE // wide.shape[1]]
    if len(again):
        tried[again] = _finals(seen, inside[again], apart[again], wide[again], rng)
    return tried, alike


def _apart(missing: Floats, changes: Floats) -> Floats:
    """Return how far each change is from what is missing, shape (games, candidates).

    In a smaller group a person is fitted less well or better, so that she changes more, or less,
    and seldom the other way round; the direction stays.
    """
    together, own = missing @ changes.T, np.einsum("ij,ij->i", changes, changes)
    square = np.einsum("ij,ij->i", missing, missing)[:, None]
    stretch = together / np.maximum(own, _TINY)

    def left(stretch: Floats) -> Floats:
        rest = square - 2 * stretch * together + stretch**2 * own
        return np.asarray(np.sqrt(np.maximum(rest, 0.0)), dtype=np.float64)

    return left(stretch) + _BY_LENGTH * left(np.clip(stretch, *_STRETCH))


def _finals(
    seen: _Seen, inside: Flags, apart: Floats, best: Places, rng: np.random.Generator
) -> Floats:
    """Return scores of candidates: the ``best`` are tried with the very people of the game."""
    games, known = inside.shape
    most = best.shape[1]
    taught = np.zeros((games, most, len(seen.lessons.ids)), dtype=np.bool_)
    taught[:, :, :known] = inside[:, None, :]
    np.put_along_axis(taught, best[:, :, None], True, axis=2)
    told = seen.heads(taught.reshape(games * most, -1), rng).reshape(games, most, -1)
    exact = np.linalg.norm(told - seen.said, axis=2)
    scores: Floats = -apart - exact.max(axis=1, keepdims=True)
    np.put_along_axis(scores, best, -exact, axis=1)
    return scores


def _through_noise(seen: _Seen, inside: Flags, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return both scores of everybody where heads of the same people differ by noise."""
    games, known = inside.shape
    size = int(inside.sum(axis=1).max()) + 1
    taught = np.argsort(rng.random((_HEADS, len(seen.lessons.ids))), axis=1) < size
    heads = seen.heads(taught, rng)
    moved = Influence.of(heads, taught)
    insiders = np.zeros((games, len(seen.lessons.ids)), dtype=np.bool_)
    insiders[:, :known] = inside
    told = seen.heads(np.repeat(insiders, _REPEATS, axis=0), rng).reshape(games, _REPEATS, -1)
    missing = seen.said - told.mean(axis=1)
    changes = moved.moves[known : known + _TAUGHT] @ moved.back
    return moved.likelier(missing)[:, :known], seen.alike(missing, changes, heads.mean(axis=0))


def _by_answer(seen: _Seen, answers: Mapping[str, float]) -> LinkScores:
    """Return how near what the model says under a code is to what it would say of each person.

    He has no model, only what it said of reference people: from their answers he learns a linear
    relation to rows, under which a person is the likelier, the nearer her expected answer.
    """
    codes, known = tuple(sorted(answers)), len(seen.known)
    relation, _ = fit_ridge(seen.lessons.rows[known:], seen.said[known:])
    expected = relation(seen.lessons.rows[:known])
    told = np.array([answers[code] for code in codes])
    return LinkScores(
        queries=codes,
        candidates=seen.known,
        scores=-np.abs(told[:, None] - expected),
        tier="trained",
        setting=ANSWER_ALONE,
    )


def _like_the_case(seen: _Seen) -> Membership:
    """Return how far each known person lies towards her own side of what the model implies."""
    ridge, _ = fit_ridge(seen.lessons.rows, seen.said)
    rows = unit(seen.lessons.rows[: len(seen.known)] - ridge.centre)
    side = 2 * seen.lessons.labels[: len(seen.known)] - 1
    scores = side * (rows @ unit(ridge.weights[None, :])[0])
    return Membership(people=seen.known, scores=scores, setting=CLASS_MEAN)
