"""Who is released, who may teach the attacker, and who is held out: rotated by person.

Per fold, one part of the people is held out, one is the attacker's reference and the rest is
released; over the folds everybody is held out once, so estimates pool all people. A split in
which a person has two roles cannot be built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mindveil.errors import InputError
from mindveil.randomness import stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """The roles of one rotation; the three groups share nobody."""

    repeat: int
    index: int
    released: frozenset[str]
    reference: frozenset[str]
    held_out: frozenset[str]

    @property
    def place(self) -> tuple[int, int]:
        """Which rotation this is: repeat and index."""
        return self.repeat, self.index

    def __post_init__(self) -> None:
        shared = (
            (self.released & self.reference)
            | (self.released & self.held_out)
            | (self.reference & self.held_out)
        )
        if shared:
            raise InputError(
                f"fold {self.index + 1}: {len(shared)} people have two roles; "
                "a person may be released, reference or held out, never two of them"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How people are divided.

    ``folds`` parts of equal size; one is held out, ``reference`` of them teach the attacker
    (0 only where nothing is attacked), the rest is released. ``repeats`` draws new parts and
    pools them, which takes the luck of one draw out of the estimate.
    """

    folds: int = 5
    repeats: int = 1
    reference: int = 1

    def __post_init__(self) -> None:
        if self.folds < self.reference + 2:
            raise InputError(
                f"[split] folds = {self.folds}: at least {self.reference + 2} are needed, so that "
                "released, reference and held-out people are all present"
            )


def rotate(
    ids: Sequence[str], split: Split, seed: int, strata: Mapping[str, str] | None = None
) -> tuple[Fold, ...]:
    """Return the folds of every repeat; the order of ``ids`` does not matter.

    ``strata`` puts people into groups (cases and others, say) that every part holds in the same
    proportion, give or take a person.

    >>> parts = rotate([f"P{i}" for i in range(10)], Split(), seed=1)
    >>> [len(f.held_out) for f in parts], sorted(set().union(*(f.held_out for f in parts)))[:2]
    ([2, 2, 2, 2, 2], ['P0', 'P1'])
    """
    people = sorted(set(ids))
    if len(people) != len(ids):
        raise InputError(f"{len(ids) - len(people)} participant ids occur twice; ids are unique")
    if len(people) < split.folds:
        raise InputError(
            f"{len(people)} participants cannot be divided into {split.folds} folds; "
            "lower [split] folds or add people"
        )
    made: list[Fold] = []
    for repeat in range(split.repeats):
        drawn = stream(seed, "folds", str(repeat)).permutation(len(people))
        order = sorted(drawn, key=lambda i: (strata or {}).get(people[i], ""))
        parts = [
            frozenset(people[i] for i in order[part :: split.folds]) for part in range(split.folds)
        ]
        for index in range(split.folds):
            turned = parts[index:] + parts[:index]
            reference = frozenset().union(*turned[1 : 1 + split.reference])
            released = frozenset().union(*turned[1 + split.reference :])
            made.append(
                Fold(
                    repeat=repeat,
                    index=index,
                    released=released,
                    reference=reference,
                    held_out=turned[0],
                )
            )
    return tuple(made)
