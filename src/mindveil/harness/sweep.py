"""The points of a sweep: every combination of settings as a release, checked before anything runs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mindveil import catalog
from mindveil.errors import InputError
from mindveil.evidence.scorecard import Row
from mindveil.harness.context import Context, context_of
from mindveil.harness.steps import Steps
from mindveil.plan import release_of
from mindveil.ranges import POINT, SweepPart, Value, grid, values_at
from mindveil.study import ReleasePart, StepPart, Study
from mindveil.study_file import did_you_mean

_LONGEST = 52
"""Letters of a name: the undefended twin of a detector has eleven more."""
_NO_NAME = re.compile(r"[^A-Za-z0-9._]+")
_UNASKED = "the sweep did not put it to its points; name it in [[sweep]] attacks or utility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The combinations of a sweep that can be made; ``places`` and ``parts`` go together.

    The combination that the release has anyhow stands under the release's own name.
    """

    sweep: SweepPart
    places: tuple[tuple[int, ...], ...]
    parts: tuple[ReleasePart, ...]
    skipped: tuple[str, ...]

    @property
    def budget(self) -> int:
        """How many of its points may be measured: that share of the cells of the full grid."""
        return min(len(self.parts), max(2, int(self.sweep.budget * len(self.parts) + 1e-9)))


def grids(study: Study) -> tuple[Grid, ...]:
    """Return the points of every sweep of a study.

    Raises:
        InputError: a sweep varies a release, a step or a setting that there is not, or a value
            that can stand in no combination, or runs where it cannot.
    """
    if study.sweeps and study.execute.where != "local":
        raise InputError(
            f"[[sweep]] cannot run with [execute] where = {study.execute.where!r}; "
            'use where = "local"'
        )
    found = tuple(_grid(study, sweep) for sweep in study.sweeps)
    there = {r.name: r for r in study.releases}
    for part in (p for g in found for p in g.parts):
        if there.setdefault(part.name, part) != part:
            raise InputError(
                f"release {part.name!r} has the name of a point of a sweep and other steps; "
                "give it another name"
            )
    return found


def with_points(context: Context, parts: Iterable[ReleasePart]) -> Context:
    """Return the context of the study with these points among its releases, each once."""
    study = context.study
    there = {r.name for r in study.releases}
    fresh = {p.name: p for p in parts if p.name not in there}
    if not fresh:
        return context
    return context_of(study.model_copy(update={"releases": (*study.releases, *fresh.values())}))


def unasked_rows(context: Context) -> list[Row]:
    """Return a row for every question of the study that a sweep did not put to a point of its own.

    Without them a point would pass for what nobody asked of it.
    """
    return [
        replace(
            replace(cell, release=release.name).row(context.study.seed),
            status="inconclusive",
            note=_UNASKED,
        )
        for sweep in context.study.sweeps
        for release in context.study.releases
        if sweep.made(release.name)
        for cell in context.plan.cells
        if cell.release == sweep.release and not sweep.asks(cell.kind, cell.measure)
    ]


def varied(part: ReleasePart, values: dict[str, Value], name: str) -> ReleasePart:
    """Return a release with settings changed, by step and setting, under another name."""
    steps = []
    for step in part.steps:
        mine = {
            k.rpartition(".")[2]: v for k, v in values.items() if k.rpartition(".")[0] == step.use
        }
        steps.append(StepPart.model_validate({"use": step.use, **step.settings, **mine}))
    return part.model_copy(update={"name": name, "steps": tuple(steps)})


def is_same(one: ReleasePart, other: ReleasePart) -> bool:
    """Whether two releases are made in the same way, defaults included."""
    steps = [[catalog.step(s.use, s.settings) for s in part.steps] for part in (one, other)]
    return one.pseudonyms == other.pseudonyms and steps[0] == steps[1]


def _grid(study: Study, sweep: SweepPart) -> Grid:
    base = release_of(study, sweep.release)
    _check(study, sweep, base)
    everything = grid(sweep)
    values = [values_at(sweep, place) for place in everything]
    names = _names(sweep.release, values)
    places, parts, faults = [], [], {}
    made: dict[str, str] = {}
    for place, chosen, name in zip(everything, values, names, strict=True):
        part = varied(base, chosen, name)
        try:
            Steps.of(part)
        except InputError as fault:
            faults[place] = str(fault)
            continue
        steps = repr([catalog.step(s.use, s.settings) for s in part.steps])
        if made.setdefault(steps, name) != name:
            faults[place] = f"these are the steps of {made[steps]}; list each value once"
            continue
        places.append(place)
        parts.append(base if is_same(part, base) else part)
    for knob, tried in enumerate(sweep.vary.values()):
        for value in range(len(tried)):
            if not any(p[knob] == value for p in places):
                raise InputError(
                    f"[[sweep]] of {sweep.release!r}: "
                    f"{next(f for p, f in faults.items() if p[knob] == value)}"
                )
    told = [f"{n}: {faults[p]}" for p, n in zip(everything, names, strict=True) if p in faults]
    return Grid(sweep=sweep, places=tuple(places), parts=tuple(parts), skipped=tuple(told))


def _check(study: Study, sweep: SweepPart, base: ReleasePart) -> None:
    uses = [s.use for s in base.steps]
    for knob in sweep.vary:
        step = knob.rpartition(".")[0]
        if step not in uses:
            raise InputError(
                f"[[sweep]] vary: release {base.name!r} has no step {step!r}"
                f"{did_you_mean(step, uses)}"
            )
        if uses.count(step) > 1:
            raise InputError(
                f"[[sweep]] vary: {step!r} stands in release {base.name!r} more than once, "
                "and it is not said which is meant; leave it out"
            )
    for part, named, known in (
        ("attacks", sweep.attacks, study.attack.use),
        ("utility", sweep.utility, study.utility.use),
    ):
        shelf = {*known, *(catalog.ATTACKS if "all" in known else ())}
        wrong = [n for n in named if n not in shelf]
        if wrong:
            raise InputError(
                f"[[sweep]] {part}: the study does not ask {wrong[0]!r}"
                f"{did_you_mean(wrong[0], shelf - {'all'})}"
            )


def _names(release: str, values: Sequence[dict[str, Value]]) -> list[str]:
    """Return a name for every combination, as in ``anonymised~k5-text2``."""
    names = [f"{release}{POINT}{'-'.join(map(setting_label, v.items()))}" for v in values]
    if len(set(names)) == len(names) and max(map(len, names)) <= _LONGEST:
        return names
    marks = [hashlib.sha256(json.dumps(v, sort_keys=True).encode()).hexdigest()[:8] for v in values]
    return [f"{release[:40]}{POINT}{mark}" for mark in marks]


def setting_label(chosen: tuple[str, Value]) -> str:
    """Return a setting with its value in a name; a word speaks for itself.

    >>> [setting_label(c) for c in (("text/anonymise.level", 2), ("a.k", 5), ("a.smooth", True))]
    ['text2', 'k5', 'smooth-on']
    """
    knob, value = chosen
    step, _, setting = knob.rpartition(".")
    what = step.partition("/")[0] if setting == "level" else setting
    if isinstance(value, bool):
        return f"{what}-{'on' if value else 'off'}"
    return _NO_NAME.sub(".", value if isinstance(value, str) else f"{what}{value:g}")
