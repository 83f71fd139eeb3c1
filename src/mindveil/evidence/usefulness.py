"""The conditions on use: what a model trained on the release still tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mindveil.corpus.targets import parse_question
from mindveil.evidence.caps import cap
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.faithfulness import faithfulness, has_own_conditions
from mindveil.evidence.frontier import is_undefended, undefended_of, utility_of
from mindveil.evidence.policy import Finding, Kind, Policy, State, at_least
from mindveil.evidence.risk_words import of_whom
from mindveil.evidence.scorecard import Row
from mindveil.evidence.validity import is_validity
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
LESS_IS_BETTER = frozenset({"brier", "mae", "rmse", "wer"})

_EVERYTHING = 0.5
"""A loss of AUROC after which nothing is left: who allows it asks for no use."""
_CHANCE: Kind = "use-above-chance"
_WORST_CHANGE = "-change-worst"


def usefulness(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return the limits of the policy, whether guessing is beaten, and the loss of every task."""
    tasks = dict.fromkeys(
        r.measure
        for r in rows
        if (r.kind, r.release) == ("utility", release) and not is_validity(r.measure)
    )
    detector = undefended_of(rows, release) != ORIGINAL
    # A detector answers its own question alone.
    limits = {t: m for t, m in policy.min_utility.items() if not detector or _is_own(t, tasks)}
    found = _limited(rows, release, limits)
    if release != ORIGINAL and not tasks and not policy.min_utility:
        told = "Nothing was asked of what this release is still good for: see [utility] use."
        found.append(Finding(state="unknown", sentence=told, kind="use-wanted"))
    for task in tasks if release != ORIGINAL else ():
        if not has_own_conditions(task):
            found += _kept(rows, release, task, policy.margin)
            found += _silent_too_often(rows, release, task, policy.margin)
        if detector and task not in policy.min_utility:
            found += _above_chance(rows, release, task)
    if detector and not found:
        told = "Nothing could be told of what this detector is good for."
        return [Finding(state="unknown", sentence=told, kind="use-wanted")]
    asked = policy.min_utility or policy.margin >= _EVERYTHING
    if {f.state for f in found} <= {"met"} and not asked:
        found += _of_some_use(rows, release, [t for t in tasks if not has_own_conditions(t)])
    return [*found, *_faithful(rows, release, policy)]


def _limited(
    rows: Sequence[Row], release: str, limits: Mapping[str, Mapping[str, float]]
) -> list[Finding]:
    """Return how every task that has a limit stands to it, and to guessing."""
    found: list[Finding] = []
    for task, wanted in limits.items():
        found += [_wanted(rows, release, (task, metric), at) for metric, at in wanted.items()]
        found += _above_chance(rows, release, task)
        if "accuracy" in wanted or "accuracy-decided" in wanted:
            found += _finds_cases(rows, release, task)
    return found


def _faithful(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return the conditions on a questionnaire, with the lines that they rest on."""
    mine = [r for r in rows if (r.release, r.kind) == (release, "utility")]
    return [
        f.about(
            "faithfulness", next((r for r in mine if f.figure and r.estimate == f.figure), None)
        )
        for f in faithfulness(rows, release, policy)
    ]


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
    found = Finding(state="missed", sentence=sentence, figure=seen, limit=wanted - margin)
    return [found.about("coverage", row)]


def _wanted(rows: Sequence[Row], release: str, what: tuple[str, str], limit: float) -> Finding:
    """Return whether a figure is as good as the policy asks."""
    task, metric = what
    row = utility_of(rows, release, task, metric)
    seen = row.estimate if row else None
    if seen is None:
        sentence = f"Not measured: {_name(metric)} of {task}."
        return Finding(state="unknown", sentence=sentence, kind="use-wanted", limit=limit)
    reached = f"Trained on this release, {task} reaches {_name(metric)} {_figure(seen)}"
    if metric in LESS_IS_BETTER:
        sentence = f"{reached}; at most {limit:g} was wanted."
        found = at_least(seen.map(lambda x: -x), -limit, sentence)
        return replace(found, figure=seen, limit=limit).about("use-wanted", row)
    found = at_least(seen, limit, f"{reached}; at least {limit:g} was wanted.")
    return found.about("use-wanted", row)


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
    found = Finding(state=state, sentence=sentence, figure=seen, limit=chance)
    return [found.about(_CHANCE, row)]


def _of_some_use(rows: Sequence[Row], release: str, tasks: Sequence[str]) -> list[Finding]:
    """Return that no task shows that a release is good for anything, where no limit was set.

    Against an original that tells nothing itself, nothing can be lost.
    """
    if not tasks or is_undefended(release):
        return []
    mine = [r for r in rows if (r.release, r.kind) == (release, "utility") and r.measure in tasks]
    if all(r.status != "ok" for r in mine):
        told = "Nothing could be told of what this release is good for."
        return [Finding(state="unknown", sentence=told, kind="use-wanted")]
    asked = [t for t in tasks if _leading(rows, release, t)]
    guessed = [f for t in asked for f in _above_chance(rows, release, t)]
    if not asked or len(guessed) < len(asked):
        return []
    return [_with_more_people(f) for f in guessed[:1]]


def _with_more_people(guessed: Finding) -> Finding:
    """Return a task that cannot be told from guessing as one of which more people could tell."""
    seen, chance = guessed.figure, guessed.limit
    if seen is None or chance is None:
        return replace(guessed, state="unknown")
    found = at_least(seen, chance, guessed.sentence)
    return replace(found, state="unknown", kind=_CHANCE, row=guessed.row)


def _leading(rows: Sequence[Row], release: str, task: str) -> Row | None:
    """Return the figure that tells a task from guessing."""
    return utility_of(rows, release, task, "ccc" if task.startswith("severity/") else "auroc")


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
    found = Finding(state=state, sentence=sentence, figure=seen, limit=0.5)
    return [found.about(_CHANCE, row)]


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
            found.append(at_least(seen, -margin, sentence).about("use-kept", row))
    if found:
        return found
    if utility_of(rows, ORIGINAL, task, metric) is None:
        return []
    sentence = f"What {task} lost against the original could not be measured."
    return [Finding(state="unknown", sentence=sentence, kind="use-kept", limit=-margin)]


def groups_left(rows: Sequence[Row], release: str, policy: Policy) -> list[Finding]:
    """Return the group of people for whom a task surely lost more than the margin allows.

    A release that serves most people and no longer one group of them is no good for everybody.
    """
    tasks = {r.measure for r in rows if (r.release, r.kind) == (release, "utility")}
    found = []
    for task in sorted(tasks):
        metrics = {
            r.metric
            for r in rows
            if (r.release, r.measure) == (release, task)
            if r.metric.partition("@")[0].endswith(_WORST_CHANGE)
        }
        for metric in sorted(metrics):
            row = utility_of(rows, release, task, metric)
            seen = row.estimate if row else None
            if row is None or seen is None or seen.high >= -policy.margin:
                continue
            name = metric.partition("@")[0].removesuffix(_WORST_CHANGE)
            told = (
                f"In one group by {of_whom(row)}, the {_name(name)} of {task} changes by "
                f"{_figure(seen)} against the original; a loss of {policy.margin:g} is allowed."
            )
            found.append(cap("group-use", told, row, -policy.margin))
    return sorted(found, key=lambda f: f.figure.high if f.figure else 0.0)[:1]


def remarks(rows: Sequence[Row], release: str, policy: Policy) -> list[str]:
    """Return what should be known of an accuracy and decides nothing: whom it is owed to."""
    told = []
    for row in rows:
        seen = row.estimate
        if (row.release, row.kind, row.status) != (release, "utility", "ok") or seen is None:
            continue
        if row.metric != "identity-share" or not is_validity(row.measure):
            continue
        if seen.low > policy.margin:
            told.append(
                f"Of the AUROC of {row.measure.partition('/')[2]} ({row.modality}), "
                f"{_figure(seen)} is owed to knowing the same people again: tested on people whom "
                "it was taught by, a detector looks better than it is."
            )
    return told


def _figure(seen: Estimate) -> str:
    return f"{seen.value:.3f} [{seen.low:.3f}, {seen.high:.3f}], n = {seen.n}"


def _name(metric: str) -> str:
    return _NAMES.get(metric, metric.replace("-", " "))
