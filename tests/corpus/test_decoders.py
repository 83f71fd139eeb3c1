from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.corpus.hostile_media import picture, sound, video

from mindveil.corpus import decoders
from mindveil.corpus.decoders import _room
from mindveil.corpus.media import read_audio, read_frames, read_still
from mindveil.errors import InputError


@pytest.fixture
def voice(tmp_path):
    path = tmp_path / "a_voice.flac"
    path.write_bytes(sound("FLAC"))
    return path


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "a_face.mp4"
    path.write_bytes(video())
    return path


def only_decoder():
    (decoder,) = (d for d in _room(os.getpid()).idle[-1:])
    return decoder


def script(text: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", text, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_one_process_serves_file_after_file(voice, film):
    read_audio(voice)
    first = only_decoder().process.pid
    for _ in range(20):
        read_audio(voice)
        list(read_frames(film))
    assert only_decoder().process.pid == first


def test_two_films_and_a_sound_can_be_read_at_once(voice, film):
    one, two = read_frames(film), read_frames(film)
    pairs = 0
    for a, b in zip(one, two, strict=True):
        assert (a.pixels == b.pixels).all()
        assert len(read_audio(voice).samples) == 16_000
        pairs += 1
    assert pairs == 25
    assert len(_room(os.getpid()).all) <= decoders.MOST_IDLE


def test_a_film_may_be_left_half_way(film, voice):
    frames = read_frames(film)
    next(frames)
    frames.close()
    assert len(read_audio(voice).samples) == 16_000
    assert len(list(read_frames(film))) == 25


def test_a_decoder_outlives_the_thread_that_started_it(voice):
    for decoder in list(_room(os.getpid()).idle):
        _room(os.getpid()).idle.remove(decoder)
        _room(os.getpid()).drop(decoder)
    thread = threading.Thread(target=read_audio, args=(voice,))
    thread.start()
    thread.join()
    pid = only_decoder().process.pid
    read_audio(voice)
    assert only_decoder().process.pid == pid


def test_threads_do_not_mix_their_answers(tmp_path):
    paths = []
    for n in range(4):
        path = tmp_path / f"{n}_face.png"
        path.write_bytes(picture("PNG", 20 + n, 10))
        paths.append(path)
    wrong: list[Path] = []

    def read(path: Path, width: int) -> None:
        wrong.extend(path for _ in range(30) if read_still(path).shape != (10, width, 3))

    threads = [threading.Thread(target=read, args=(p, 20 + n)) for n, p in enumerate(paths)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_decoder_that_hangs_is_replaced(voice, monkeypatch):
    read_audio(voice)
    hung = only_decoder()
    monkeypatch.setattr(decoders, "WALL_SECONDS", 0.3)
    os.kill(hung.process.pid, signal.SIGSTOP)
    with pytest.raises(InputError, match=r"a_voice\.flac: .* longer to decode .*; export"):
        read_audio(voice)
    monkeypatch.undo()
    assert hung.process.returncode is not None
    assert len(read_audio(voice).samples) == 16_000


def test_a_decoder_that_dies_is_replaced(voice):
    read_audio(voice)
    dead = only_decoder()
    os.kill(dead.process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, dead.process.pid, os.WEXITED | os.WNOWAIT)
    assert len(read_audio(voice).samples) == 16_000
    assert dead not in _room(os.getpid()).all


def test_a_decoder_that_dies_over_a_file_costs_that_file(film, voice):
    frames = read_frames(film)
    next(frames)
    busy = next(d for d in _room(os.getpid()).all if d not in _room(os.getpid()).idle)
    os.kill(busy.process.pid, signal.SIGSEGV)
    with pytest.raises(InputError, match=r"a_face\.mp4: .*; export it again"):
        list(frames)
    assert len(read_audio(voice).samples) == 16_000


def test_a_decoder_may_write_nothing_and_reach_nobody(voice):
    read_audio(voice)
    process = Path(f"/proc/{only_decoder().process.pid}")
    if not process.exists():
        pytest.skip("this system shows no limits of processes")
    limits = {
        line[:25].strip(): line[25:].split()[0]
        for line in (process / "limits").read_text(encoding="ascii").splitlines()[1:]
    }
    assert limits["Max file size"] == "0"
    assert int(limits["Max open files"]) < 64
    assert int(limits["Max cpu time"]) < 60
    assert int(limits["Max address space"]) < 2 << 30
    same = (process / "ns" / "net").readlink() == Path("/proc/self/ns/net").readlink()
    leave = "import ctypes as c; s = c.CDLL(None).unshare; print(s(1 << 30) and s(5 << 28))"
    assert same == (script(leave).stdout != "0\n"), "where a network can be left, it is"
    assert b"SECRET" not in (process / "environ").read_bytes()


def test_an_endless_answer_is_ended_by_the_processor_clock(tmp_path):
    text = """
import resource, signal, sys
from mindveil.corpus import decoder_limits
decoder_limits.CPU_SECONDS = 0
decoder_limits.grant()
while True: pass
"""
    assert script(text).returncode == -signal.SIGXCPU


def test_leaving_is_silent(voice, film):
    text = """
import sys
from pathlib import Path
from mindveil.corpus.media import read_audio, read_frames
read_audio(Path(sys.argv[1]))
half = read_frames(Path(sys.argv[2]))
next(half)
"""
    done = script(text, voice, film)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_decoder_ends_with_its_parent(voice):
    text = """
import os, signal, sys
from pathlib import Path
from mindveil.corpus.decoders import _room
from mindveil.corpus.media import read_audio
read_audio(Path(sys.argv[1]))
print(_room(os.getpid()).all[0].process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    pid = int(script(text, voice).stdout)
    until = time.monotonic() + 10
    while _runs(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    # What nobody waited for stays in the table as a zombie.
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text(encoding="ascii")


def test_a_fork_starts_a_decoder_of_its_own(voice):
    text = """
import os, sys
from pathlib import Path
from mindveil.corpus.decoders import _room
from mindveil.corpus.media import read_audio
path = Path(sys.argv[1])
read_audio(path)
mine = _room(os.getpid()).all[0].process.pid
child = os.fork()
assert len(read_audio(path).samples) == 16000
theirs = _room(os.getpid()).all[-1].process.pid
if child == 0:
    assert mine != theirs
    sys.exit(0)
_, status = os.waitpid(child, 0)
assert status == 0
assert mine == theirs
assert len(read_audio(path).samples) == 16000
print("both")
"""
    done = script(text, voice)
    assert (done.returncode, done.stdout, done.stderr) == (0, "both\n", "")


def test_an_interrupt_reaches_the_reader_and_spares_the_next_file(voice, film):
    text = """
import os, signal, sys
from pathlib import Path
from mindveil.corpus.media import read_audio, read_frames
# whoever starts the tests in the background may have told them to ignore interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)
frames = read_frames(Path(sys.argv[2]))
next(frames)
try:
    os.killpg(0, signal.SIGINT)
    for _ in frames: pass
except KeyboardInterrupt:
    print("stopped")
frames.close()
print(len(read_audio(Path(sys.argv[1])).samples))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text, voice, film],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n16000\n", "")


def test_a_short_recording_costs_milliseconds(tmp_path):
    path = tmp_path / "a_voice.flac"
    path.write_bytes(sound("FLAC", seconds=4.0))
    read_audio(path)
    # Computing of both processes, which other work on this machine does not lengthen much.
    before = computed(only_decoder().process.pid)
    for _ in range(100):
        read_audio(path)
    assert computed(only_decoder().process.pid) - before < 100 * 0.005


def computed(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")
