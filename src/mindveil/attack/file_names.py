"""What the names of released files tell, and files that belong to no release.

A release has the files of the layout and no other: what a desktop, an editor or a backup left
beside them was never looked at. Records are named by codes and visits by their number.
"""

from __future__ import annotations

import re

from mindveil.attack.disguises import LeakKind, Sought
from mindveil.attack.hidden_words import kinds_in
from mindveil.corpus.recordings import ENDINGS
from mindveil.corpus.transcripts import TRANSCRIPT

_FOLD = re.compile(r"fold-\d+-\d+/")
_TOP = frozenset(
    {"dataset_description.json", "participants.tsv", "participants.json", "sessions.tsv"}
)
_MODEL = frozenset({"model.safetensors", "model.json"})
_STAMP = "release.json"
_SCALE = re.compile(r"phenotype/[A-Za-z0-9][A-Za-z0-9._+-]*\.(?:tsv|json)")
_RECORDING = re.compile(
    r"sub-(?P<code>[^/_]+)/ses-(?P<visit>[^/_]+)/(?P<modality>text|voice|face)/"
    r"sub-(?P=code)_ses-(?P=visit)(?:_task-[A-Za-z0-9]{1,40})?(?:_run-\d{2,})?"
    r"(?P<ending>_[a-z]+\.[a-z0-9]+)"
)
_VISIT = re.compile(r"\d{2,3}")
_ENDINGS: dict[str, frozenset[str]] = {
    modality: frozenset(endings) | ({TRANSCRIPT} if modality == "text" else set())
    for modality, endings in ENDINGS.items()
}


def name_kinds(place: str, sought: Sought) -> set[LeakKind]:
    """Return what the path of a file below its release tells.

    >>> nobody = Sought.of(["P001"])
    >>> stem = "fold-1-1/sub-X7/ses-01/voice/sub-X7_ses-01"
    >>> sorted(name_kinds(f"{stem}_voice.flac", nobody)), name_kinds(f"{stem}_voice.bak", nobody)
    ([], {'stray file'})
    """
    found = kinds_in(place, sought) - {"path"}
    inner = _FOLD.sub("", place, count=1) if _FOLD.match(place) else place
    if inner in _TOP | _MODEL or _SCALE.fullmatch(inner) or place == _STAMP:
        return found
    parts = _RECORDING.fullmatch(inner)
    if parts is None or parts["ending"] not in _ENDINGS.get(parts["modality"], ()):
        return found | {"stray file"}
    return found | code_kinds(parts["code"], sought) | visit_kinds(parts["visit"])


def code_kinds(code: str, sought: Sought) -> set[LeakKind]:
    """Return whether the code of a record is somebody's id in any form."""
    kind = sought.codes.get(code.casefold())
    return {kind} if kind else kinds_in(code, sought)


def visit_kinds(visit: str) -> set[LeakKind]:
    """Return whether a visit is called by anything but its number."""
    return set() if _VISIT.fullmatch(visit) else {"date"}
