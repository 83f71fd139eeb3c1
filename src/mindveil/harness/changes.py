"""What could be changed of a release: a setting by some steps, or a modality left out.

Changes that protect more and changes that protect less, each as a release of its own.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import tomli_w

from mindveil import catalog
from mindveil.anonymise.base import Protection
from mindveil.corpus.model import Modality
from mindveil.errors import InputError
from mindveil.features.feature_only import KINDS
from mindveil.features.measures import Measured
from mindveil.harness.steps import Steps
from mindveil.harness.sweep import is_same, setting_label, varied
from mindveil.ranges import POINT, Value
from mindveil.study import ReleasePart, StepPart
from mindveil.synthesise.base import Synthesiser

Direction = Literal["safer", "more useful"]

_LADDERS: Mapping[str, tuple[Value, ...]] = MappingProxyType(
    {
        "k": (2, 3, 5, 8, 12, 20, 30),
        "suppress": (0.0, 0.02, 0.05, 0.1),
        "items": ("keep", "band"),
        "level": (1, 2, 3, 4),
        "smooth": (False, True),
        "highest": (0.95, 0.9, 0.8, 0.7, 0.6),
        "lowest": (0.8, 0.7, 0.6, 0.5, 0.4, 0.3),
        "epsilon": (16.0, 8.0, 4.0, 3.0, 2.0, 1.0, 0.5),
    }
)
"""The values that are worth trying of each known setting, from weak protection to strong; in the
order of what a step of it usually costs."""

_FARTHEST = 4
"""Steps that one setting is turned at most."""
_MOST_CHANGES = 3
"""Settings that are turned together at most."""
_LONGEST = 52
"""Letters of a name: the undefended twin of a detector has eleven more."""

_WAYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "measures": ("{}-measures", "{} left out but for its measures"),
        "omit": ("no-{}", "{} left out"),
    }
)
"""How a modality may go, with a label and in words; what costs less comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of a release by so many steps, and which modality it is a change of.

    Leaving a modality out is one step, of no setting: ``value`` names what takes its place, and
    stands behind what else treats people one by one, which may need what goes.
    """

    label: str
    told: str
    modalities: frozenset[str]
    direction: Direction
    step: int
    setting: str = ""
    value: Value = ""
    steps: int = 1

    @property
    def knob(self) -> tuple[int, str]:
        """Which setting of which step it turns, the same for every value of it."""
        return self.step, self.setting

    def of(self, part: ReleasePart) -> ReleasePart:
        """Return the release with this change, under its old name."""
        if self.setting:
            use = part.steps[self.step].use
            return varied(part, {f"{use}.{self.setting}": self.value}, part.name)
        (modality,) = self.modalities
        kept = [s for s in part.steps if _touched(s) != {modality}]
        gone = StepPart.model_validate({"use": str(self.value)})
        alone = [_is_alone(s) for s in kept]
        place = alone.index(False) if False in alone else len(kept)
        return part.model_copy(update={"steps": (*kept[:place], gone, *kept[place:])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A release that differs from another by a few changes."""

    part: ReleasePart
    changes: tuple[Change, ...]

    @property
    def told(self) -> str:
        """The changes in words."""
        return "; ".join(c.told for c in self.changes)

    @property
    def modalities(self) -> frozenset[str]:
        """What the changes are changes of."""
        return frozenset().union(*(c.modalities for c in self.changes))


def changes_of(part: ReleasePart, present: Collection[Modality]) -> list[Change]:
    """Return every change of one thing about a release, those that usually cost less first."""
    order = list(_LADDERS)
    found = [
        change
        for at, step in enumerate(part.steps)
        if [s.use for s in part.steps].count(step.use) == 1
        for setting in order
        for change in _steps_of(part, at, setting)
    ]
    found.sort(key=lambda c: order.index(c.setting))
    gone = [m for m in KINDS if m in present]
    found += [_left_out(m, w) for w in _WAYS for m in gone if _could_leave(part, m, w)]
    return [c for c in found if _can_be(c.of(part)) and not is_same(c.of(part), part)]


def combined(part: ReleasePart, changes: Sequence[Change], steps: int) -> list[Candidate]:
    """Return the release with every set of changes that go together and are so many steps."""
    found = []
    for number in range(1, min(steps, _MOST_CHANGES) + 1):
        for chosen in itertools.combinations(changes, number):
            if sum(c.steps for c in chosen) != steps or not _go_together(chosen):
                continue
            made = part
            for change in sorted(chosen, key=lambda c: not c.setting):
                made = change.of(made)
            if _can_be(made):
                named = made.model_copy(update={"name": _name(part.name, made, chosen)})
                found.append(Candidate(part=named, changes=chosen))
    return found


def _name(release: str, made: ReleasePart, chosen: Sequence[Change]) -> str:
    """Return a name that tells what was changed; where that is too long, a mark of the steps."""
    name = f"{release}{POINT}{'-'.join(c.label for c in chosen)}"
    if len(name) <= _LONGEST:
        return name
    mark = hashlib.sha256(f"{release}\n{as_toml(made)}".encode()).hexdigest()[:8]
    return f"{release[:40]}{POINT}{mark}"


def _go_together(chosen: Sequence[Change]) -> bool:
    """Whether no setting is turned twice, and nothing is changed of what is left out."""
    gone = [c for c in chosen if not c.setting]
    apart = len({c.knob for c in chosen}) == len(chosen)
    return apart and not any(
        other is not one and other.modalities & one.modalities for one in gone for other in chosen
    )


def as_toml(part: ReleasePart) -> str:
    """Return a release as it is written into a study file."""
    steps = [{"use": s.use, **s.settings} for s in part.steps]
    shown = ",\n".join(f"  {{ {_inline(step)} }}" for step in steps)
    keyed = '\npseudonyms = "keyed"' if part.pseudonyms == "keyed" else ""
    body = f"[\n{shown},\n]" if steps else "[]"
    return f'[[release]]\nname  = "{part.name}"\nsteps = {body}{keyed}\n'


def _inline(step: Mapping[str, object]) -> str:
    return ", ".join(tomli_w.dumps({key: value}).strip() for key, value in step.items())


def _steps_of(part: ReleasePart, at: int, setting: str) -> list[Change]:
    """Return the values of a setting on either side of its own, where its protection has it."""
    step = part.steps[at]
    made = catalog.step(step.use, step.settings)
    if not dataclasses.is_dataclass(made) or setting not in {
        f.name for f in dataclasses.fields(made) if f.init
    }:
        return []
    now: Value = getattr(made, setting)
    ladder = _with(_LADDERS[setting], now, setting)
    place = ladder.index(now)
    return [
        Change(
            label=setting_label((f"{step.use}.{setting}", value)),
            told=f"{step.use} {setting} {_said(now)} -> {_said(value)}",
            modalities=_touched(step),
            direction="safer" if to > place else "more useful",
            step=at,
            setting=setting,
            value=value,
            steps=abs(to - place),
        )
        for to, value in enumerate(ladder)
        if 0 < abs(to - place) <= _FARTHEST
    ]


def _with(ladder: Sequence[Value], now: Value, setting: str) -> list[Value]:
    """Return the values to try with the one that stands now among them, in its place."""
    if now in ladder:
        return list(ladder)
    falls = setting in {"epsilon", "highest", "lowest"}
    numbers = [*ladder, now]
    if any(isinstance(v, str) for v in numbers):
        return [now]
    return sorted(numbers, key=lambda v: -float(v) if falls else float(v))


def _said(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _left_out(modality: Measured, way: str) -> Change:
    label, told = _WAYS[way]
    return Change(
        label=label.format(modality),
        told=f"{told.format(modality)} ({modality}/{way})",
        modalities=frozenset({modality}),
        direction="safer",
        step=-1 - KINDS.index(modality),
        value=f"{modality}/{way}",
    )


def _could_leave(part: ReleasePart, modality: Modality, way: str) -> bool:
    """Whether more of a modality is still in a release of people's records."""
    steps = [catalog.step(s.use, s.settings) for s in part.steps]
    if any(not isinstance(s, Protection) or isinstance(s, Synthesiser) for s in steps):
        return False
    ways = list(_WAYS)
    gone = {f"{modality}/{w}" for w in ways[ways.index(way) :]}
    return not gone & {s.use for s in part.steps}


def _is_alone(step: StepPart) -> bool:
    made = catalog.step(step.use, step.settings)
    return isinstance(made, Protection) and made.alone


def _touched(step: StepPart) -> frozenset[str]:
    made = catalog.step(step.use, step.settings)
    if isinstance(made, Protection) and not isinstance(made, Synthesiser):
        return frozenset(made.changes)
    return frozenset({"text", "voice", "face", "scales"})


def _can_be(part: ReleasePart) -> bool:
    try:
        Steps.of(part)
    except InputError:
        return False
    return True
