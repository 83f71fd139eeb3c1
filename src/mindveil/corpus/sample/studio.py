"""Make the voice and the face of the sample cohort: ``make sample`` runs this, nobody else.

``python -m mindveil.corpus.sample.studio VOICES FOLDER`` writes ``media.zip`` and the truth about
it, from the unpacked npm package ``kokoro-js`` in VOICES. It takes about 8 minutes on one core
and needs the virtual environment that the Makefile sets up. The first 40 people are recorded at
their last two visits; the others have words and answers only, as happens in clinics.

The same environment on the same processor gives the same bytes. The int8 network may round
differently on another kind of processor: then a rebuilt voice differs in inaudible ways.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from mindveil.corpus.model import Participant, Session
from mindveil.corpus.sample.build import SEED, build_sample
from mindveil.corpus.sample.expressions import draw_series, series_bytes
from mindveil.corpus.sample.faces import draw_head, draw_look
from mindveil.corpus.sample.media import pack_media, pack_media_truth
from mindveil.corpus.sample.ogg import ogg_bytes
from mindveil.corpus.sample.recordings import Take, record
from mindveil.corpus.sample.rendering import picture_bytes, render
from mindveil.corpus.sample.speaking import Utterance, choose
from mindveil.corpus.sample.synthesis import Speaker, read_speaker
from mindveil.corpus.sample.truth import MediaTruth, RecordingTruth, Truth
from mindveil.corpus.sample.voices import Delivery, Room, VisitState, drawn, vocal_tracts
from mindveil.errors import InputError
from mindveil.randomness import stream

RECORDED = 40
"""How many people have a voice and a face."""
VISITS = 2
_SECONDS = (3.5, 4.5)
_TRIES = 5
_SOUND = 0.061
"""Seconds that the voices take for a sound at their usual speed."""
_OWN_PAUSE = 0.2
"""Seconds of a pause that the voices make by themselves."""
_EDGES = 0.24


def make_voices(seed: int, voices: Path) -> tuple[dict[str, bytes], MediaTruth]:
    """Return recordings and lists of words by their path in a corpus, and the truth about them."""
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
            contents[_path(name, session, "voice", "voice.ogg")] = ogg_bytes(take)
            contents[_path(name, session, "text", "words.tsv")] = words_table(said, take)
            told[name][session.session_id] = RecordingTruth(
                delivery=manner[0], room=manner[1], turn=said.turn, entities=said.entities
            )
    return contents, MediaTruth(seed=seed, people=told)


def make_faces(seed: int, people: int = RECORDED) -> dict[str, bytes]:
    """Return a picture and a series of expressions of each visit, by their path in a corpus."""
    corpus, truth = build_sample(seed=seed, people=people)
    contents: dict[str, bytes] = {}
    for person in corpus.participants:
        name, persona = person.participant_id, truth.people[person.participant_id].persona
        head = draw_head(persona, stream(seed, "head", name))
        for session, visit in _visits(person, truth):
            purpose = (name, session.session_id)
            look = draw_look(persona.body.expressivity, visit.state, stream(seed, "look", *purpose))
            picture = render(head, look, stream(seed, "grain", *purpose))
            moved = draw_series(persona.body, visit.state, stream(seed, "moved", *purpose))
            contents[_path(name, session, "face", "face.jpg")] = picture_bytes(picture)
            contents[_path(name, session, "face", "expression.parquet")] = series_bytes(moved)
    return contents


def _path(name: str, session: Session, folder: str, ending: str) -> str:
    stem = f"sub-{name}_ses-{session.session_id}"
    return f"{stem.replace('_', '/')}/{folder}/{stem}_{ending}"


def _visits(person: Participant, truth: Truth) -> Iterator[tuple[Session, VisitState]]:
    visits = truth.people[person.participant_id].visits
    for session, visit in list(zip(person.sessions, visits, strict=True))[-VISITS:]:
        yield session, VisitState(session_id=session.session_id, state=visit.state)


def _take(
    seed: int, speaker: Speaker, visit: tuple[str, Session], manner: tuple[Delivery, Room]
) -> tuple[Take, Utterance]:
    """Record what is said at a visit: the first choice that lasts about four seconds.

    Each try that lasts too long or too short teaches how long this voice takes for a sound.
    """
    name, session = visit
    purpose, delivery = (name, session.session_id), manner[0]
    made: list[tuple[Take, Utterance]] = []
    sound = _SOUND / delivery.speed

    def expected(said: Utterance) -> float:
        pauses = (delivery.pause - _OWN_PAUSE) * len(said.breaks)
        return sound * speaker.sounds(said.spoken) + pauses + _EDGES

    for _ in range(_TRIES):
        tried = {(said.turn, said.words) for _, said in made}
        options = choose(session, expected, stream(seed, "said", *purpose))
        said = next((o for o in options if (o.turn, o.words) not in tried), None)
        if said is None:
            break
        speech = speaker.say(said.spoken, delivery.speed)
        take = record(speech, said.breaks, manner, stream(seed, "take", *purpose))
        made.append((take, said))
        if _SECONDS[0] <= take.seconds <= _SECONDS[1]:
            return made[-1]
        sound *= take.seconds / expected(said)
    if not made:
        raise InputError(f"{name}, session {session.session_id}: nothing is said that can be read")
    return min(made, key=lambda one: abs(one[0].seconds - sum(_SECONDS) / 2))


def words_table(said: Utterance, take: Take) -> bytes:
    """Return when each word is spoken, as the table ``*_words.tsv`` of a corpus.

    The times are those that the synthetic voice planned, moved with the pauses: to 25 ms.
    """
    rows = [f"{w}\t{a:.3f}\t{b:.3f}" for w, (a, b) in zip(said.written, take.times, strict=True)]
    return ("\n".join(["word\tstart\tend", *rows]) + "\n").encode()


def main(arguments: list[str]) -> int:
    """Write the shipped media into the folder named, by default beside this module."""
    folder = Path(arguments[1]) if len(arguments) > 1 else Path(__file__).parent
    contents, truth = make_voices(SEED, Path(arguments[0]))
    contents |= make_faces(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    for path in (pack_media(contents, folder), pack_media_truth(truth, folder)):
        sys.stdout.write(f"{path} ({path.stat().st_size / 1024:.0f} KiB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
