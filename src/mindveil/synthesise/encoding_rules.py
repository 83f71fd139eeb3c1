"""Skip logic: questions that are not asked, or must be 0, after certain answers.

Some rules are public: distress is rated only for experiences that were had (PQ-16), and several
symptoms at the same time take more than one symptom (MDQ). Other rules are found in the answers
of real people: a question that nobody was asked who answered an earlier one in a certain way.
Found rules tell of the data, so a release under differential privacy does without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.codebook import MISSING, Codebook, Codes
from mindveil.synthesise.encoding_answers import Form

FEWEST_SKIPPED = 20
"""People who must have skipped a question before a rule is believed."""

_BY_CHANCE = 1e-6
_MDQ_SYMPTOMS, _MDQ_TOGETHER = 13, 13
_PQ16_ITEMS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where at most ``most`` of the gates lie outside ``cells``, the target is skipped.

    A skipped target holds one of the cells ``allowed``; where it holds another, it becomes
    ``otherwise``. Gates stand before their target.
    """

    gates: tuple[int, ...]
    cells: tuple[int, ...]
    target: int
    allowed: tuple[int, ...]
    otherwise: int
    most: int = 0

    def skips(self, codes: Codes) -> NDArray[np.bool_]:
        """Return who skips the target; shape (people,)."""
        inside = np.isin(codes[:, self.gates], self.cells)
        return np.asarray((~inside).sum(axis=1) <= self.most, dtype=np.bool_)

    def broken(self, codes: Codes) -> NDArray[np.bool_]:
        """Return who answered the target though it is skipped; shape (people,)."""
        return self.skips(codes) & ~np.isin(codes[:, self.target], self.allowed)


def follow(rules: Sequence[Rule], codes: Codes) -> Codes:
    """Return the codes with every rule followed."""
    kept = codes.copy()
    for rule in sorted(rules, key=lambda r: r.target):
        kept[rule.broken(kept), rule.target] = rule.otherwise
    return kept


def public_rules(form: Form) -> list[Rule]:
    """Return what the authors of a questionnaire say about questions that are skipped."""
    if form.tool == "pq16" and form.width == 2 * _PQ16_ITEMS:
        return [
            Rule(
                gates=(form.first + n,),
                cells=(0,),
                target=form.first + _PQ16_ITEMS + n,
                allowed=(MISSING, 0),
                otherwise=0,
            )
            for n in range(_PQ16_ITEMS)
        ]
    if form.tool == "mdq" and form.width > _MDQ_TOGETHER:
        symptoms = tuple(range(form.first, form.first + _MDQ_SYMPTOMS))
        together = form.first + _MDQ_TOGETHER
        skipped = Rule(
            gates=symptoms,
            cells=(0,),
            target=together,
            allowed=(MISSING, 0),
            otherwise=0,
            most=1,
        )
        return [skipped]
    return []


def found_rules(codes: Codes, codebook: Codebook, members: Sequence[int]) -> list[Rule]:
    """Return rules that everybody follows: a target always empty, or lowest, after one answer.

    ``members`` are the variables among which to look, ``codes`` those of people who have them.
    A rule is believed where enough people followed it and, by what others answer, so many
    would not do so by chance.
    """
    if len(codes) < 2 * FEWEST_SKIPPED:
        return []
    table = codes[:, members]
    sizes = np.array([codebook.variables[m].cells + 1 for m in members])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    shape = (len(codes), int(sizes.sum()))
    marks = np.zeros(shape, dtype=np.float32)
    # A missing answer is the first cell of each variable.
    np.put_along_axis(marks, (table + 1 + starts).astype(np.int64), 1.0, axis=1)
    together = marks.T @ marks
    had = np.diagonal(together)
    rules = [
        rule
        for n in range(1, len(members))
        for cell in (MISSING, 0)
        for rule in _rules_for(n, cell, members, (starts, together, had, len(codes)))
    ]
    return _simplest(rules)


def _rules_for(
    target: int,
    cell: int,
    members: Sequence[int],
    counted: tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], int],
) -> list[Rule]:
    """Return the rules by which one variable is skipped into one cell."""
    starts, together, had, people = counted
    column = starts[target] + cell + 1
    gates = slice(0, int(starts[target]))
    size, followed = had[gates], together[gates, column]
    others = people - size
    elsewhere = (had[column] - followed) / np.maximum(others, 1)
    exact = (size >= FEWEST_SKIPPED) & (followed == size) & (others >= FEWEST_SKIPPED)
    # One more who does not follow: what nobody happens to do is not impossible.
    chance = np.minimum(elsewhere, 1 - 1 / np.maximum(others, 1)) ** size
    made = []
    for place in np.flatnonzero(exact & (chance < _BY_CHANCE)).tolist():
        gate = int(np.searchsorted(starts, place, side="right")) - 1
        made.append(
            Rule(
                gates=(members[gate],),
                cells=(place - int(starts[gate]) - 1,),
                target=members[target],
                allowed=(cell,),
                otherwise=cell,
            )
        )
    return made


def _simplest(rules: Sequence[Rule]) -> list[Rule]:
    """Join rules of one gate and one target, and leave out targets skipped in both ways."""
    joined: dict[tuple[int, int, int], Rule] = {}
    for rule in rules:
        key = (rule.gates[0], rule.target, rule.otherwise)
        cells = (*joined[key].cells, *rule.cells) if key in joined else rule.cells
        joined[key] = Rule(
            gates=rule.gates,
            cells=tuple(sorted(cells)),
            target=rule.target,
            allowed=rule.allowed,
            otherwise=rule.otherwise,
        )
    return list(joined.values())
