"""Decoders at work: processes that open strangers' files, started once and used again.

A decoder costs a fifth of a second to start and well under a millisecond to ask. One that is
idle is used for the next file; a reader that is still half way through a video keeps its own.
After a fork, a process starts decoders of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from mindveil.corpus.decoder import HEAD, REQUEST
from mindveil.corpus.media_limits import media_fault

WALL_SECONDS = 8.0
"""Longest wait for one answer, on the clock; computing alone is bounded to fewer seconds."""

MOST_HEAD = 1 << 20
MOST_BLOCK = 1 << 28
MOST_IDLE = 2
PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031

Part = tuple[Mapping[str, object], bytearray]


class _Lost(Exception):  # noqa: N818 - the decoder is gone; its reason is the name of a fault
    pass


@dataclass(slots=True, eq=False)
class Decoder:
    """One process and its two pipes."""

    process: subprocess.Popen[bytes]
    poll: select.poll = field(default_factory=select.poll)
    in_step: bool = True
    """Every request so far was answered to the end; a wait that was broken off was not."""

    @classmethod
    def start(cls) -> Decoder:
        """Start a process with one thread and a bare environment."""
        package_root = str(Path(__file__).parents[2])
        kept = {k: v for k, v in os.environ.items() if k in _KEPT}
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mindveil.corpus.decoder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**kept, **threads, **_STEADY, "PYTHONPATH": package_root},
        )
        decoder = cls(process=process)
        decoder.poll.register(decoder.answers, select.POLLIN)
        _widen(decoder.answers)
        return decoder

    @property
    def answers(self) -> int:
        """The pipe on which answers come."""
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def ask(self, request: Mapping[str, str]) -> Part:
        """Send one request and wait for its answer."""
        assert self.process.stdin is not None
        self.in_step = False
        body = json.dumps(request).encode("ascii")
        until = time.monotonic() + WALL_SECONDS
        try:
            self.process.stdin.write(REQUEST.pack(len(body)) + body)
        except BrokenPipeError as gone:
            raise _Lost("broken") from gone
        head, block = HEAD.unpack(self._read(HEAD.size, until))
        if head > MOST_HEAD or block > MOST_BLOCK:
            raise _Lost("broken")
        about = json.loads(self._read(head, until))
        data = self._read(block, until)
        self.in_step = True
        return about, data

    def _read(self, length: int, until: float) -> bytearray:
        data = bytearray(length)
        rest = memoryview(data)
        while rest:
            if not self.poll.poll(max(0.0, until - time.monotonic()) * 1000):
                raise _Lost("slow")
            got = os.readv(self.answers, [rest])
            if got == 0:
                raise _Lost(self._reason())
            rest = rest[got:]
        return data

    def _reason(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(timeout=1)
            return {-24: "slow", -9: "slow"}.get(code, "broken")
        return "broken"

    def stop(self) -> None:
        """End the process and close the pipes; it holds nothing that could be lost."""
        self.process.kill()
        self.process.wait()
        self._close()

    def disown(self) -> None:
        """Forget a process that belongs to the one that we were forked from."""
        self.process.returncode = 0
        self._close()

    def _close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


_KEPT = frozenset({"LD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR"})
_STEADY = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}


@dataclass(slots=True, eq=False)
class _Room:
    """All decoders of one process, and those that nobody is using."""

    all: list[Decoder] = field(default_factory=list)
    idle: list[Decoder] = field(default_factory=list)

    def take(self) -> Decoder:
        while self.idle:
            decoder = self.idle.pop()
            if decoder.process.poll() is None:
                return decoder
            self.drop(decoder)  # the system ended it: a machine short of memory, say
        decoder = Decoder.start()
        self.all.append(decoder)
        return decoder

    def drop(self, decoder: Decoder) -> None:
        decoder.stop()
        self.all.remove(decoder)


def decode(path: Path, what: str, form: str) -> Generator[Part, None, None]:
    """Yield the parts of a file, the first at once; see ``decoder_streams``.

    Raises:
        InputError: the file cannot be read; the sentence names it and says what to do.
    """
    with _borrowed() as decoder:
        request = {"do": what, "path": str(path.absolute()), "format": form}
        while True:
            try:
                about, block = decoder.ask(request)
            except _Lost as lost:
                raise media_fault(path, str(lost)) from None
            if "fault" in about:
                raise media_fault(path, str(about["fault"]))
            if "end" in about:
                return
            yield about, block
            request = {"do": "next"}


@contextlib.contextmanager
def _borrowed() -> Iterator[Decoder]:
    room = _room(os.getpid())
    decoder = room.take()
    try:
        yield decoder
    finally:
        if decoder.in_step and len(room.idle) < MOST_IDLE:
            room.idle.append(decoder)
        else:
            room.drop(decoder)


@cache
def _room(pid: int) -> _Room:
    room = _Room()
    atexit.register(partial(_leave, room, pid))
    return room


def _leave(room: _Room, pid: int) -> None:
    for decoder in room.all:
        if os.getpid() == pid:
            decoder.stop()
        else:
            decoder.disown()


def _widen(pipe: int) -> None:
    # Fewer turns between two processes for each block; Linux only, and a wish.
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - no such module on Windows

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, _SET_PIPE_SIZE, PIPE_BYTES)
