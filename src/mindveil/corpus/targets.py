"""The clinical question of a study, as text: ``phq9>=10``, ``dass42.depression>=14``.

The part before the operator is a questionnaire and, after a dot, one of its subscales; without
one the total is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.instrument_table import get, is_known
from mindveil.errors import InputError

Op = Literal[">=", ">", "<=", "<"]

_COMPARE: dict[Op, np.ufunc] = {
    ">=": np.greater_equal,
    ">": np.greater,
    "<=": np.less_equal,
    "<": np.less,
}
_SYNTAX = re.compile(
    r"(?P<tool>[a-z][a-z0-9]*)(?:\.(?P<subscale>[a-z][a-z0-9-]*))?"
    r"\s*(?P<op>>=|<=|>|<)\s*(?P<cut>[0-9]+(?:\.[0-9]+)?)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A two-class question: does the score compare so with the cut?

    >>> str(Target(tool="hads", subscale="anxiety", op=">=", cut=8))
    'hads.anxiety>=8'
    """

    tool: str
    subscale: str | None
    op: Op
    cut: float

    @property
    def scale(self) -> str:
        """The score in question, as in ``hads.anxiety`` or ``phq9``."""
        return self.tool if self.subscale is None else f"{self.tool}.{self.subscale}"

    def __str__(self) -> str:
        return f"{self.scale}{self.op}{np.format_float_positional(self.cut, trim='-')}"


def parse_target(text: str) -> Target:
    """Read a target; spaces around the operator are allowed.

    A questionnaire outside the table passes on its syntax alone: whoever holds the corpus
    knows whether it has one of that name. For one in the table the subscale must exist and the
    cut must leave some scores on either side.

    >>> parse_target("phq9 >= 10").cut
    10.0

    Raises:
        InputError: the text is no target, the subscale is unknown or the cut decides nothing.
    """
    match = _SYNTAX.fullmatch(text.strip())
    if match is None:
        raise InputError(
            f"target '{text}': expected questionnaire, operator (>=, >, <=, <) and number, "
            "as in phq9>=10 or dass42.depression>=14"
        )
    target = Target(
        tool=match["tool"],
        subscale=match["subscale"],
        op=cast("Op", match["op"]),
        cut=float(match["cut"]),
    )
    if is_known(target.tool):
        _check_cut(target)
    return target


def meets(target: Target, totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1.0 where a score meets the target, 0.0 where not, NaN where there is no score.

    ``totals`` holds the scores of ``target.scale``, shape (people,).

    >>> meets(parse_target("phq9>=10"), np.array([9.0, 10.0])).tolist()
    [0.0, 1.0]
    """
    met = _COMPARE[target.op](totals, target.cut)
    return np.where(np.isnan(totals), np.nan, np.where(met, 1.0, 0.0))


def _check_cut(target: Target) -> None:
    low, high = get(target.tool).total_range(target.subscale)
    holds = _COMPARE[target.op]
    if holds(low, target.cut) == holds(high, target.cut):
        raise InputError(
            f"target '{target}': {target.scale} runs from {low} to {high}, so everybody would "
            "fall on one side; choose a cut inside that range"
        )
