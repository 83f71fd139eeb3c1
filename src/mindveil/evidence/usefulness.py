"""The conditions on use: what a model trained on the release still tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mindveil.corpus.targets import parse_question
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.faithfulness import faithfulness, has_own_conditions
from mindveil.evidence.frontier import undefended_of, utility_of
from mindveil.evidence.policy import Finding, Policy, State, at_least
from mindveil.evidence.scorecard import Row
from mindveil.study import ORIGINAL

_NAMES = {
    "auroc": "AUROC",
    "auprc": "area under precision and recall",
    "accuracy-decided": "accuracy among those decided on",
    "pearson-r": "Pearson's r",
    "f1-macro": "macro F1",
    "ccc": "CCC",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "brier": "Brier score",
    "wer": "word error rate",
}
_LESS_IS_BETTER = frozenset({"brier", "mae", "rmse", "wer"})


def usefulness(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return the limits of the policy, whether guessing is beaten, and the loss of every task."""
    found: list[Finding] = []
    tasks = dict.fromkeys(r.measure for r in rows if (r.kind, r.release) == ("utility", release))
    detector = undefended_of(rows, release) != ORIGINAL
    for task, limits in policy.min_utility.items():
        if detector and task not in tasks and not _is_own(task, tasks):
            continue  # a detector answers its own question alone
        for metric, limit in limits.items():
            found.append(_wanted(rows, release, (task, metric), limit))
        found += _above_chance(rows, release, task)
        if "accuracy" in limits or "accuracy-decided" in limits:
            found += _finds_cases(rows, release, task)
    if release != ORIGINAL and not tasks and not policy.min_utility:
        told = "Nothing was asked of what this release is still good for: see [utility] use."
        found.append(Finding(state="unknown", sentence=told))
    for task in tasks if release != ORIGINAL else ():
        if not has_own_conditions(task):
            found += _kept(rows, release, task, policy.margin)
            found += _silent_too_often(rows, release, task, policy.margin)
        if detector and task not in policy.min_utility:
            found += _above_chance(rows, release, task)
    if detector and not found:
        told = "Nothing could be told of what this detector is good for."
        found.append(Finding(state="unknown", sentence=told))
    return [*found, *faithfulness(rows, release, policy)]


def _is_own(task: str, tasks: Iterable[str]) -> bool:
    """Whether a detector that answers these questions answers this one, spelled otherwise."""
    return task.partition("@")[0] in {own.partition("@")[0] for own in tasks}


def _silent_too_often(rows: Sequence[Row], release: str, task: str, margin: float) -> list[Finding]:
    """Return that surely fewer people are decided on than the question asks.

    Whoever decides on a few clear people alone is right about nearly all of them.
    """
    row = utility_of(rows, release, task, "coverage")
    seen = row.estimate if row else None
    wanted = parse_question(task.removeprefix("detect/"))[1] if seen else None
    if seen is None or wanted is None or seen.high >= wanted - margin:
        return []
    sentence = f"In {task}, the share decided on is {_figure(seen)}; {wanted:g} was asked."
    return [Finding(state="missed", sentence=sentence)]


def _wanted(rows: Sequence[Row], release: str, what: tuple[str, str], limit: float) -> Finding:
    """Return whether a figure is as good as the policy asks."""
    task, metric = what
    row = utility_of(rows, release, task, metric)
    seen = row.estimate if row else None
    if seen is None:
        sentence = f"Not measured: {_name(metric)} of {task}."
        return Finding(state="unknown", sentence=sentence)
    reached = f"Trained on this release, {task} reaches {_name(metric)} {_figure(seen)}"
    if metric in _LESS_IS_BETTER:
        return at_least(seen.map(lambda x: -x), -limit, f"{reached}; at most {limit:g} was wanted.")
    return at_least(seen, limit, f"{reached}; at least {limit:g} was wanted.")


def _above_chance(rows: Sequence[Row], release: str, task: str) -> list[Finding]:
    """Return a task that cannot be told from guessing.

    Where most people are healthy, calling everybody healthy is often right: plain accuracy passes
    what has lost every trace of the illness.
    """
    metric, chance = ("ccc", 0.0) if task.startswith("severity/") else ("auroc", 0.5)
    row = utility_of(rows, release, task, metric)
    seen = row.estimate if row else None
    if seen is None or seen.low > chance:
        return []
    state: State = "missed" if seen.high <= chance else "unknown"
    sentence = (
        f"Trained on this release, {task} cannot be told from guessing: {_name(metric)} "
        f"{_figure(seen)}; guessing reaches {chance:g}."
    )
    return [Finding(state=state, sentence=sentence)]


def _finds_cases(rows: Sequence[Row], release: str, task: str) -> list[Finding]:
    """Return a task whose plain accuracy is owed to those who are not cases.

    Calling nobody ill has a balanced accuracy of one half, whatever its accuracy.
    """
    row = utility_of(rows, release, task, "balanced-accuracy")
    seen = row.estimate if row else None
    if seen is None or seen.low > 0.5:
        return []
    state: State = "missed" if seen.high <= 0.5 else "unknown"
    sentence = (
        f"Trained on this release, {task} cannot be told from calling everybody alike: balanced "
        f"accuracy {_figure(seen)}; its plain accuracy counts for nothing."
    )
    return [Finding(state=state, sentence=sentence)]


def _kept(rows: Sequence[Row], release: str, task: str, margin: float) -> list[Finding]:
    """Return whether a task lost no more than the margin against the original.

    A task that the original can do and this release cannot has lost more than anybody can tell.
    """
    metric = "ccc" if task.startswith("severity/") else "auroc"
    found = []
    for name in (metric, "balanced-accuracy"):
        row = utility_of(rows, release, task, f"{name}-change")
        seen = row.estimate if row else None
        if seen is not None:
            sentence = (
                f"Against the original, the {_name(name)} of {task} changes by {_figure(seen)}; "
                f"a loss of {margin:g} is allowed."
            )
            found.append(at_least(seen, -margin, sentence))
    if found:
        return found
    if utility_of(rows, ORIGINAL, task, metric) is None:
        return []
    sentence = f"What {task} lost against the original could not be measured."
    return [Finding(state="unknown", sentence=sentence)]


def _figure(seen: Estimate) -> str:
    return f"{seen.value:.3f} [{seen.low:.3f}, {seen.high:.3f}], n = {seen.n}"


def _name(metric: str) -> str:
    return _NAMES.get(metric, metric.replace("-", " "))
