"""``model/property-inference``: what share of a group was among those who taught the model?"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.attribute_levels import AGE, GUESSED, common_levels, levels_of
from mindveil.attack.base import Attacker, Guesses, Holding, ModelKnowledge, Worlds
from mindveil.attack.model_game import game_of
from mindveil.attack.table_singling_out import people_of
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.train.base import Flags, Floats, Lessons, Recipe
from mindveil.train.detector import ModelRelease
from mindveil.train.ridge import fit_ridge

CASES = "share of cases"

_PROBES = 0.2
"""Share of the people at whose rows every head is asked, who teach none of them."""
_SPARE = 0.75
"""Share of the rarer group that is in a world where it is common: worlds have to differ."""
_FEWEST = 12
"""People of a group in each half below whom no worlds are made."""
_LEAST_LEVEL = 24

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPropertyInference:
    """Tell from a head whether a group was rare or common among those who taught it.

    The attacker wants a share and nobody's record: were most of them women, were most of them
    ill? From people whom he knows he makes worlds in which a group is rare (``rare``) or common
    (``1 - rare``), has a head taught in each by the recipe of the release, and learns from what
    the heads say at the same rows which kind of world they come from (Ateniese et al. 2015;
    Ganju et al. 2018). He is judged on heads taught by other people; a third group is asked.

    Groups are the levels of sex, gender and age, as far as enough people have two of them, and
    cases. What a group is like is no secret of a person, and a guarantee to each person, large
    epsilon or small, promises nothing about it: this tells what the recipe gives away.

    ``worlds`` counts the heads of each kind, for learning and again for judging, each time that
    the people are divided; ``divisions`` is how often they are.

    Source: Ateniese et al. 2015; Ganju et al. 2018.

    Limits: It asks of groups and of nobody in particular, and of the recipe instead of this very
    detector. Groups other than by sex, age and illness are not asked.
    """

    name: ClassVar[str] = "model/property-inference"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "nothing"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    worlds: int = 10
    divisions: int = 10
    rare: float = 0.3

    def __post_init__(self) -> None:
        for name, count, least in (("worlds", self.worlds, 8), ("divisions", self.divisions, 2)):
            if count < least:
                raise InputError(
                    f"model/property-inference {name} = {count}: give at least {least}"
                )
        if not 0 < self.rare < 0.5:
            raise InputError(
                f"model/property-inference rare = {self.rare}: give a share between 0 and .5"
            )

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return for each group which worlds are taken for those where it is common.

        Raises:
            InvalidMeasurement: of no group there are people enough to make worlds.
        """
        lessons = game_of(release, knowledge).everybody
        people = people_of(knowledge.known, knowledge.reference)
        found: list[Guesses] = []
        for setting, group in _groups(people, lessons):
            if _fewest(group) < _FEWEST:
                continue
            rounds = [
                self._judged(knowledge.recipe, lessons, group, rng) for _ in range(self.divisions)
            ]
            truth, guessed = (np.stack(side) for side in zip(*rounds, strict=True))
            found.append(Worlds(truth=truth, guessed=guessed, setting=setting))
        if not found:
            raise InvalidMeasurement(
                "no group has people enough on either side to teach heads in which it is rare and "
                f"common: {2 * _FEWEST} are needed, and {len(lessons.ids)} people are there"
            )
        return tuple(found)

    def _judged(
        self, recipe: Recipe, lessons: Lessons, group: Flags, rng: np.random.Generator
    ) -> tuple[Flags, Flags]:
        """Return of one division where the group is common, and where it is taken to be."""
        probes, learning, judging = _parts(group, rng)
        told, truth = [], []
        for half in (learning, judging):
            inside, common = self._made(group, half, rng)
            told.append(recipe.shadows(lessons, inside, lessons.rows[probes], rng).T)
            truth.append(common)
        return truth[1], _learned(told[0], truth[0], told[1])

    def _made(self, group: Flags, half: Places, rng: np.random.Generator) -> tuple[Flags, Flags]:
        """Return who is inside each world, (people, worlds), and where the group is common.

        All worlds have one size; as many have a rare group as a common one.
        """
        sides = [half[group[half]], half[~group[half]]]
        many = int(_SPARE * min(len(side) for side in sides))
        few = max(1, round(many * self.rare / (1 - self.rare)))
        common = np.arange(2 * self.worlds) % 2 == 0
        inside = np.zeros((len(group), len(common)), dtype=np.bool_)
        for world, is_common in enumerate(common):
            for side, size in zip(sides, (many, few) if is_common else (few, many), strict=True):
                inside[rng.choice(side, size, replace=False), world] = True
        return inside, common


def _groups(people: Corpus, lessons: Lessons) -> list[tuple[str, Flags]]:
    """Return each group by the name of its question, with who of the lessons is in it."""
    place = {p: i for i, p in enumerate(people.ids)}
    found = []
    for field in GUESSED:
        told = levels_of(field, people)
        levels = [told[place[p]] for p in lessons.ids]
        common = common_levels(levels, _LEAST_LEVEL)
        if len(common) > 1:
            most = max(common, key=lambda level: (levels.count(level), level))
            name = f"share aged {most}" if field == AGE else f"share of {field} {most}"
            found.append((name, np.array([level == most for level in levels], dtype=np.bool_)))
    return [*found, (CASES, np.asarray(lessons.labels > 0, dtype=np.bool_))]


def _fewest(group: Flags) -> int:
    """Return how many people of the rarer side each half gets."""
    rarer = int(min(group.sum(), (~group).sum()))
    return (rarer - int(_PROBES * rarer)) // 2


def _parts(group: Flags, rng: np.random.Generator) -> tuple[Places, Places, Places]:
    """Divide people into those who are asked and two halves, the group spread evenly."""
    parts: list[list[Places]] = [[], [], []]
    for side in (True, False):
        mine = rng.permutation(np.flatnonzero(group == side))
        first = int(_PROBES * len(mine))
        cuts = [first, first + (len(mine) - first) // 2]
        for part, cut in zip(parts, np.split(mine, cuts), strict=True):
            part.append(cut)
    probes, learning, judging = (np.sort(np.concatenate(part)) for part in parts)
    return probes, learning, judging


def _learned(told: Floats, common: Flags, asked: Floats) -> Flags:
    """Return which heads are taken for those of a common group, by a ridge regression.

    Other people shift what all heads say, and the attacker is told that half of the heads that he
    is asked about are of either kind: the upper half are those.
    """
    scale = np.where(told.std(axis=0) > 0, told.std(axis=0), 1.0)
    ridge, _ = fit_ridge(told / scale, np.where(common, 1.0, -1.0))
    scores = ridge(asked / scale)
    return np.asarray(scores > np.median(scores), dtype=np.bool_)
