"""Make the voice and the face of the sample cohort: ``make sample`` runs this, nobody else.

``python -m mindveil.corpus.sample.studio VOICES FOLDER`` writes ``media.zip`` and the truth about
it, from the unpacked npm package ``kokoro-js`` in VOICES. It takes about 8 minutes on one core
and needs the virtual environment that the Makefile sets up. The first 60 people are recorded at
their first two visits; the others have words and answers only, as happens in clinics.

The same environment on the same processor gives the same bytes. The int8 network may round
differently on another kind of processor: then a rebuilt voice differs in inaudible ways.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path


from mindveil.corpus.model import Participant, Session
from mindveil.corpus.sample.build import build_sample
from mindveil.corpus.sample.media import pack_media, pack_media_truth
from mindveil.corpus.sample.ogg import ogg_bytes
from mindveil.corpus.sample.recordings import Take, record
from mindveil.corpus.sample.speaking import Utterance, choose
from mindveil.corpus.sample.synthesis import Speaker, read_speaker
from mindveil.corpus.sample.truth import MediaTruth, RecordingTruth, Truth
from mindveil.corpus.sample.voices import Delivery, Room, VisitState, drawn, vocal_tracts
from mindveil.errors import InputError
from mindveil.randomness import stream

RECORDED = 60
"""How many people have a voice and a face."""
VISITS = 2
_SECONDS = (3.5, 4.5)
_LETTERS = 60.0
"""Letters that the voices read out in about four seconds at their usual speed, with a pause."""
_TRIES = 12


def make_media(seed: int, voices: Path) -> tuple[dict[str, bytes], MediaTruth]:
    """Return the media files of the cohort by their path in a corpus, and the truth about them."""
    corpus, truth = build_sample(seed=seed, people=RECORDED)
    tracts = vocal_tracts(truth.people[n].persona for n in corpus.ids)
    contents: dict[str, bytes] = {}
    told: dict[str, dict[str, RecordingTruth]] = {}
    for person in corpus.participants:
        name = person.participant_id
        speaker = read_speaker(truth.people[name].persona.body.voice_id, voices)
        told[name] = {}
        for session, state in _visits(person, truth):
            manner = drawn(seed, truth.people[name].persona, tracts[name], state)
            take, said = _take(seed, speaker, (name, session), manner)
            stem = f"sub-{name}/ses-{session.session_id}/%s/sub-{name}_ses-{session.session_id}_%s"
            contents[stem % ("voice", "voice.ogg")] = ogg_bytes(take)
            contents[stem % ("text", "words.tsv")] = words_table(said, take)
            told[name][session.session_id] = RecordingTruth(
                delivery=manner[0], room=manner[1], turn=said.turn, entities=said.entities
            )
    return contents, MediaTruth(seed=seed, people=told)


def _visits(person: Participant, truth: Truth) -> Iterator[tuple[Session, VisitState]]:
    visits = truth.people[person.participant_id].visits
    for session, visit in list(zip(person.sessions, visits, strict=True))[:VISITS]:
        yield session, VisitState(session_id=session.session_id, state=visit.state)


def _take(
    seed: int, speaker: Speaker, visit: tuple[str, Session], manner: tuple[Delivery, Room]
) -> tuple[Take, Utterance]:
    """Record what is said at a visit: the first choice that lasts about four seconds."""
    name, session = visit
    purpose = (name, session.session_id)
    length = _LETTERS * manner[0].speed
    options = choose(session, length, stream(seed, "said", *purpose))
    for said in options[:_TRIES]:
        speech = speaker.say(said.spoken, manner[0].speed)
        take = record(speech, said.breaks, manner, stream(seed, "take", *purpose))
        if _SECONDS[0] <= take.seconds <= _SECONDS[1]:
            return take, said
    raise InputError(f"{name}, session {session.session_id}: nothing said lasts {_SECONDS} s")


def words_table(said: Utterance, take: Take) -> bytes:
    """Return when each word is spoken, as the table ``*_words.tsv`` of a corpus.

    The times are those that the synthetic voice planned, moved with the pauses: to 25 ms.
    """
    rows = [f"{w}\t{a:.3f}\t{b:.3f}" for w, (a, b) in zip(said.written, take.times, strict=True)]
    return ("\n".join(["word\tstart\tend", *rows]) + "\n").encode()


def main(arguments: list[str]) -> int:
    """Write the shipped media into the folder named, by default beside this module."""
    from mindveil.corpus.sample.build import SEED  # noqa: PLC0415

    folder = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parent
    contents, truth = make_media(SEED, Path(arguments[0]))
    folder.mkdir(parents=True, exist_ok=True)
    for path in (pack_media(contents, folder), pack_media_truth(truth, folder)):
        sys.stdout.write(f"{path} ({path.stat().st_size / 1024:.0f} KiB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
