from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.corpus.broken import sound
from tests.corpus.hostile_media import HOSTILE, SAYS, jpeg_of_scans, modality, write_hostile

from mindveil.cli.main import main
from mindveil.corpus.checks import check_corpus
from mindveil.corpus.decoders import _room
from mindveil.corpus.media import (
    clean_copy,
    probe,
    read_audio,
    read_columns,
    read_frames,
    read_still,
)
from mindveil.errors import InputError

MOST_MEMORY = 512 << 20
MOST_SECONDS = 10.0

ALL_AT_ONCE = """
import json, resource, sys
from pathlib import Path
from mindveil.corpus.checks import check_corpus
from mindveil.corpus.decoders import _room
import os
found = check_corpus(Path(sys.argv[1]))
for decoder in _room(os.getpid()).all:
    decoder.stop()
# what this process itself held: its ru_maxrss begins with that of whoever started it
status = Path("/proc/self/status").read_text().splitlines()
mine = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
peak = [mine, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]
print(json.dumps([peak, sorted({f.file for f in found if f.severity == "error"})]))
"""


def peak_memory() -> int:
    """Return the most bytes that a living decoder of this process ever held."""
    peaks = [0]
    for decoder in _room(os.getpid()).all:
        status = Path(f"/proc/{decoder.process.pid}/status").read_text(encoding="ascii")
        peaks += [int(line.split()[1]) << 10 for line in status.splitlines() if "VmHWM" in line]
    return max(peaks)


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 60
    assert SAYS.keys() <= HOSTILE.keys()
    assert len({ending for ending, _ in HOSTILE.values()}) == 11


@pytest.mark.parametrize("name", HOSTILE)
def test_each_is_one_sentence_that_names_file_and_remedy(tmp_path, name):
    root = sound(tmp_path)
    path = write_hostile(root, name)
    assert path.stat().st_size < 20_000_000
    start = time.monotonic()
    errors = [f for f in check_corpus(root) if f.severity == "error"]
    assert time.monotonic() - start < MOST_SECONDS
    (found,) = errors
    assert found.file == path.relative_to(root).as_posix()
    assert SAYS.get(name, "") in found.sentence
    assert "; " in found.sentence, "what to do is missing"
    assert str(tmp_path) not in str(found)
    assert peak_memory() < MOST_MEMORY


@pytest.mark.parametrize("name", HOSTILE)
def test_readers_refuse_each_with_the_same_sentence(tmp_path, name):
    path = write_hostile(tmp_path, name)
    if path.name.endswith(".parquet"):
        readers = (read_columns, clean_copy)
    elif modality(HOSTILE[name][0]) == "voice":
        readers = (read_audio, clean_copy)
    else:
        readers = (lambda p: list(read_frames(p)), clean_copy)
    sentences = set()
    for read in readers:
        with pytest.raises(InputError) as raised:
            read(path)
        sentences.add(str(raised.value))
        assert raised.value.exit_code == 2
    assert len(sentences) == 1
    assert sentences.pop().startswith(f"{path.name}: ")
    assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_look_at_the_header_never_raises_anything_else(tmp_path, name):
    try:
        probe(write_hostile(tmp_path, name))
    except InputError as fault:
        assert "; " in str(fault)  # noqa: PT017 - a header may well be sound


def test_all_together_stay_within_memory(tmp_path):
    root = sound(tmp_path)
    paths = [write_hostile(root, name).relative_to(root).as_posix() for name in HOSTILE]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALL_AT_ONCE, root],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (parent, decoder), files = json.loads(done.stdout)
    assert done.stderr == ""
    assert parent << 10 < MOST_MEMORY
    assert decoder << 10 < MOST_MEMORY
    assert files == sorted(paths)


@pytest.mark.parametrize("name", ["wav-cut-off", "png-bomb", "mp4-claims-2-billion-frames"])
def test_the_command_line_says_it_and_returns_2(tmp_path, name, monkeypatch, capsys):
    root = sound(tmp_path)
    path = write_hostile(root, name)
    monkeypatch.setattr(sys, "argv", ["mindveil", "check", str(root)])
    with pytest.raises(SystemExit) as left:
        main()
    done = capsys.readouterr()
    said = " ".join((done.out + done.err).split())
    assert left.value.code == 2
    assert path.name in said.replace(" ", "")
    assert "; " in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_picture_that_takes_for_ever_is_given_up(tmp_path):
    path = tmp_path / "a_face.jpg"
    path.write_bytes(jpeg_of_scans(3_000))
    assert path.stat().st_size < 200_000
    start = time.monotonic()
    with pytest.raises(InputError, match=r"a_face\.jpg: .* longer to decode .*; export it again"):
        read_still(path)
    assert time.monotonic() - start < MOST_SECONDS


def test_a_pipe_with_nobody_at_its_end_keeps_nobody_waiting(tmp_path):
    path = tmp_path / "a_voice.wav"
    os.mkfifo(path)
    with pytest.raises(InputError, match=r"a_voice\.wav: this is not a regular file; put"):
        read_audio(path)


def test_a_file_beyond_2_gb_is_refused_unread(tmp_path):
    path = tmp_path / "a_voice.wav"
    with path.open("wb") as file:
        file.truncate(2_000_000_001)
    with pytest.raises(InputError, match="larger than 2 GB; split it"):
        read_audio(path)
