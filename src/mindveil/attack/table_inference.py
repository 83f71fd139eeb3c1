"""``synthetic/attribute-inference``: "I know all of her but this; what is it?"."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, Inferred, Knowledge, Tier
from mindveil.attack.scales_singling_out import telling_fields
from mindveil.attack.table_pairs import Pairing, add_up, blocks, distances, picked
from mindveil.attack.table_singling_out import people_of
from mindveil.corpus.generalised import Coding, band, code, covering, value_text
from mindveil.corpus.instruments import get, is_known
from mindveil.corpus.model import Modality
from mindveil.errors import InputError, InvalidMeasurement, MindveilError
from mindveil.features.scales import Field, Table, item_name, numbers
from mindveil.features.visits import whole_table
from mindveil.release import DataRelease

_FEWEST = 40
"""Reference people below whom nothing is rehearsed."""

_MANY = 10
"""Numbers of more values than this are guessed in bands, about a quarter of the people each."""

_QUARTERS = (0.25, 0.5, 0.75)
_TRUSTS = (0.0, 0.05, 0.2, 1.0)
_LATER = "@"
"""What a questionnaire is called by at a visit that is not its first: ``phq9@2``."""

_RIDGE = 0.01
"""Ridge penalty a record."""

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticInference:
    """Guess one secret of each person from all the rest of her and the table.

    Each sensitive and quasi-identifying column, and the last item of each scale, is the secret
    in turn; the attacker knows all other attributes and answers. What most people like her have,
    he learns from the table with a linear classifier. Where a record lies nearer to her than
    records lie to all but a share ``trust`` of the reference people, who are surely not behind
    the table, he takes it for a copy of her and reads the secret off it. What the classifier
    knows of everybody is no harm to anybody in particular: the control is how often secrets of
    people are guessed of whom the table was not made.

    The attacker who protects reference people the way the release was made rehearses on them how
    far near records can be trusted.

    Source: Giomi et al. 2023 (Anonymeter), with people who took no part as control.

    Limits: It guesses one answer at a time, with a linear model and near records; a cleverer model
    may guess more. What is true of everybody alike is counted as no harm to anybody.
    """

    name: ClassVar[str] = "synthetic/attribute-inference"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant", "semi-informed")

    trust: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.trust <= 1:
            raise InputError(
                f"synthetic/attribute-inference trust = {self.trust}: a share of people, 0..1"
            )

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return what each known person's secret is taken to be, one entry a field.

        Raises:
            InvalidMeasurement: there is no secret that the table tells of, nobody to learn from
                or nobody to attack.
        """
        looking, rehearsing = rng.spawn(2)
        sizes = [len(c.ids) for c in (release.corpus, knowledge.known, knowledge.reference)]
        if not all(sizes):
            raise InvalidMeasurement(
                f"{sizes[0]} records, {sizes[1]} targets and {sizes[2]} reference people: "
                "at least one of each is needed"
            )
        table = whole_table(people_of(release.corpus, knowledge.known, knowledge.reference))
        records, people = np.arange(sizes[0]), np.arange(sizes[0], sum(sizes))
        secrets = secrets_of(table, records, people[sizes[1] :])
        rehearsed = _rehearse(knowledge, secrets, self.trust, rehearsing)
        trust = self.trust if rehearsed is None else rehearsed
        seen = look(picked(table, people), picked(table, records), secrets, looking)
        guessed = seen.guesses(np.arange(sizes[1], len(people)), trust)[:, : sizes[1]]
        tier: Tier = "light" if rehearsed is None else "trained"
        return tuple(
            Inferred(
                people=knowledge.known.ids,
                field=secret.name,
                guesses=tuple(secret.answers[i] for i in row),
                tier=tier,
            )
            for secret, row in zip(secrets, guessed, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A field, and what can be guessed of it: its values, or bands of them."""

    name: str
    answers: tuple[str, ...]

    def of(self, table: Table) -> Places:
        """Return which answer is right of each row, -1 where none is; shape (rows,)."""
        column = table.columns[self.name]
        if not self.answers:
            return np.full(len(column.codes), -1, dtype=np.intp)
        covers = covering(code(self.answers), column) & ~column.missing
        right = np.where(covers.any(axis=0), covers.argmax(axis=0), -1)
        return np.asarray(right[column.codes], dtype=np.intp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the table says of people; all of shape (secrets, people).

    ``read`` is the answer of the nearest record (-1: it has none), ``apart`` how far away that
    record is, ``learned`` the answer of the classifier.
    """

    read: Places
    apart: Floats
    learned: Places

    def guesses(self, strangers: Places, trust: float) -> Places:
        """Return the answer for everybody, near records trusted as far as ``trust`` says.

        ``strangers`` are the people who are surely not behind the table.
        """
        limit = np.quantile(self.apart[:, strangers], trust, axis=1, method="lower")
        near = (self.apart < limit[:, None]) | (trust >= 1)
        return np.where(near & (self.read >= 0), self.read, self.learned)


def secrets_of(table: Table, records: Places, strangers: Places) -> tuple[Secret, ...]:
    """Return the fields that are guessed, with the answers that occur among these rows.

    ``records`` and ``strangers`` are the rows that the attacker sees in full.

    Raises:
        InvalidMeasurement: no field has two answers in the records.
    """
    fields = telling_fields(table)
    items = {name for tool in {f.tool for f in fields} for name in last_items(tool, fields)}
    wanted = [
        f
        for f in fields
        if f.name in items or (f.source == "attribute" and f.role in {"quasi", "sensitive"})
    ]
    made = (_secret(table.columns[f.name], f.name, records, strangers) for f in wanted)
    kept = tuple(s for s in made if len(np.unique(s.of(table)[records])) > 1)
    if not kept:
        raise InvalidMeasurement(
            "the table holds no sensitive or quasi-identifying column, and no item, of two values"
        )
    return kept


def last_items(tool: str, fields: Sequence[Field]) -> tuple[str, ...]:
    """Return the last item of each scale of a questionnaire that is among these fields.

    A questionnaire that is not in the table of instruments is one scale; of one that was asked
    at several visits, the first counts.
    """
    if _LATER in tool:
        return ()
    there = [f.name for f in fields if f.tool == tool and f.source == "item"]
    if not is_known(tool):
        return tuple(there[-1:])
    scales = get(tool).scales
    found = []
    for scale in scales[1:] or scales:
        named = [item_name(tool, item - 1) for item in scale.items]
        found += [name for name in named if name in there][-1:]
    return tuple(dict.fromkeys(found))


def look(
    people: Table, records: Table, secrets: Sequence[Secret], rng: np.random.Generator
) -> Sight:
    """Return what the records say of people of whom all but the secret is known."""
    # The first of equally near records in a random order is one of them drawn at random.
    shuffled = picked(records, rng.permutation(len(records.ids)))
    fields = [f for f in telling_fields(people) if f.name in records.columns]
    pairings = distances(people, shuffled, fields)
    own = {f.name: pairing for f, pairing in zip(fields, pairings, strict=True)}
    held = np.stack([secret.of(shuffled) for secret in secrets])
    nearest, apart = _nearest(pairings, [own[secret.name] for secret in secrets])
    return Sight(
        read=np.take_along_axis(held, nearest, axis=1),
        apart=apart,
        learned=_learned(people, shuffled, secrets, held),
    )


def _nearest(pairings: Sequence[Pairing], secret: Sequence[Pairing]) -> tuple[Places, Floats]:
    """Return the nearest record by all fields but the secret, and how far it is."""
    rows, columns = len(pairings[0].rows), len(pairings[0].columns)
    nearest = np.zeros((len(secret), rows), dtype=np.intp)
    apart = np.zeros((len(secret), rows))
    for part in blocks(rows):
        everything = add_up(pairings, part, columns)
        for i, one in enumerate(secret):
            rest = everything - add_up([one], part, columns)
            nearest[i, part] = rest.argmin(axis=1)
            apart[i, part] = rest.min(axis=1)
    return nearest, apart


def _learned(people: Table, records: Table, secrets: Sequence[Secret], held: Places) -> Places:
    """Return the answers of a linear classifier fitted to the records (ridge on indicators)."""
    fields = [f for f in telling_fields(people) if f.name in records.columns]
    made = [_designed(f, people, records) for f in fields]
    of = np.repeat([f.name for f in fields], [block.shape[1] for block in made])
    design = np.concatenate([*made, np.ones((len(made[0]), 1))], axis=1)
    asked, taught = design[: len(people.ids)], design[len(people.ids) :]
    square = taught.T @ taught + _RIDGE * len(taught) * np.eye(taught.shape[1])
    found = np.zeros((len(secrets), len(asked)), dtype=np.intp)
    for i, secret in enumerate(secrets):
        use = np.append(np.flatnonzero(of != secret.name), len(of))
        target = (held[i][:, None] == np.arange(len(secret.answers))).astype(np.float64)
        weights = np.linalg.solve(square[np.ix_(use, use)], taught[:, use].T @ target)
        found[i] = (asked[:, use] @ weights).argmax(axis=1)
    return found


def _designed(field: Field, people: Table, records: Table) -> Floats:
    """Return a field as numbers in the unit of the records, people first, then records.

    What has a place on a scale is one number (0 where unknown) and an indicator of being
    unknown; a name is one indicator for each name of the records.
    """
    values = [numbers(table, field.name) for table in (people, records)]
    known = values[1][~np.isnan(values[1])]
    if known.size:
        unit = float(known.std()) or 1.0
        placed = (np.concatenate(values) - known.mean()) / unit
        return np.column_stack([np.nan_to_num(placed, nan=0.0), np.isnan(placed)])
    told = [table.columns[field.name] for table in (people, records)]
    names = [np.array([value_text(v) for v in c.distinct])[c.codes] for c in told]
    held = np.concatenate(names)[:, None] == np.unique(names[1])
    return np.asarray(held, dtype=np.float64)


def _secret(column: Coding, name: str, records: Places, strangers: Places) -> Secret:
    """Return what can be guessed of a field; cut into bands at the quarters of strangers."""
    exact = column.exact[column.codes]
    seen = [
        [column.distinct[i] for i in column.codes[rows[exact[rows]]]]
        for rows in (records, strangers)
    ]
    occurring = {v for values in seen for v in values}
    if len(occurring) <= _MANY or not all(isinstance(v, (int, float)) for v in occurring):
        return Secret(name=name, answers=tuple(sorted({value_text(v) for v in occurring})))
    numbers_of = [[float(v) for v in values if isinstance(v, (int, float))] for values in seen]
    return Secret(name=name, answers=_bands(numbers_of[0] + numbers_of[1], numbers_of[1]))


def _bands(occurring: Sequence[float], strangers: Sequence[float]) -> tuple[str, ...]:
    """Return bands that cover all values that occur, about a quarter of the strangers in each.

    >>> _bands([18, 19, 20, 30, 31, 45, 60, 61], [18, 20, 31, 45, 60])
    ('18-20', '30-31', '45', '60-61')
    """
    values = np.unique(occurring)
    cuts = np.unique(np.quantile(strangers or values, _QUARTERS, method="higher"))
    inside = np.searchsorted(cuts, values)
    groups = [values[inside == i] for i in np.unique(inside)]
    return tuple(band(float(group[0]), float(group[-1])) for group in groups)


def _rehearse(
    knowledge: Knowledge, secrets: Sequence[Secret], usual: float, rng: np.random.Generator
) -> float | None:
    """Return how far near records are best trusted, by what it gains over all secrets.

    Half of the reference people are protected as the release was, the others are the control
    and the strangers. The usual trust gives place only to one that is better by two standard
    errors.
    """
    reference = knowledge.reference
    order = rng.permutation(len(reference.ids))
    if knowledge.protect is None or len(order) < _FEWEST:
        return None
    inside, outside = (
        reference.select([reference.ids[i] for i in part])
        for part in (order[: len(order) // 2], order[len(order) // 2 :])
    )
    try:
        made = knowledge.protect(inside, rng)
        table = whole_table(people_of(made, inside, outside))
    except MindveilError:
        return None
    if not made.ids:
        return None
    people = picked(table, np.arange(len(made.ids), len(table.ids)))
    seen = look(people, picked(table, np.arange(len(made.ids))), secrets, rng)
    truth = np.stack([secret.of(people) for secret in secrets])
    strangers = np.arange(len(inside.ids), len(order))
    trusts = sorted({usual, *_TRUSTS}, key=lambda trust: (trust != usual, trust))
    gains = []
    for trust in trusts:
        right = (seen.guesses(strangers, trust) == truth) & (truth >= 0)
        gains.append(float(right[:, : len(inside.ids)].mean() - right[:, strangers].mean()))
    clear = 2 * np.sqrt(0.5 / len(order))
    return trusts[int(np.argmax(gains)) if max(gains) - gains[0] > clear else 0]
