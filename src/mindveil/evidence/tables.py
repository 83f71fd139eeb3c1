"""What attacks found in a table whose records are nobody's, against people it was not made from.

No record of such a table belongs to anybody, and content agreement is no success: records of a
good generator agree with somebody by chance. Every figure therefore asks the same of **members**
(people of whom the table was made) and of **control people** (who were held out), and
advantage = (success - control) / (1 - control). Over folds a person is a member in some and a
control person in others: what she suffered in either role is averaged over folds, and whole
people are resampled, so that the comparison is paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Claims, Inferred, Predicates
from mindveil.attack.table_linkage import picked, right_shares
from mindveil.attack.table_singling_out import alone, fitting, people_of
from mindveil.corpus.generalised import Coding, covered
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, Weights, advantage, bootstrap, share
from mindveil.evidence.measured import Measured, Truth
from mindveil.features.scales import Table
from mindveil.features.visits import whole_table

MEAN = "advantage@mean"
"""The mean over all guessed fields, none of them chosen."""

_ENOUGH = 10.0
"""n p (1 - p) from which a share is resampled; rarer events get exact intervals."""

Floats = NDArray[np.float64]
Outcomes = dict[str, list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What each person suffered, fold by fold, as a member and as a control person."""

    member: Outcomes = field(default_factory=dict)
    control: Outcomes = field(default_factory=dict)

    def add(self, truth: Truth, people: Sequence[str], suffered: Floats) -> None:
        """Add one fold; ``suffered`` lies in 0..1. Who is neither has no say."""
        members, absent = frozenset(truth.released.ids), frozenset(truth.absent.ids)
        for person, value in zip(people, suffered, strict=True):
            if person in members:
                self.member.setdefault(person, []).append(float(value))
            elif person in absent:
                self.control.setdefault(person, []).append(float(value))

    def among(self, people: AbstractSet[str]) -> Roles:
        """Return what these people suffered."""
        return Roles(
            member={p: v for p, v in self.member.items() if p in people},
            control={p: v for p, v in self.control.items() if p in people},
        )


def measure_claims(
    folds: Sequence[tuple[Claims, Truth]], unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return how often the record claimed for a person is nearer to her than to anybody else.

    Over all fields, among members and control people together, ties shared.

    Raises:
        InvalidMeasurement: nothing was claimed, one record was claimed for everybody, all
            originals are alike, or there are no control people.
    """
    roles, chance = Roles(), []
    for claims, truth in folds:
        people, right = _claimed(claims, truth)
        roles.add(truth, people, right)
        chance.append(1 / (len(truth.released.ids) + len(truth.absent.ids)))
    if not folds:
        raise InvalidMeasurement("nothing was claimed of anybody")
    told = "right: the claimed record is nearer to her than to any other member or control person"
    found = compare(roles, unusual, rng)
    return [replace(found[0], baseline=float(np.mean(chance)), note=told), *found[1:]]


def measure_isolation(
    folds: Sequence[tuple[Predicates, Truth]], unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return how many people some predicate fits who are alone with it in their group.

    Members and control people are divided at random into groups of one size, that of the smaller
    side, so that being alone is as likely for both: but for what the table says of members,
    they cannot be told apart.

    Raises:
        InvalidMeasurement: no predicate was made in any fold, or there are no control people.
    """
    roles = Roles()
    made = sum(len(guesses.made) for guesses, _ in folds)
    if not made:
        raise InvalidMeasurement("no predicate was made: no record differs from the others")
    for guesses, truth in folds:
        everybody = whole_table(people_of(truth.released, truth.absent))
        fits = fitting(guesses.made, everybody)
        members = len(truth.released.ids)
        size = min(members, len(truth.absent.ids))
        suffered = np.zeros(len(everybody.ids))
        for side in (np.arange(members), np.arange(members, len(everybody.ids))):
            if size:
                suffered[side] = alone(fits[:, side], size, rng)
        roles.add(truth, everybody.ids, suffered)
    records = sum(guesses.records for guesses, _ in folds)
    told = f"{made} predicates from {records} records; groups of one size on both sides"
    first, *others = compare(roles, unusual, rng)
    return [replace(first, baseline=0.0, note=told), *others]


def measure_guessed(
    folds: Sequence[tuple[Sequence[Inferred], Truth]],
    unusual: AbstractSet[str],
    rng: np.random.Generator,
) -> list[Measured]:
    """Return how much better secrets of members are guessed than those of control people.

    ``folds`` holds all fields of a fold together. The headline is the worst field, chosen
    crosswise: people are divided in two halves at random, and each person counts with the field
    that gained most in the *other* half, so that no field is chosen for its luck among those it
    is reported of. Beside it stand ``advantage@mean``, the mean over fields, and every field by
    name. A guess is right where it covers the original value; who has no value is not asked.

    Raises:
        InvalidMeasurement: no field is known of two people who differ in it, or there are no
            control people.
    """
    fields = _guessed(folds)
    half = frozenset(_half(fields, rng))
    worst = [_worst(fields, half, inside=not inside) for inside in (True, False)]
    crossed = Roles()
    for inside, name in zip((True, False), worst, strict=True):
        here = {p for p in _people(fields[name]) if (p in half) is inside}
        chosen = fields[name].among(here)
        crossed.member.update(chosen.member)
        crossed.control.update(chosen.control)
    named = " and ".join(sorted(set(worst)))
    told = f"the worst of {len(fields)} fields, chosen on other people: {named}"
    first, *others = compare(crossed, unusual, rng)
    found = [replace(first, note=told), *others]
    mean = [m for m in compare(_averaged(fields), unusual, rng) if m.metric == "advantage"]
    found += [replace(m, metric=MEAN, note=f"mean over {len(fields)} fields") for m in mean]
    return found + [m for name, roles in fields.items() for m in _named(name, roles)]


def compare(roles: Roles, unusual: AbstractSet[str], rng: np.random.Generator) -> list[Measured]:
    """Return success with its control and the advantage, of everybody and of unusual people.

    Raises:
        InvalidMeasurement: nobody was a member, or nobody a control person.
    """
    if not roles.member or not roles.control:
        missing = "control person" if roles.member else "person behind the table"
        raise InvalidMeasurement(f"no {missing} was attacked: success cannot be told from chance")
    found = _figures(roles, "", rng)
    rare = roles.among(unusual)
    if not rare.member or not rare.control:
        return found
    try:
        return found + _figures(rare, "-unusual", rng)
    except InvalidMeasurement as why:
        note = "; ".join(n for n in (found[1].note, f"unusual people not measured: {why}") if n)
        return [found[0], replace(found[1], note=note)]


def _figures(roles: Roles, whose: str, rng: np.random.Generator) -> list[Measured]:
    hit, missed = (_means(side) for side in (roles.member, roles.control))
    seen, floor = share(np.array(list(hit.values()))), share(np.array(list(missed.values())))
    both = len(hit.keys() & missed.keys())
    note = f"{seen.n} members, {floor.n} control people" + (f", {both} of them both" * bool(both))
    return [
        Measured(metric=f"success{whose}", estimate=seen, control=floor),
        Measured(
            metric=f"advantage{whose}",
            estimate=_gain(hit, missed, (seen, floor), rng),
            baseline=0.0,
            note=note,
        ),
    ]


def _means(side: Outcomes) -> dict[str, float]:
    return {p: float(np.mean(side[p])) for p in sorted(side)}


def _gain(
    hit: dict[str, float],
    missed: dict[str, float],
    shares: tuple[Estimate, Estimate],
    rng: np.random.Generator,
) -> Estimate:
    """Return the advantage: people resampled, or exact intervals carried over for rare events."""
    if any(s.n * s.value * (1 - s.value) < _ENOUGH for s in shares):
        return advantage(*shares)
    people = sorted(hit.keys() | missed.keys())
    sides = [np.array([side.get(p, np.nan) for p in people]) for side in (hit, missed)]

    def statistic(weights: Weights) -> Floats:
        means = []
        for side in sides:
            known = ~np.isnan(side)
            total = weights[:, known].sum(axis=1)
            reached = weights[:, known] @ side[known]
            means.append(
                np.divide(reached, total, out=np.full_like(total, np.nan), where=total > 0)
            )
        success, control = means
        room = np.where(control < 1, 1 - control, np.nan)
        return np.asarray((success - control) / room, dtype=np.float64)

    return bootstrap(statistic, len(people), rng)


def _claimed(claims: Claims, truth: Truth) -> tuple[tuple[str, ...], Floats]:
    """Return for whom a record was claimed, or none, and how far each claim is right."""
    if truth.table is None:
        raise InvalidMeasurement("the released table is not at hand: no claim can be checked")
    originals = whole_table(people_of(truth.released, truth.absent))
    if all(len(np.unique(column.codes)) < 2 for column in originals.columns.values()):
        raise InvalidMeasurement("all originals are alike: no record is nearer to one of them")
    row_of = {person: i for i, person in enumerate(originals.ids)}
    asked = [(p, r) for p, r in zip(claims.people, claims.records, strict=True) if p in row_of]
    named = sorted({record for _, record in asked} - {""})
    if not named:
        raise InvalidMeasurement("nothing was claimed of anybody")
    if len(named) == 1 and len(asked) > 1:
        raise InvalidMeasurement("one record was claimed for everybody: the attack saw nothing")
    records = whole_table(truth.table)
    place = {record: i for i, record in enumerate(records.ids)}
    if any(record not in place for record in named):
        raise InvalidMeasurement("a record was claimed that the table does not hold")
    subset = picked(records, np.array([place[record] for record in named], dtype=np.intp))
    claimed = [i for i, (_, record) in enumerate(asked) if record]
    right = np.zeros(len(asked))
    right[claimed] = right_shares(
        subset,
        originals,
        np.searchsorted(named, [asked[i][1] for i in claimed]),
        np.array([row_of[asked[i][0]] for i in claimed], dtype=np.intp),
    )
    return tuple(person for person, _ in asked), right


def _named(name: str, roles: Roles) -> list[Measured]:
    """Return success and advantage in one field, with intervals that need no resampling."""
    seen, floor = (
        share(np.array(list(_means(side).values()))) for side in (roles.member, roles.control)
    )
    try:
        gain = [Measured(metric=f"advantage@{name}", estimate=advantage(seen, floor), baseline=0.0)]
    except InvalidMeasurement:  # so few control people that all may be guessed right
        gain = []
    return [Measured(metric=f"success@{name}", estimate=seen, control=floor), *gain]


def _guessed(folds: Sequence[tuple[Sequence[Inferred], Truth]]) -> dict[str, Roles]:
    """Return what everybody suffered in each field that is known of two people who differ."""
    fields: dict[str, Roles] = {}
    differ: dict[str, set[str]] = {}
    for guessed, truth in folds:
        originals = whole_table(people_of(truth.released, truth.absent))
        for one in guessed:
            column = originals.columns.get(one.field)
            if column is None:
                continue
            people, right = _right(one, originals.ids, column)
            fields.setdefault(one.field, Roles()).add(truth, people, right)
            known = np.unique(column.codes[~column.missing[column.codes]])
            differ.setdefault(one.field, set()).update(str(column.distinct[i]) for i in known)
    kept = {
        name: roles
        for name, roles in fields.items()
        if len(differ[name]) > 1 and roles.member and roles.control
    }
    if not kept:
        raise InvalidMeasurement(
            "no guessed field is known of both members and control people who differ in it"
        )
    return kept


def _right(one: Inferred, ids: Sequence[str], column: Coding) -> tuple[tuple[str, ...], Floats]:
    """Return the people whose value is known, and whether what was guessed of each covers it."""
    row_of = {person: i for i, person in enumerate(ids)}
    covers = {guess: covered(guess, column) for guess in set(one.guesses)}
    unknown = column.missing[column.codes]
    asked = [
        (person, float(covers[guess][column.codes[row_of[person]]]))
        for person, guess in zip(one.people, one.guesses, strict=True)
        if person in row_of and not unknown[row_of[person]]
    ]
    return tuple(p for p, _ in asked), np.array([value for _, value in asked], dtype=np.float64)


def _people(roles: Roles) -> list[str]:
    return sorted(roles.member.keys() | roles.control.keys())


def _half(fields: dict[str, Roles], rng: np.random.Generator) -> list[str]:
    people = sorted({p for roles in fields.values() for p in _people(roles)})
    return [people[i] for i in rng.permutation(len(people))[: len(people) // 2]]


def _worst(fields: dict[str, Roles], half: AbstractSet[str], *, inside: bool) -> str:
    """Return the field that gained most among the people of one half; the first of equals."""

    def gain(name: str) -> float:
        means = []
        for side in (fields[name].member, fields[name].control):
            values = [float(np.mean(v)) for p, v in side.items() if (p in half) is inside]
            if not values:
                return -np.inf
            means.append(float(np.mean(values)))
        return (means[0] - means[1]) / (1 - means[1]) if means[1] < 1 else -np.inf

    return max(fields, key=gain)


def _averaged(fields: dict[str, Roles]) -> Roles:
    """Return the mean over fields of what each person suffered."""
    mean = Roles()
    for roles in fields.values():
        for kept, side in ((mean.member, roles.member), (mean.control, roles.control)):
            for person, values in side.items():
                kept.setdefault(person, []).append(float(np.mean(values)))
    return mean
