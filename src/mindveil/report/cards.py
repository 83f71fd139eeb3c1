"""The verdict on each release as its reader sees it: the decision, why, and three figures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import (
    NAMED,
    Point,
    headlines,
    is_match,
    leading_task,
    undefended_of,
    utility_of,
)
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Decision, Finding, Policy, ReleaseVerdict, State
from mindveil.report import detector_words, figures, names, words
from mindveil.report.charts import Bar, bar
from mindveil.report.detectors import asks_detectors, guarded, is_detector, is_twin, twins_last
from mindveil.report.figures import Figure, shown
from mindveil.report.traces import row_at, row_of
from mindveil.study import ORIGINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding: its state as symbol and word, and its sentence."""

    state: State
    word: str
    sentence: str
    row: Row | None = None
    """The line of the scorecard that it rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A key figure of a card, what it is called, what it says in plain words, and its bar."""

    label: str
    figure: Figure | None
    plain: str
    bar: Bar | None = None
    second: Figure | None = None
    """What belongs beside it: the change against the original."""
    second_word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The verdict on one release; none on a detector that others are measured against."""

    name: str
    decision: Decision
    shape: str
    meaning: str
    steps: tuple[str, ...]
    sentence: str
    facts: tuple[Fact, ...]
    lines: tuple[Line, ...]
    people_needed: str
    missing: int
    remarks: tuple[str, ...] = ()
    """What should be known and decides nothing."""
    compared: bool = False
    """Whether it is there for comparison, and not offered for release."""


def cards(dossier: Dossier) -> tuple[Card, ...]:
    """Return one card a release, in the order of the study; what is for comparison comes last."""
    points = {p.release: p for p in dossier.judgement.frontier}
    verdicts = {v.release: v for v in dossier.judgement.releases}
    made = (_card(dossier, verdicts[name], points.get(name)) for name in twins_last(verdicts))
    return tuple(_only_compared(card) if is_twin(card.name) else card for card in made)


def _only_compared(card: Card) -> Card:
    """Return the card of a detector without a promise: what it is for, and no plea."""
    said = detector_words.TWIN.format(guarded(card.name))
    return replace(card, sentence=said, lines=(), people_needed="", compared=True)


def gaps(verdict: ReleaseVerdict, dossier: Dossier) -> tuple[str, ...]:
    """Return what was attempted on a release and gave no figure, each said once."""
    measures = {r.measure for r in dossier.rows}
    said = dict.fromkeys(fault.partition("; ")[0] for fault in verdict.not_tested)
    return tuple(names.in_plain_words(figures.discreet(s), measures) for s in said)


def leading_metric(rows: tuple[Row, ...]) -> tuple[str, str]:
    """Return the task the study leads with and the metric it is drawn in."""
    task = leading_task(rows)
    return task, "ccc" if task.startswith("severity/") else "auroc"


def floor_of(policy: Policy, task: str, metric: str) -> float | None:
    """Return the least utility that the policy asks for, if it asks."""
    return policy.min_utility.get(task, {}).get(metric)


def _card(dossier: Dossier, verdict: ReleaseVerdict, point: Point | None) -> Card:
    facts = next((r for r in dossier.releases if r.name == verdict.release), None)
    measures = {r.measure for r in dossier.rows}
    order = list(words.STATES)
    found = sorted(verdict.findings, key=lambda f: order.index(f.state))
    needed = verdict.people_needed
    return Card(
        name=verdict.release,
        decision=verdict.decision,
        shape=words.SHAPES[verdict.decision],
        meaning=words.MEANINGS[verdict.decision],
        steps=facts.steps if facts else (),
        sentence=_discreet(verdict.sentence, verdict, measures),
        facts=(
            _worst(dossier, verdict),
            _reduction(verdict, dossier),
            _use(dossier, verdict.release, point),
        ),
        lines=tuple(_line(f, verdict, dossier) for f in found),
        people_needed=f"About {needed:,} people would be needed to tell (this study: {dossier.corpus.people:,})."
        if needed
        else "",
        missing=len(gaps(verdict, dossier)),
        remarks=tuple(_discreet(said, verdict, measures) for said in verdict.remarks),
    )


def _line(finding: Finding, verdict: ReleaseVerdict, dossier: Dossier) -> Line:
    measures = {r.measure for r in dossier.rows}
    return Line(
        state=finding.state,
        word=words.STATES[finding.state],
        sentence=_discreet(finding.sentence, verdict, measures),
        row=row_at(dossier.rows, finding.row, finding.figure),
    )


def _discreet(sentence: str, verdict: ReleaseVerdict, measures: set[str]) -> str:
    """Return a sentence of the verdict in plain words, without figures of small groups."""
    cut = verdict.reduction
    if cut is not None and not shown(cut) and "is cut by" in sentence:
        return f"The cut in risk is {figures.WITHHELD}."
    return names.in_plain_words(figures.discreet(sentence), measures)


def _worst(dossier: Dossier, verdict: ReleaseVerdict) -> Fact:
    row, policy = verdict.worst, dossier.policy
    if is_detector(dossier, verdict.release) or (row is not None and not is_match(row)):
        return _gain(dossier, verdict)
    seen = row.estimate if row else None
    label, shape = words.TEXT["worst"], figures.figure(seen, "rate", row)
    if row is None or seen is None or not shown(seen):
        return Fact(label=label, figure=shape, plain=words.TEXT["worst_none"])
    limit = figures.number(policy.max_match, "rate")
    return Fact(
        label=label,
        figure=shape,
        plain=f"{_reached(row, seen)}; the limit is {limit}. {_where(row, verdict.weakest_modality)}",
        bar=bar(seen, policy.max_match),
    )


def _gain(dossier: Dossier, verdict: ReleaseVerdict) -> Fact:
    """Return what the strongest attack gains where no attack names a right person.

    By its gain, never by its success: many guesses are right of people in no data at all.
    """
    label, limit = words.TEXT["worst_other"], dossier.policy.max_advantage
    found = [
        (r.advantage, r.row)
        for r in headlines(dossier.rows, verdict.release)
        if r.advantage is not None
    ]
    if not found:
        return Fact(label=label, figure=None, plain=words.TEXT["worst_none"])
    gain, row = max(found, key=lambda pair: pair[0].high)
    stands = row_of(dossier.rows, verdict.release, row.measure, gain)
    if not shown(gain):
        plain = words.TEXT["worst_none"]
        return Fact(label=label, figure=figures.figure(gain, "rate", stands), plain=plain)
    return Fact(
        label=label,
        figure=figures.figure(gain, "rate", stands),
        plain=f"What it learns beyond guessing; the limit is {figures.number(limit, 'rate')}. "
        f"{_where(row)}",
        bar=bar(gain, limit),
    )


def _where(row: Row, weakest: str = "") -> str:
    by = names.attack_by(row.measure, row.attacker)
    if asks_detectors(row):
        return f"Strongest: {by}."
    return f"Weakest part: {names.modality_name(weakest or row.modality)} ({by})."


def _reached(row: Row, seen: Estimate) -> str:
    """Return a match as people of a hundred."""
    if row.measure in NAMED:
        return f"{figures.in_hundred(seen)} still have a readable name or number"
    return f"{figures.in_hundred(seen)} are matched with their right record"


def _reduction(verdict: ReleaseVerdict, dossier: Dossier) -> Fact:
    label, policy = words.TEXT["reduction"], dossier.policy
    shape = figures.figure(verdict.reduction, "rate")
    against = undefended_of(dossier.rows, verdict.release)
    if verdict.release == ORIGINAL:
        plain = words.TEXT["reduction_self"]
    elif is_twin(verdict.release):
        plain = detector_words.IS_TWIN.format(guarded(verdict.release))
    elif against == verdict.release:
        return Fact(label=label, figure=None, plain=detector_words.NO_PROMISE)
    elif shape is None:
        plain = words.TEXT["reduction_none"]
    else:
        plain = words.TEXT["reduction_note"] if against == ORIGINAL else detector_words.REDUCED
        if policy.min_risk_reduction:
            plain += f"; wanted: {figures.number(policy.min_risk_reduction, 'rate')}"
        plain = f"{names.capitalised(plain)}."
    return Fact(label=label, figure=shape, plain=plain)


def _use(dossier: Dossier, release: str, point: Point | None) -> Fact:
    task, metric = leading_metric(dossier.rows)
    label = words.TEXT["utility"]
    seen = point.utility if point else None
    shape = figures.figure(seen, "score", row_of(dossier.rows, release, task, seen))
    if shape is None:
        return Fact(label=label, figure=None, plain=words.TEXT["utility_none"])
    plain = f"{names.metric_name(metric)}, {names.measure_name(task)}"
    change = utility_of(dossier.rows, release, task, f"{metric}-change")
    lost = figures.figure(change.estimate, "change", change) if change else None
    told = lost is not None and not lost.withheld and release != ORIGINAL
    return Fact(
        label=label,
        figure=shape,
        plain=f"{plain}.",
        second=lost if told else None,
        second_word=words.TEXT["utility_change"],
    )
