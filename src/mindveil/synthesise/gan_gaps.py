"""Which answers are missing together: a generator that drops them one by one drops the wrong ones.

Who was not asked a questionnaire has none of its answers; who skipped a question lacks one. Each
group of variables that is missing for the same people has one coin: first the scales that are
missing as a whole, then what is missing besides. A variable that only repeats which groups are
there (a questionnaire was asked: yes, no; how many visits there were) is written down from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.latent import gap_patterns

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A variable that repeats groups: its code is the first of ``codes`` whose group is missing.

    There is one code more than groups: the last is that of people who have them all.
    """

    variable: int
    codes: tuple[int, ...]
    groups: tuple[int, ...]

    def written(self, gone: Flags) -> tuple[Codes, Flags]:
        """Return everybody's code, and which of all groups (people, groups) are missing with it.

        >>> visits = Repeat(variable=0, codes=(1, 2, 3), groups=(0, 1))
        >>> codes, gone = visits.written(np.array([[True, False], [False, True]]))
        >>> codes.tolist(), gone.tolist()
        ([1, 2], [[True, True], [False, True]])
        """
        all_gone = gone.copy()
        nested = np.logical_or.accumulate(gone[:, self.groups], axis=1)
        all_gone[:, self.groups] = nested
        first = len(self.groups) - nested.sum(axis=1)
        return np.array(self.codes, dtype=np.int16)[first], all_gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Groups of variables that are missing together, and variables that repeat groups.

    A group that is part of another (a question of a scale) is missing besides it.
    """

    groups: tuple[tuple[int, ...], ...] = ()
    repeats: tuple[Repeat, ...] = ()


def found_gaps(codes: Codes, codebook: Codebook) -> Gaps:
    """Return what is missing together in a table.

    >>> from mindveil.synthesise.codebook import Variable
    >>> is_there = Variable(name="c", kind="ordinal", levels=("no", "yes"))
    >>> a, b = (
    ...     Variable(name=n, kind="ordinal", levels=("0", "1"), block="x", may_miss=True)
    ...     for n in "ab"
    ... )
    >>> table = np.array([[0, -1, -1], [1, 1, 0], [1, -1, 0]], dtype=np.int16)
    >>> gaps = found_gaps(table, Codebook(variables=(is_there, a, b)))
    >>> gaps.groups, gaps.repeats[0].codes, gaps.repeats[0].groups
    (((1, 2), (1,)), (0, 1), (0,))
    """
    rest = codes < 0
    together: dict[bytes, list[int]] = {}
    for members in codebook.blocks.values():
        whole = rest[:, list(members)].all(axis=1)
        if whole.any():
            together.setdefault(whole.tobytes(), []).extend(members)
            rest[np.ix_(whole, np.array(members))] = False
    groups = [tuple(sorted(members)) for members in together.values()]
    groups += gap_patterns(rest)
    patterns = {(codes[:, list(g)] < 0).all(axis=1).tobytes(): n for n, g in enumerate(groups)}
    found = (_repeat(codes[:, v], v, patterns) for v in range(len(codebook.variables)))
    return Gaps(groups=tuple(groups), repeats=tuple(r for r in found if r is not None))


def _repeat(column: Codes, variable: int, patterns: Mapping[bytes, int]) -> Repeat | None:
    """Return what a column repeats: every way to part its codes in two has to be a gap."""
    held = [int(code) for code in np.unique(column)]
    if len(held) < 2 or held[0] < 0 or len(held) > len(patterns) + 1:
        return None
    for order in (held, held[::-1]):
        parts = (np.isin(column, order[: n + 1]).tobytes() for n in range(len(order) - 1))
        groups = [patterns.get(part) for part in parts]
        known = tuple(g for g in groups if g is not None)
        if len(known) == len(groups):
            return Repeat(variable=variable, codes=tuple(order), groups=known)
    return None


def gaps_to_json(gaps: Gaps) -> dict[str, Json]:
    """Return the gaps as plain data."""
    return {
        "groups": [list(group) for group in gaps.groups],
        "repeats": [[[r.variable], list(r.codes), list(r.groups)] for r in gaps.repeats],
    }


def gaps_from_json(stored: Json, codebook: Codebook) -> Gaps:
    """Return the gaps that :func:`gaps_to_json` wrote.

    Raises:
        InputError: they are not gaps of this codebook.
    """
    if isinstance(stored, Mapping) and set(stored) == {"groups", "repeats"}:
        groups = _numbers(stored["groups"])
        repeats = stored["repeats"] if isinstance(stored["repeats"], list) else [None]
        told = [r for r in map(_numbers, repeats) if _is_repeat(r, groups, codebook)]
        every = range(len(codebook.variables))
        if len(told) == len(repeats) and all(g and set(g) <= set(every) for g in groups):
            return Gaps(
                groups=tuple(groups),
                repeats=tuple(Repeat(variable=v[0], codes=c, groups=g) for v, c, g in told),
            )
    raise InputError("the gaps of a saved GAN do not fit its codebook; train it again")


def _is_repeat(
    stored: Sequence[tuple[int, ...]], groups: Sequence[tuple[int, ...]], codebook: Codebook
) -> bool:
    if len(stored) != 3 or len(stored[0]) != 1 or len(stored[1]) != len(stored[2]) + 1:
        return False
    (variable,), codes, told = stored
    if not 0 <= variable < len(codebook.variables):
        return False
    cells = codebook.variables[variable].cells
    return set(codes) <= set(range(cells)) and set(told) <= set(range(len(groups)))


def _numbers(stored: Json) -> list[tuple[int, ...]]:
    """Read rows of whole numbers; a row of anything else is read as empty."""
    rows = stored if isinstance(stored, list) else []
    return [
        tuple(x for x in row if isinstance(x, int)) if isinstance(row, list) else () for row in rows
    ]
