"""What hearing, seeing and changing recordings costs, in CPU-seconds on one core.

    python benchmarks/media_speed.py [DATA] [--resemblyzer PYTHON] [--deface PYTHON]

Prints CPU-seconds a second of audio for speaker encoders, prosody and voice protections, and a
720p frame for finding and following a face, each beside the goal it was built for. Speech is
LibriSpeech from the folder of real data (default: ../shared/data beside the checkout); the film is
made here: a face from the Yale set that moves over noise. With ``--resemblyzer`` and ``--deface``
the same clips and frames go through these tools, installed in environments of their own
(``resemblyzer`` with torch; ``deface`` with opencv), and the ratio is printed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from mindveil.anonymise.voice_mcadams import VoiceMcadams
from mindveil.anonymise.voice_pseudo_voice import VoicePseudoVoice
from mindveil.corpus.media import Frame, read_audio, read_still
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session
from mindveil.corpus.workshop import workshop
from mindveil.features.face_tracking import track_faces
from mindveil.features.prosody import measure_voice
from mindveil.features.speaker_encoders import load_speaker_encoder

DATA = Path(__file__).parents[2] / "shared" / "data"
PEERS = Path(__file__).parent / "peers"
CLIPS = 20
FRAMES = 120
GOALS = {
    "speaker encoder ge2e": 0.06,
    "speaker encoder dvector": 0.06,
    "voice/mcadams": 0.08,
    "voice/pseudo-voice": 0.10,
    "face found and followed": 0.02,
}


def main() -> None:
    """Measure, and print one line a step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--resemblyzer", help="python of an environment with resemblyzer")
    parser.add_argument("--deface", help="python of an environment with deface")
    options = parser.parse_args()
    speech = sorted((options.data / "librispeech10").rglob("*.flac"))[:CLIPS]
    pictures = sorted((options.data / "yale_faces").glob("*.normal*"))
    if not speech or not pictures:
        parser.exit(
            message=f"{options.data} has no librispeech10 or yale_faces: nothing to measure\n"
        )
    found = {**voices(speech), **faces(pictures[0])}
    for name, cost in found.items():
        goal = f"goal {GOALS[name]:.2f}" if name in GOALS else ""
        unit = "frame" if name.startswith("face") else "audio-second"
        print(f"{name:28} {cost:.4f} CPU-s a {unit:12} {goal}")
    if options.resemblyzer:
        theirs = peer(options.resemblyzer, "speaker_encoder.py", [str(p) for p in speech])
        told("speaker encoder ge2e", "Resemblyzer", found, theirs)
    if options.deface:
        with tempfile.TemporaryDirectory() as folder:
            frames = [Path(folder) / f"{i:03d}.png" for i in range(0, FRAMES, 10)]
            for path, frame in zip(frames, list(film(pictures[0]))[::10], strict=True):
                Image.fromarray(frame.pixels).save(path)
            theirs = peer(options.deface, "face_detector.py", [str(p) for p in frames])
        told("face found and followed", "deface (no tracking)", found, theirs)


def voices(speech: list[Path]) -> dict[str, float]:
    """Return CPU-seconds a second of audio of all that is done to a voice."""
    clips = [read_audio(path) for path in speech]
    seconds = sum(clip.seconds for clip in clips)
    samples = [clip.samples for clip in clips]
    found = {}
    for key in ("ge2e", "dvector"):
        encoder = load_speaker_encoder(key)
        encoder.embed(samples[:1])
        found[f"speaker encoder {key}"] = cost(lambda e=encoder: e.embed(samples)) / seconds
    found["prosody"] = cost(lambda: [measure_voice(clip) for clip in clips]) / seconds
    media = tuple(MediaFile(path=path) for path in speech)
    person = Participant(
        participant_id="P", sessions=(Session(session_id="01", media={"voice": media}),)
    )
    corpus = Corpus(name="speech", participants=(person,))
    with tempfile.TemporaryDirectory() as folder, workshop(Path(folder)):
        for protection in (VoiceMcadams(), VoicePseudoVoice()):
            found[protection.name] = (
                cost(lambda p=protection: p.apply(corpus, np.random.default_rng(1))) / seconds
            )
    return found


def faces(picture: Path) -> dict[str, float]:
    """Return CPU-seconds a 720p frame, and say how many frames were covered."""
    frames = list(film(picture))
    boxes: list[object] = []

    def follow() -> None:
        boxes.extend(seen for _, seen in track_faces(frames))

    list(track_faces(frames[:11]))
    found = {"face found and followed": cost(follow) / len(frames)}
    print(f"frames with a face covered: {sum(map(bool, boxes))} of {len(frames)}")
    return found


def film(picture: Path) -> Iterable[Frame]:
    """Yield 720p frames in which a face moves over noise."""
    face = read_still(picture)
    rng = np.random.default_rng(1)
    ground = rng.integers(60, 120, (720, 1280, 3), dtype=np.uint8)
    height, width = face.shape[:2]
    for number in range(FRAMES):
        frame = ground.copy()
        top = int(200 + 100 * np.sin(number / 15))
        left = int(400 + 200 * np.cos(number / 20))
        frame[top : top + height, left : left + width] = face
        yield Frame(pixels=frame, seconds=number / 25)


def cost(work: Callable[[], object]) -> float:
    """Return the CPU-seconds of this process; bytes are decoded in another, for 1 ms a second."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def peer(python: str, script: str, given: list[str]) -> float:
    """Return what a peer needed a unit, as its script prints it."""
    done = subprocess.run(
        [python, str(PEERS / script)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout.splitlines()[-1])["cost"])


def told(name: str, who: str, found: dict[str, float], theirs: float) -> None:
    """Print a peer's figure and how many times ours goes into it."""
    print(f"{who:28} {theirs:.4f}; ours is {theirs / found[name]:.1f} times cheaper")


if __name__ == "__main__":
    main()
