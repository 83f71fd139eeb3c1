"""What attacks found in a table whose records are nobody's, against people it was not made from.

No record of such a table belongs to anybody, and content agreement is no success: records of a
good generator agree with somebody by chance. Every figure therefore asks the same of members
and of control people; see :mod:`mindveil.evidence.members`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Claims, Inferred, Predicates
from mindveil.attack.table_linkage import right_shares
from mindveil.attack.table_pairs import picked
from mindveil.attack.table_singling_out import alone, fitting, people_of
from mindveil.corpus.generalised import Coding, covered
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.measured import Measured, Truth
from mindveil.evidence.members import Roles, compare
from mindveil.features.visits import whole_table

MEAN = "advantage@mean"
"""The mean over all guessed fields, none of them chosen."""

Floats = NDArray[np.float64]


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

    ``folds`` holds all fields of a fold together. A guess is right where it covers the original
    value; who has none is not asked. The headline is the worst field, but no field may be chosen
    for its luck among those it is reported of. So people are divided in two halves at random,
    each half is measured in the field that gained most in the *other*, and the two are averaged.
    What chooses for one half is measured in the other, which ties the two together: their
    intervals are averaged as well, which holds however closely they are tied, and not narrowed
    as those of two samples would be. Unusual people are measured in the field that gained most
    among all the others. Beside it stand ``advantage@mean``, the mean over fields, none of them
    chosen, and every field by name.

    Raises:
        InvalidMeasurement: no field is known of two people who differ in it, or there are no
            control people.
    """
    fields = _guessed(folds)
    halves = _halves(fields, rng)
    chosen = [_worst(fields, half) for half in reversed(halves)]
    parts = [
        compare(fields[name].among(half), frozenset(), rng)
        for name, half in zip(chosen, halves, strict=True)
    ]
    named = " and ".join(dict.fromkeys(chosen))
    told = f"the worst of {len(fields)} fields, chosen on other people: {named}"
    found = [_average(one, two, told) for one, two in zip(*parts, strict=True)]
    found += _guessed_unusual(fields, unusual, rng)
    _, mean = compare(_averaged(fields), frozenset(), rng)
    found.append(replace(mean, metric=MEAN, note=f"mean over {len(fields)} fields; {mean.note}"))
    return found + [m for name, roles in fields.items() for m in _named(name, roles, rng)]


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


def _halves(fields: Mapping[str, Roles], rng: np.random.Generator) -> list[frozenset[str]]:
    """Divide people at random; members and control people are spread evenly over the halves."""
    members = {p for roles in fields.values() for p in roles.member}
    controls = {p for roles in fields.values() for p in roles.control}
    order: list[str] = []
    for group in (members & controls, members - controls, controls - members):
        people = sorted(group)
        order += [people[i] for i in rng.permutation(len(people))]
    return [frozenset(order[::2]), frozenset(order[1::2])]


def _worst(fields: Mapping[str, Roles], people: AbstractSet[str]) -> str:
    """Return the field in which these people are guessed most above control; the first of equals.

    By the plain difference: a field that nearly everybody's guess hits has no room for a gain,
    and much for luck.
    """

    def gain(name: str) -> float:
        roles = fields[name].among(people)
        sides = [[np.mean(v) for v in side.values()] for side in (roles.member, roles.control)]
        return float(np.mean(sides[0]) - np.mean(sides[1])) if all(sides) else -np.inf

    return max(fields, key=gain)


def _average(one: Measured, two: Measured, note: str) -> Measured:
    """Return the mean of a figure over two halves of the people, and of the ends of its doubt."""
    control = None
    if one.control is not None and two.control is not None:
        control = _mean_estimate(one.control, two.control)
    return replace(
        one, estimate=_mean_estimate(one.estimate, two.estimate), control=control, note=note
    )


def _mean_estimate(one: Estimate, two: Estimate) -> Estimate:
    return Estimate(
        value=(one.value + two.value) / 2,
        low=(one.low + two.low) / 2,
        high=(one.high + two.high) / 2,
        n=one.n + two.n,
    )


def _guessed_unusual(
    fields: Mapping[str, Roles], unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return the figures of unusual people in the field that is worst for all others."""
    everybody = {p for roles in fields.values() for p in (*roles.member, *roles.control)}
    name = _worst(fields, everybody - unusual)
    try:
        found = compare(fields[name].among(unusual), frozenset(), rng)
    except InvalidMeasurement:  # too few of them in either role
        return []
    told = f"the worst field of all others: {name}"
    return [replace(m, metric=f"{m.metric}-unusual", note=told) for m in found]


def _named(name: str, roles: Roles, rng: np.random.Generator) -> list[Measured]:
    """Return what is gained in one field: told, and no advantage that a limit applies to.

    The largest of many fields is large by luck; the headline allows for that.
    """
    try:
        success, gain = compare(roles, frozenset(), rng)
    except InvalidMeasurement:  # so few control people that all of them may be guessed right
        return []
    floor = success.control.value if success.control else 0.0
    told = f"guessed right: {success.estimate.value:.3f}, of control people {floor:.3f}"
    return [replace(gain, metric=f"gain@{name}", note=told)]


def _averaged(fields: Mapping[str, Roles]) -> Roles:
    """Return the mean over fields of what each person suffered."""
    mean = Roles()
    for roles in fields.values():
        for kept, side in ((mean.member, roles.member), (mean.control, roles.control)):
            for person, values in side.items():
                kept.setdefault(person, []).append(float(np.mean(values)))
    return mean
