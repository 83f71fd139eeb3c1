"""The conditions on a released questionnaire: does it still measure what the original did?

Accuracy alone passes a table whose answers no longer have anything to do with each other, where
few people are ill. These conditions do not: the change of alpha, of correlations between scales
and of prevalence must surely lie within its tolerance, and the factors must be the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.policy import Finding, Policy, at_least, within
from mindveil.evidence.scorecard import Row
from mindveil.evidence.validity import is_validity
from mindveil.study import ORIGINAL

FAMILY = "psychometrics/"
_ADDED = "augment/"
"""What a release adds has a control of its own, and says nothing of what was lost."""

_WORDS = {
    "alpha": "the consistency (alpha) of {which}",
    "r": "the correlation of {which}",
    "prevalence": "the share of people with {which}",
}


def has_own_conditions(measure: str) -> bool:
    """Whether a measure is judged by conditions of its own, not by its loss against the original.

    Whether an accuracy is what it seems is no accuracy, and has no loss either.

    >>> has_own_conditions("psychometrics/dass42"), has_own_conditions("detect/phq9>=10")
    (True, False)
    """
    return measure.startswith((FAMILY, _ADDED)) or is_validity(measure)


def faithfulness(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return for each questionnaire whether alpha, correlations, prevalence and factors stayed.

    One finding a figure: that of the scale, pair or cut-off that stands worst. What exists in the
    original and not in the release is unknown.
    """
    if release == ORIGINAL:
        return []
    found: list[Finding] = []
    mine = [r for r in rows if r.release == release and r.measure.startswith(FAMILY)]
    for measure in dict.fromkeys(r.measure for r in mine):
        there = {
            r.metric: e for r in mine if r.measure == measure and (e := _believed(r)) is not None
        }
        expected = {
            r.metric
            for r in rows
            if (r.release, r.measure) == (ORIGINAL, measure) and _believed(r) is not None
        }
        tool = measure.removeprefix(FAMILY)
        for figure, limit in policy.tolerances.items():
            found += _tolerated(figure, limit, tool, (there, expected))
        found += _same_factors(tool, policy.min_congruence, (there, expected))
    return found


def _tolerated(
    figure: str, limit: float, tool: str, seen: tuple[dict[str, Estimate], set[str]]
) -> list[Finding]:
    there, expected = seen
    opening = f"{figure}-change@"
    made = {
        metric.removeprefix(opening): estimate
        for metric, estimate in there.items()
        if metric.startswith(opening)
    }
    found = [
        (
            abs(estimate.value),
            within(estimate, limit, _sentence(figure, limit, (tool, which), estimate)),
        )
        for which, estimate in made.items()
    ]
    for metric in sorted(expected - set(there)):
        if metric.startswith(opening):
            what = _what(figure, metric.removeprefix(opening))
            sentence = f"In this release, {what} ({tool}) could not be measured."
            found.append((0.0, Finding(state="unknown", sentence=sentence)))
    for state in ("missed", "unknown", "met"):
        same = [(size, finding) for size, finding in found if finding.state == state]
        if same:
            return [max(same, key=lambda one: one[0])[1]]
    return []


def _same_factors(
    tool: str, least: float, seen: tuple[dict[str, Estimate], set[str]]
) -> list[Finding]:
    there, expected = seen
    estimate = there.get("congruence")
    if estimate is not None:
        sentence = (
            f"The factors of {tool} agree with the original's by {_figure(estimate)} (Tucker's "
            f"congruence, the lowest factor); at least {least:g} was wanted."
        )
        return [at_least(estimate, least, sentence)]
    if "congruence" not in expected:
        return []
    sentence = f"Whether the factors of {tool} are the original's could not be measured."
    return [Finding(state="unknown", sentence=sentence)]


def _sentence(figure: str, limit: float, of: tuple[str, str], seen: Estimate) -> str:
    tool, which = of
    return (
        f"Against the people it was made from, {_what(figure, which)} ({tool}) changes by "
        f"{_figure(seen)}; {limit:g} either way is allowed."
    )


def _what(figure: str, which: str) -> str:
    words = _WORDS.get(figure, f"{figure} of {{which}}")
    return words.format(which=which.replace("~", " with "))


def _figure(seen: Estimate) -> str:
    return f"{seen.value:.3f} [{seen.low:.3f}, {seen.high:.3f}], n = {seen.n}"


def _believed(row: Row) -> Estimate | None:
    return row.estimate if row.status == "ok" else None
