"""Strangers joined into people who do not exist: what does an attacker with every modality gain?

No lawful public set holds the voice, the face, the words and the answers of the same person. Here
39 people with a PHQ-9 total lend their words, and 39 who answered the DASS-42 their answers and
background: joined by label, a case (PHQ-9 of 10 or more) to a case (DASS depression of 14 or more).
39 readers of speechocean lend their voices and 39 people of the ORL set their faces, which no
label tells of: joined by lot. Each modality is real, with its own risk; that they belong
together is made up. So what the fused attacker gains is what he would gain if modalities
told independently of each other, which those of one person do not quite do; no question across
modalities can be asked of such people, and none of use but from words: the answers were joined
by the label itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from running import PROJECT, corpus, run, show

from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.model import Corpus, Participant, Session
from mindveil.features.cases import totals_of
from mindveil.randomness import stream

STUDY = "joined_by_label"
SAID = (
    "strangers joined by label: words of the depression and worry texts (two questions), answers to "
    "the DASS-42 of others with the same side of the cut-off, and by lot: voices of speechocean "
    "(first and last five sentences) and faces of ORL (first and last five pictures)"
)
PARTS = (
    *("rank1", "over-best-single", "lost-without", "people-exposed"),
    *("auroc", "auroc-change"),
)


def main() -> None:
    """Join the people once, run the study and print its figures."""
    folder = PROJECT / "runs" / STUDY / "corpus"
    if not folder.is_dir():
        save_corpus(joined(), folder)
    voice = {"use": "voice/anonymise", "level": 2}
    words = {"use": "text/anonymise", "level": 2}
    face = {"use": "face/anonymise", "level": 2}
    answers = {"use": "scales/anonymise", "level": 2, "k": 5}
    dossier = run(
        STUDY,
        release=[
            {"name": "voice-only", "steps": [voice]},
            {"name": "level-2", "steps": [words, voice, face, answers]},
        ],
        attack={
            "use": [
                *("fused/linkage", "text/authorship", "voice/speaker-linkage"),
                *("face/linkage", "scales/linkage", "release/leaks"),
            ],
            "recordings": [1],
        },
        utility={"use": ["detect/phq9>=10"], "modalities": ["text"]},
    )
    show(dossier.rows, *PARTS)
    for verdict in dossier.judgement.releases:
        print(f"{verdict.decision}: {verdict.sentence}")
    print(f"report: {PROJECT / 'runs' / STUDY / 'run' / 'report.html'}")


def joined() -> Corpus:
    """Return one made-up person a voice, with the words, the answers and the face of others."""
    voices = _read("audio-folders", "speechocean", "speechocean")
    faces = _read("image-folders", "orl_faces", "orl")
    words = _read("csv", "phq9_gad7_text/dep_wor.csv", "phq9_gad7_questions")
    answers = _read("csv", "tabular/dass42_adults.csv", "dass42_adults")
    rng = stream(20261122, STUDY)
    several = [[p for p in c.participants if len(p.sessions) > 1] for c in (voices, faces)]
    heard, seen = several[0], _shuffled(several[1], rng)
    size = min(len(heard), len(seen))
    writers = _shuffled(words.participants, rng)[:size]
    others = _shuffled(answers.participants, rng)
    fillers = _alike(words.with_people(writers), answers.with_people(others))
    people = [
        _person(f"J{i:02d}", *four)
        for i, four in enumerate(zip(writers, fillers, heard[:size], seen[:size], strict=True), 1)
    ]
    return replace(
        answers,
        name="Strangers joined by label",
        licence=f"{words.licence}; {answers.licence}; {voices.licence}; {faces.licence}",
        participants=tuple(people),
        pseudo_sessions=SAID,
    )


def _read(kind: str, source: str, study: str) -> Corpus:
    folder: Path = corpus(kind, source, study)
    return load_corpus(folder)


def _alike(writers: Corpus, fillers: Corpus) -> list[Participant]:
    """Return for each writer somebody else on her side of the cut-off, nobody twice."""
    ill = totals_of(fillers, "dass42", "depression") >= 14
    left = {
        side: [p for p, case in zip(fillers.participants, ill, strict=True) if case == side]
        for side in (True, False)
    }
    return [left[bool(case)].pop() for case in totals_of(writers, "phq9", None) >= 10]


def _shuffled(people: Sequence[Participant], rng: np.random.Generator) -> list[Participant]:
    return [people[i] for i in rng.permutation(len(people))]


def _person(
    name: str, writer: Participant, filler: Participant, voice: Participant, face: Participant
) -> Participant:
    sessions = tuple(
        Session(
            session_id=said.session_id,
            transcript=said.transcript,
            responses=said.responses,
            media={"voice": mine.media["voice"], "face": shown.media["face"]},
        )
        for said, mine, shown in zip(writer.sessions, voice.sessions, face.sessions, strict=True)
    )
    last = sessions[-1]
    both = {**last.responses, **filler.sessions[-1].responses}
    sessions = (*sessions[:-1], replace(last, responses=both))
    return Participant(participant_id=name, attributes=filler.attributes, sessions=sessions)


if __name__ == "__main__":
    main()
