"""The clinical question of a study, as text: ``phq9>=10``, ``dass42.depression>=14``.

The part before the operator is a questionnaire and, after a dot, one of its subscales; without
one the total is meant. A detector may be allowed to be silent: ``phq9>=10@coverage=0.75`` asks it
to decide on about three of four people.
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
_COVERAGE = re.compile(r"coverage\s*=\s*(?P<share>[0-9]*\.?[0-9]+)", re.ASCII)


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


def parse_question(text: str) -> tuple[Target, float | None]:
    """Read a target and, where it is said, the share of people that a detector is to decide on.

    None: it decides on everybody. The share is asked of the training people; what it comes to
    among others is measured.

    >>> target, coverage = parse_question("phq9>=10@coverage=0.75")
    >>> str(target), coverage
    ('phq9>=10', 0.75)

    Raises:
        InputError: what stands before the ``@`` is no target, or the share is none.
    """
    target, said, option = text.partition("@")
    if not said:
        return parse_target(text), None
    match = _COVERAGE.fullmatch(option.strip())
    coverage = float(match["share"]) if match else 0.0
    if not 0.0 < coverage < 1.0:
        raise InputError(
            f"question '{text}': expected coverage=, a share above 0 and below 1, after the @, as "
            "in phq9>=10@coverage=0.75; leave it out for a detector that decides on everybody"
        )
    return parse_target(target), coverage


def target_of(question: str) -> str:
    """Return the text of a question without what is asked of the detector's silence.

    >>> target_of("phq9>=10@coverage=0.75"), target_of("phq9>=10")
    ('phq9>=10', 'phq9>=10')
    """
    return question.partition("@")[0].strip()


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
