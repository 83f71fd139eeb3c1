"""From an estimate to the text that a reader sees, and what is withheld from every reader.

Rates are percentages with one decimal, areas and coefficients have three decimals, and a value
stands beside its 95 % interval and its number of people or is not printed. What rests on fewer
than ten people is withheld: a small group can be subtracted from a large one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import asked
from mindveil.evidence.scorecard import Row

LEAST_SHOWN = 10
"""Figures of fewer people than this are withheld."""

DASH = "–"

Scale = Literal["rate", "score", "points", "change", "shift", "tiny"]

_RATES = frozenset(
    {
        "rank1",
        "rank5",
        "eer",
        "linkability",
        "tar",
        "tpr",
        "tnr",
        "gain",
        "success",
        "rows-found",
        "advantage",
        "recall-direct",
        "recall-quasi",
        "over-redaction",
        "accuracy",
        "accuracy-decided",
        "balanced-accuracy",
        "sensitivity",
        "sensitivity-decided",
        "specificity",
        "specificity-decided",
        "coverage",
        "wer",
        "uar",
        "recall",
        "rank1-at",
        "singling-out",
        "person-risk",
        "people-above",
        "people-exposed",
        "leaks-found",
        "duplicates",
        "calibration",
        "advantage-stated",
        "advantage-permitted",
        "risk-reduction",
        "backdoor-success",
        "prevalence",
        "band",
    }
)
_SHIFTS = ("prevalence-change", "band-change", "model-gain", "lost-without", "over-best-single")
_POINTS = frozenset({"mae", "rmse", "epsilon", "epsilon-lower", "exposure", "cllr"})
LESS_IS_BETTER = frozenset({"brier", "mae", "rmse", "wer"})

_PEOPLE = re.compile(r"\bn = (\d+)")
_COUNT = re.compile(
    r"(?<!than )(?<!least )(?<![\w.,/])[0-9] "
    r"(?=(?:of \d+ )?(?:cases|people|persons|participants|predicates|targets)\b|of \d)"
)
WITHHELD = f"withheld: it rests on fewer than {LEAST_SHOWN} people"
_MEASURE = re.compile(r"\(([a-z]+/[^\s,)]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number as it is printed: its value, its interval and its people, or that it is withheld."""

    value: str
    interval: str
    people: str
    withheld: bool = False
    row: Row | None = field(default=None, compare=False, repr=False)
    """The line of the scorecard that holds it; None where it was computed from several."""

    @property
    def line(self) -> str:
        """The whole figure on one line."""
        return WITHHELD if self.withheld else f"{self.value} ({self.interval}), {self.people}"


def scale_of(metric: str) -> Scale:
    """Return how a metric is written.

    >>> scale_of("rank1-unusual"), scale_of("tar@far=0.01"), scale_of("auroc-change")
    ('rate', 'rate', 'change')
    >>> scale_of("alpha-change@total"), scale_of("prevalence-change@total>=10"), scale_of("delta")
    ('change', 'shift', 'tiny')
    """
    base = asked(metric).figure
    if base.startswith(_SHIFTS):
        return "shift"
    if "-change" in base or base.endswith("-gain"):
        return "change"
    base = base.removesuffix("-worst").removesuffix("-gap")
    if base == "delta":
        return "tiny"
    if base in _RATES:
        return "rate"
    return "points" if base in _POINTS else "score"


def number(value: float, scale: Scale) -> str:
    """Return one number with a true minus sign and without a negative zero.

    >>> number(0.0714, "rate"), number(0.8, "score"), number(-0.0004, "change")
    ('7.1%', '0.800', '0.000')
    """
    text = {
        "rate": f"{value:.1%}",
        "score": f"{value:.3f}",
        "points": f"{value:.2f}",
        "change": f"{value:+.3f}",
        "shift": f"{100 * value:+.1f} points",
        "tiny": f"{value:.1g}",
    }[scale]
    if not any(c in "123456789" for c in text):
        text = text.lstrip("+-")
    if scale == "tiny":
        text = text.replace("e-0", "e-")
    return text.replace("-", "\u2212")


def figure(seen: Estimate | None, scale: Scale, row: Row | None = None) -> Figure | None:
    """Return an estimate as text, and the line that it stands in; None where there is none."""
    if seen is None:
        return None
    if seen.n < LEAST_SHOWN:
        return Figure(
            value=DASH, interval=DASH, people=f"n\u00a0<\u00a0{LEAST_SHOWN}", withheld=True
        )
    low, high = number(seen.low, scale).removesuffix(" points"), number(seen.high, scale)
    return Figure(
        value=number(seen.value, scale),
        interval=f"{low} to {high}",
        people=f"n\u00a0=\u00a0{seen.n:,}",
        row=row,
    )


def figure_of(row: Row | None) -> Figure | None:
    """Return the figure of one line of the scorecard; None where the line holds none."""
    if row is None or row.status != "ok":
        return None
    return figure(row.estimate, scale_of(row.metric), row)


def shown(seen: Estimate | None) -> bool:
    """Whether there is a figure and it may be printed."""
    return seen is not None and seen.n >= LEAST_SHOWN


def in_hundred(seen: Estimate) -> str:
    """Return a share as people of a hundred, the way risks are best understood.

    The interval is widened to whole people, so that it is never narrower than it was.

    >>> in_hundred(Estimate(value=0.617, low=0.521, high=0.701, n=99))
    'About 62 of 100 people (52 to 71)'
    >>> in_hundred(Estimate(value=0.002, low=0.0, high=0.014, n=400))
    'Fewer than 1 of 100 people (at most 2)'
    """
    value, low, high = 100 * seen.value, 100 * seen.low, 100 * seen.high
    count = "Fewer than 1" if 0 < value < 0.5 else f"About {value:.0f}" if value else "None"
    least, most = math.floor(low + 1e-9), math.ceil(high - 1e-9)
    span = f"{least} to {most}" if least > 0 else f"at most {most}"
    return f"{count} of 100 people ({span})"


def discreet(sentence: str) -> str:
    """Return a sentence without figures of small groups.

    >>> discreet("found in 20.0% [2.5%, 55.6%], n = 9")
    'The figure is withheld: it rests on fewer than 10 people.'
    >>> discreet("found in 20.0% [2.5%, 55.6%], n = 9 (face/linkage, lazy-informed attacker)")
    'The figure of face/linkage is withheld: it rests on fewer than 10 people.'
    >>> discreet("5 cases of 40")
    'fewer than 10 cases of 40'
    """
    if any(int(n) < LEAST_SHOWN for n in _PEOPLE.findall(sentence)):
        told = _MEASURE.search(sentence)
        return f"The figure{f' of {told[1]}' if told else ''} is {WITHHELD}."
    return _COUNT.sub(f"fewer than {LEAST_SHOWN} ", sentence)
