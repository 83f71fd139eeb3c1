"""Why a job failed, as a scorecard and a report may say it: without naming anybody."""

from __future__ import annotations

import re

from mindveil.corpus.model import Corpus

UNSAID = (
    "the corpus or the study cannot be used as it is; `mindveil check` names what is wrong, "
    "and so does running again"
)

_INSIDE = re.compile(r"\bsub-[^\s:;,]+")
"""A path of a corpus or the name of a file in it: both hold an id."""

_PATH = re.compile(r"(?<![\w.])(?:/|[A-Za-z]:\\)[^\s:;,]+")

_NUMBER = re.compile(r"[0-9]{1,3}")
"""An id that looks like any figure of a sentence: it names somebody after such a word only."""


def sayable(fault: str, corpus: Corpus) -> str:
    """Return a sentence about a fault without the names of files, or a general one in its place.

    Whoever runs a study is told the file and the person, on the terminal; what is stored leaves
    the building. A sentence that still holds an id or a path is not stored at all.

    >>> sayable("sub-07_ses-1_voice.flac: the file is cut off", Corpus(name="", participants=()))
    'a recording: the file is cut off'
    """
    said = fault
    for name in sorted(_file_names(corpus), key=len, reverse=True):
        said = said.replace(name, "a recording")
    said = _INSIDE.sub("a recording", said)
    named = any(_names(person, said) for person in corpus.ids)
    return UNSAID if named or _PATH.search(said) else said


def _file_names(corpus: Corpus) -> set[str]:
    sessions = [s for p in corpus.participants for s in p.sessions]
    return {f.path.name for s in sessions for files in s.media.values() for f in files}


def _names(person: str, said: str) -> bool:
    word = r"(?:participant|person|people) " if _NUMBER.fullmatch(person) else ""
    return bool(re.search(rf"(?<![A-Za-z0-9]){word}{re.escape(person)}(?![A-Za-z0-9])", said))
