"""What a detector sees of each person, and what it should say: one line a person.

Text: the participant's own words at the visit of the answers (interviewers are left out: their
questions tell the diagnosis). Scales: background and the items of other questionnaires; no item
that the target is made of, in whatever form of the questionnaire, is ever a predictor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import centres, code
from mindveil.corpus.instruments import (
    get,
    is_known,
    meets,
    parse_target,
    score_table,
    shared_items,
)
from mindveil.corpus.model import Corpus, MediaFile, Participant, Response, Session, Stream
from mindveil.features.scales import Field, Table, indicators, item_name, latest_table, numbers

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """People who answered the questionnaire in question.

    ``visits`` are those that are looked at; ``documents`` holds the stretches of speech of each person, ``voices`` and ``faces`` the
    recordings; ``table`` the predictors from background and questionnaires; ``totals`` the score,
    shape (people,).
    """

    ids: tuple[str, ...]
    visits: tuple[tuple[Session, ...], ...]
    documents: tuple[tuple[str, ...], ...]
    voices: tuple[tuple[MediaFile, ...], ...]
    faces: tuple[tuple[MediaFile, ...], ...]
    table: Table
    predictors: tuple[Field, ...]
    totals: Floats


def totals_of(corpus: Corpus, tool: str, subscale: str | None) -> Floats:
    """Return everybody's latest score, shape (people,); NaN where there is none.

    A banded answer of a release is its middle.
    """
    answers = [p.latest(tool) or Response() for p in corpus.participants]
    stated = [np.nan if a.total is None or subscale else a.total for a in answers]
    totals = np.array(stated, dtype=np.float64)
    if not is_known(tool):
        return totals
    own = get(tool)
    items = np.full((len(answers), own.width), np.nan)
    for place in range(own.width):
        column = code([a.items[place] if place < len(a.items) else None for a in answers])
        items[:, place] = centres(column)[column.codes]
    scored = score_table(own, items, subscale)
    return np.where(np.isnan(scored), totals, scored)


def sides_of(corpus: Corpus, targets: Sequence[str]) -> dict[str, str]:
    """Return on which side of each target a person is: the strata that folds are balanced on."""
    sides = dict.fromkeys(corpus.ids, "")
    for text in targets:
        target = parse_target(text)
        met = meets(target, totals_of(corpus, target.tool, target.subscale))
        for person, side in zip(corpus.ids, met, strict=True):
            if not np.isnan(side):
                sides[person] += f"{text}: {side:.0f}; "
    return sides


def cases_of(corpus: Corpus, tool: str, subscale: str | None, modality: Stream = "fused") -> Cases:
    """Return the people of a corpus who have this score.

    Of a single modality that is recorded, those alone of whom it was recorded with the answers: a
    detector that hears nothing says nothing, right or wrong.
    """
    totals = totals_of(corpus, tool, subscale)
    pooled = bool(corpus.pseudo_sessions)
    kept = [
        i
        for i in np.flatnonzero(~np.isnan(totals))
        if _is_recorded(_visits(corpus.participants[i], tool, pooled=pooled), modality)
    ]
    people = [corpus.participants[i] for i in kept]
    there = corpus.with_people(people)
    table = latest_table(there)
    hidden = _hidden(tool, subscale, there.tools)
    predictors = tuple(
        f
        for f in table.fields
        if f.name not in hidden and f.role != "identifier" and f.kind != "text"
    )
    visits = [_visits(p, tool, pooled=pooled) for p in people]
    return Cases(
        ids=there.ids,
        visits=tuple(map(tuple, visits)),
        documents=tuple(tuple(w for s in v for w in s.said() if w.strip()) for v in visits),
        voices=tuple(tuple(f for s in v for f in s.files("voice", "audio")) for v in visits),
        faces=tuple(tuple(f for s in v for f in _seen(s)) for v in visits),
        table=table,
        predictors=predictors,
        totals=totals[kept],
    )


def design(training: Cases, test: Cases) -> tuple[Floats, Floats]:
    """Return predictors as numbers, shapes (people, columns), coded alike in both groups.

    Numbers and items are numbers, centred and scaled on the training people, their gaps filled
    with the training mean; names are a column a level. What one group lacks is left out.
    """
    there = {f.name for f in test.predictors}
    left: list[Floats] = []
    right: list[Floats] = []
    for field in training.predictors:
        if field.name not in there:
            continue
        if field.kind == "nominal":
            one, two = _levels(training.table, test.table, field.name)
        else:
            one, two = _scaled(numbers(training.table, field.name), numbers(test.table, field.name))
        left.append(one)
        right.append(two)
    if not left:
        return np.zeros((len(training.ids), 0)), np.zeros((len(test.ids), 0))
    return np.hstack(left), np.hstack(right)


def _levels(training: Table, test: Table, name: str) -> tuple[Floats, Floats]:
    known, one = indicators(training, name)
    seen, two = indicators(test, name)
    place = {level: i for i, level in enumerate(seen)}
    aligned = np.zeros((two.shape[0], len(known)))
    for column, level in enumerate(known):
        if level in place:
            aligned[:, column] = two[:, place[level]]
    return one, aligned


def _scaled(one: Floats, two: Floats) -> tuple[Floats, Floats]:
    there = one[~np.isnan(one)]
    centre = float(there.mean()) if there.size else 0.0
    spread = float(there.std()) if there.size else 0.0
    scale = spread or 1.0
    return (
        np.nan_to_num((one - centre) / scale, nan=0.0)[:, None],
        np.nan_to_num((two - centre) / scale, nan=0.0)[:, None],
    )


def _hidden(tool: str, subscale: str | None, tools: tuple[str, ...]) -> set[str]:
    """Return every field that holds part of the answer."""
    if not is_known(tool):
        return {f"{tool}_total", *(item_name(tool, i) for i in range(200))}
    own = get(tool)
    members = own.scale(subscale).items if subscale else range(1, own.width + 1)
    if subscale == "screen":
        members = range(1, own.width + 1)
    hidden = {f"{tool}_total", *(item_name(tool, i - 1) for i in members)}
    for other in tools:
        if other == tool or not is_known(other):
            continue
        shared = {there for mine, there in shared_items(tool, other) if mine in set(members)}
        if shared:
            hidden |= {f"{other}_total", *(item_name(other, i - 1) for i in shared)}
    return hidden


def _visits(person: Participant, tool: str, *, pooled: bool) -> list[Session]:
    """Return the visit of a person's answers, or all pseudo-visits."""
    if pooled:
        return list(person.sessions)
    return [s for s in person.sessions if tool in s.responses][-1:]


def _is_recorded(visits: Sequence[Session], modality: Stream) -> bool:
    return modality in {"fused", "scales"} or any(s.has(modality) for s in visits)  # type: ignore[arg-type]


def _seen(session: Session) -> tuple[MediaFile, ...]:
    """Return what shows a face's movements: a series that was read off it, else the pictures."""
    series = session.files("face", "expression")
    return series or session.files("face", "still", "video")
