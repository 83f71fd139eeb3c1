"""Check a corpus: all that is wrong with it, and what its owner should know before a study.

Faults of the files are found by the readers themselves, so that what is checked is what is read;
here are the checks of meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mindveil.corpus.duplicate_findings import duplicate_findings
from mindveil.corpus.findings import Finding, Severity, condense, warning
from mindveil.corpus.layout import DATASET
from mindveil.corpus.manifest import read_corpus
from mindveil.corpus.media_checks import recording_findings
from mindveil.corpus.model import Corpus
from mindveil.corpus.people import TABLE

__all__ = ["Finding", "Severity", "check_corpus", "knowledge"]

VALIDATED_LANGUAGES = frozenset({"en"})
"""Languages for which detectors of identifiers and clinical text models were validated."""

YOUNGEST, OLDEST = 5, 115
"""Ages up to the first and above the second are more often slips than people."""


def check_corpus(path: Path) -> list[Finding]:
    """Return everything that is wrong with a corpus folder, errors first; never raises for data.

    Every recording is opened and decoded to its end, within limits (``corpus.media``).
    A corpus without an error can be loaded. Where one kind of fault fills a file, the first few
    are named and the rest are counted.
    """
    corpus, findings = read_corpus(path)
    if corpus is not None:
        findings += knowledge(corpus)
        findings += recording_findings(corpus, path)
        findings += duplicate_findings(corpus, path)
    return condense(findings)


def knowledge(corpus: Corpus) -> Iterator[Finding]:
    """Say what is not wrong but good to know: it limits what can be measured."""
    yield from _ages(corpus)
    yield from _ids(corpus)
    yield from _few_sessions(corpus)
    yield from _consent(corpus)
    language = corpus.language.replace("_", "-").split("-")[0].lower()
    if language not in VALIDATED_LANGUAGES and "text" in corpus.modalities:
        sentence = (
            f"language {corpus.language!r} has no validated models, so measures on text will be "
            "invalid; bring models of your own, or study the other modalities"
        )
        yield warning("language", DATASET, sentence)


def _ages(corpus: Corpus) -> Iterator[Finding]:
    for name in corpus.columns:
        if name.lower() != "age":
            continue
        for person in corpus.participants:
            age = person.attributes.get(name)
            if isinstance(age, float) and not YOUNGEST < age <= OLDEST:
                sentence = (
                    f"participant {person.participant_id}: {name} {age:g} is implausible; "
                    "correct it, or write n/a"
                )
                yield warning("age", TABLE, sentence)


def _ids(corpus: Corpus) -> Iterator[Finding]:
    folded = Counter(identity.lower() for identity in corpus.ids)
    for identity, count in folded.items():
        if count > 1:
            sentence = (
                f"{count} participants are called {identity} but for upper and lower case, which "
                "some disks cannot tell apart; rename one"
            )
            yield warning("similar-ids", TABLE, sentence)


def _few_sessions(corpus: Corpus) -> Iterator[Finding]:
    sessions = Counter(len(p.sessions) for p in corpus.participants)
    total = len(corpus.participants)
    if sessions[0]:
        sentence = (
            f"nothing was recorded of {sessions[0]} of {total} participants; "
            "add their files, or remove the rows"
        )
        yield warning("no-sessions", TABLE, sentence)
    recorded = corpus.modalities - {"scales"}
    if sessions[1] and recorded:
        measured = total - sessions[0] - sessions[1]
        rest = f"is measured on the other {measured}" if measured else "will be invalid"
        sentence = (
            f"{sessions[1]} of {total} participants have one session; linkage enrols on an "
            f"earlier session and probes with a later one, so it {rest}; "
            "add sessions, or declare pseudo-sessions where that is honest"
        )
        yield warning("one-session", TABLE, sentence)


def _consent(corpus: Corpus) -> Iterator[Finding]:
    for modality in sorted(corpus.modalities):
        if corpus.consent and modality not in corpus.consent:
            sentence = (
                f"consent says nothing about {modality}, which was recorded; "
                f'add "{modality}" to "consent", or remove the files'
            )
            yield warning("consent", DATASET, sentence)
