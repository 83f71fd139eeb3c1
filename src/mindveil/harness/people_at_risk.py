"""Who is at risk: an index for the steward of the data, and for nobody else.

Every linkage attack leaves each person's own chance to be named in the sealed folder of a run: no
guess of his, no match, only chances. At the end they become one table there,
``sealed/people-at-risk.csv``, in which the steward sees whom to leave out, or whom to ask again.
Outside the sealed folder only counts are told. Who deletes the sealed folder deletes the index.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mindveil.addresses import cell_key
from mindveil.attack.base import LinkScores
from mindveil.evidence.contexts import limits_of
from mindveil.evidence.frontier import is_undefended
from mindveil.evidence.linkage import name_pairs
from mindveil.evidence.person_risk import at_limit, exposed_people, own_chances
from mindveil.evidence.scorecard import Row, csv_text
from mindveil.features.unusual import rarity_ranks
from mindveil.harness.context import Context
from mindveil.harness.scoring import Bout, questions
from mindveil.plan import CellPlan
from mindveil.store.files import write_json, write_text

INDEX = "people-at-risk.csv"
_FOLDER = "outcomes"
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worst:
    """The attack on one release that names a person most often, and whether any exposes her."""

    chance: float
    attack: str
    exposed: bool


def keep_outcomes(context: Context, cell: CellPlan, bouts: Sequence[Bout]) -> None:
    """Leave each person's own chance under one attacker in the sealed folder, where there is one.

    The headline question counts. Nothing is left of an attack that links nobody.

    Raises:
        InvalidMeasurement: fewer than 2 people can be looked for.
    """
    if not context.folder.sealed.is_dir():
        return  # a look at a corpus has no run folder
    headline = questions(bouts)[0]
    linked = [name_pairs(g, t) for g, t in headline if isinstance(g, LinkScores)]
    if not linked:
        return
    chances, exposed = own_chances(linked, context.study.attack.lineup), exposed_people(linked)
    left = {p: [c, exposed[p]] for p, c in chances.items()}
    path = _place(context, cell_key(context.plan, cell))
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_json(path, left)


def kept_chances(context: Context, cell: CellPlan) -> dict[str, float] | None:
    """Return people's own chances as another cell left them, to the last digit; None if it did not.

    Its address says all that they depend on, so that they are what would be found again.
    """
    path = _place(context, cell_key(context.plan, cell))
    if not path.is_file():
        return None
    left = json.loads(path.read_text(encoding="utf-8"))
    return {person: chance for person, (chance, _) in left.items()}


def counted_at_limit(context: Context, rows: Sequence[Row]) -> list[Row]:
    """Return a scorecard in which people are also counted at the limit of the study's policy."""
    policy = context.study.policy
    return at_limit(rows, limits_of(policy, policy.context).max_match)


def write_index(context: Context) -> None:
    """Write who is at risk under each release, the most exposed first, into the sealed folder.

    A row a person: how rare she is (1 is the rarest), whether she is one of the unusual people
    who were named before any attack, then for each release her own chance under the attack that
    names her most often, that attack, and whether any attack knows that it found her. Empty where
    no attack could look for her. No file where no attack left anything.
    """
    found = _worst(context)
    if not found:
        (context.folder.sealed / INDEX).unlink(missing_ok=True)
        return
    ranks = rarity_ranks(context.corpus)
    guarded = [r for r in found if not is_undefended(r)] or list(found)

    def most(person: str) -> tuple[bool, float, str]:
        """Order by what candidates risk; the originals are never let out."""
        here = [w for r in guarded if (w := found[r].get(person)) is not None]
        chance = max((w.chance for w in here), default=-1.0)
        return not any(w.exposed for w in here), -chance, person

    head = ["participant_id", "rarity_rank", "unusual"]
    head += [f"{r} {what}" for r in found for what in ("chance", "attack", "exposed")]
    lines: list[list[object]] = [list(head)]
    for person in sorted(context.corpus.ids, key=most):
        line: list[object] = [person, ranks[person], _said(person in context.unusual)]
        for people in found.values():
            one = people.get(person)
            line += _told(one)
        lines.append(line)
    write_text(context.folder.sealed / INDEX, csv_text(lines))


def _worst(context: Context) -> dict[str, dict[str, _Worst]]:
    """Return of each release, and each person in it, the attack that names her most often.

    What a killed run left half done does not count: the cell itself must have been finished.
    """
    found: dict[str, dict[str, _Worst]] = {}
    for cell in context.plan.cells:
        key = cell_key(context.plan, cell) if cell.kind == "attack" else ""
        path = _place(context, key)
        if not key or not path.is_file() or not (context.folder.cells / path.name).is_file():
            continue
        people = found.setdefault(cell.release, {})
        name = f"{cell.measure} ({cell.attacker})" if cell.attacker else cell.measure
        for person, (chance, exposed) in json.loads(path.read_text(encoding="utf-8")).items():
            one = _Worst(chance=chance, attack=name, exposed=exposed)
            before = people.get(person, one)
            worse = one if one.chance > before.chance else before
            people[person] = replace(worse, exposed=one.exposed or before.exposed)
    return found


def _place(context: Context, key: str) -> Path:
    return context.folder.sealed / _FOLDER / f"{key}.json"


def _told(one: _Worst | None) -> list[object]:
    return [round(one.chance, _DIGITS), one.attack, _said(one.exposed)] if one else ["", "", ""]


def _said(yes: object) -> str:
    return "yes" if yes else "no"
