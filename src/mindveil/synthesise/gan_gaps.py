"""Which answers are missing together: a generator that drops them one by one drops the wrong ones.

Who was not asked a questionnaire has none of its answers; who skipped a question lacks one. Each
group of variables that is missing for the same people has one coin: first the scales that are
missing as a whole, then what is missing besides. A variable that only repeats whether a group is
there (a questionnaire was asked: yes, no) is written down from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.latent import gap_patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Groups of variables that are missing together, and variables that repeat a group.

    A group that is part of another (a question of a scale) is missing besides it. ``repeats``
    holds a variable, a group and the variable's code where the group is missing (its other code
    where not).
    """

    groups: tuple[tuple[int, ...], ...] = ()
    repeats: tuple[tuple[int, int, int], ...] = ()


def found_gaps(codes: Codes, codebook: Codebook) -> Gaps:
    """Return what is missing together in a table.

    >>> from mindveil.synthesise.codebook import Variable
    >>> is_there = Variable(name="c", kind="ordinal", levels=("no", "yes"))
    >>> a, b = (
    ...     Variable(name=n, kind="ordinal", levels=("0", "1"), block="x", may_miss=True)
    ...     for n in "ab"
    ... )
    >>> table = np.array([[0, -1, -1], [1, 1, 0], [1, -1, 0]], dtype=np.int16)
    >>> found_gaps(table, Codebook(variables=(is_there, a, b)))
    Gaps(groups=((1, 2), (1,)), repeats=((0, 0, 0),))
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
    patterns = [(codes[:, list(g)] < 0).all(axis=1) for g in groups]
    repeats = []
    for variable, told in enumerate(codebook.variables):
        if told.cells != 2 or (codes[:, variable] < 0).any():
            continue
        for group, gone in enumerate(patterns):
            code = int(codes[gone, variable][0]) if not gone.all() else -1
            if code >= 0 and np.array_equal(codes[:, variable] == code, gone):
                repeats.append((variable, group, code))
                break
    return Gaps(groups=tuple(groups), repeats=tuple(repeats))


def gaps_to_json(gaps: Gaps) -> dict[str, Json]:
    """Return the gaps as plain data."""
    return {"groups": [list(g) for g in gaps.groups], "repeats": [list(r) for r in gaps.repeats]}


def gaps_from_json(stored: Json, codebook: Codebook) -> Gaps:
    """Return the gaps that :func:`gaps_to_json` wrote.

    Raises:
        InputError: they are not gaps of this codebook.
    """
    wrong = InputError("the gaps of a saved GAN do not fit its codebook; train it again")
    if not isinstance(stored, Mapping) or set(stored) != {"groups", "repeats"}:
        raise wrong
    groups, repeats = (_rows(stored[name]) for name in ("groups", "repeats"))
    size = len(codebook.variables)
    if any(not g or not all(0 <= v < size for v in g) for g in groups):
        raise wrong
    told = [r for r in repeats if len(r) == 3 and 0 <= r[0] < size and 0 <= r[1] < len(groups)]
    if len(told) != len(repeats) or any(r[2] not in (0, 1) for r in repeats):
        raise wrong
    return Gaps(groups=tuple(groups), repeats=tuple((r[0], r[1], r[2]) for r in told))


def _rows(stored: Json) -> list[tuple[int, ...]]:
    rows = stored if isinstance(stored, list) else []
    return [tuple(int(str(x)) for x in row) for row in rows if isinstance(row, list)]
