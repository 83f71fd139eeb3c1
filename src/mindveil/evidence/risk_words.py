"""A risk in words: who found whom, by which attack, with its interval and people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import GUESSING, NAMED, asked, is_match
from mindveil.evidence.scorecard import Row
from mindveil.study import ORIGINAL

_DESCRIBING = "/singling-out"
_KNOWING: Mapping[str, str] = MappingProxyType(
    {"with demographics": "knowing age, sex and other background as well"}
)
"""What an attacker knew beside the recordings, where a name of a question is too short for it."""


def reached(row: Row, seen: Estimate) -> str:
    """Return a risk in words, with its interval and people."""
    value = f"{seen.value:.1%}"
    doubt = f"[{seen.low:.1%}, {seen.high:.1%}], n = {seen.n}"
    if row.measure in NAMED:
        return f"A name, an address or a number can still be read for {value} of people {doubt}"
    if is_match(row):
        return f"Attackers find the right person in {value} of cases {doubt}"
    what = doing(row)
    if row.measure.endswith(GUESSING):
        what = f"guess the {asked(row.metric).setting or 'hidden answer'} of"
    if seen.value <= 0:
        return f"Attackers {what} no more people than chance does: {value} {doubt}"
    return f"Attackers {what} {value} of people beyond chance {doubt}"


def doing(row: Row) -> str:
    """Return what an attack does to people."""
    return "single out" if row.measure.endswith(_DESCRIBING) else "find"


def source(row: Row) -> str:
    """Return which attack it was, in brackets."""
    setting = asked(row.metric).setting
    setting = _KNOWING.get(setting, setting)
    who = f"{row.attacker} attacker" if row.attacker else ""
    return f"({', '.join(part for part in (row.measure, setting, who) if part)})"


def of_whom(row: Row) -> str:
    """Return which group a figure is about: the kind, and what its note says of the group.

    >>> row = Row(release="a", kind="attack", measure="m", modality="text",
    ...           metric="rank1-worst@sex", note="sex = f; groups of fewer than 10 left out")
    >>> of_whom(row)
    'sex (sex = f)'
    """
    kind, told = asked(row.metric).setting, row.note.partition(";")[0].strip()
    return f"{kind} ({told})" if told.startswith(kind) else kind


def called(twin: str) -> str:
    """Return what the undefended release is called in a sentence."""
    return "the original" if twin == ORIGINAL else "the same detector without a promise"


def ended(sentence: str) -> str:
    """Return a sentence with its full stop."""
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
