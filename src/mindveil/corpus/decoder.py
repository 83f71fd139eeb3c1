"""The process that opens strangers' files, and may be lost without harm.

Run as ``python -P -m mindveil.corpus.decoder``. It answers one request at a time over its pipes
and holds nothing: little memory, no files to write, no network. A decoder that a file takes over
or kills costs its own process; ``mindveil.corpus.decoders`` starts the next one.

Request: 4 bytes of length and a JSON object. Answer: 4 bytes of length and 8 bytes of length of
the raw block that follows, a JSON object, the block. Every request is answered by a stream; its
parts are sent one by one when asked for (``next``), so that a slow reader is never overrun.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

from mindveil.corpus.decoder_limits import confine, grant
from mindveil.corpus.decoder_streams import STREAMS, Block, Fault

HEAD = struct.Struct("<IQ")
REQUEST = struct.Struct("<I")
MOST_REQUEST = 1 << 16


def main() -> None:
    """Answer requests until the parent closes the pipe, or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when it is over
    sys.dont_write_bytecode = True
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    # What third parties print must not be taken for an answer.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for pipe in (0, 1, 2):
        os.dup2(nowhere, pipe)
    confine()
    stream: Iterator[Block] = iter(())
    while (request := _heard(requests)) is not None:
        if request["do"] != "next":
            stream = STREAMS[request["do"]](request["path"], request["format"])
        _say(answers, *_part(stream))


def _part(stream: Iterator[Block]) -> Block:
    grant()
    over: Block = ({"end": True}, b"")
    try:
        return next(stream, over)
    except Fault as fault:
        return {"fault": fault.name}, b""
    except MemoryError:
        return {"fault": "memory"}, b""
    except Exception:  # noqa: BLE001 - libraries raise what they like at broken bytes
        return {"fault": "broken"}, b""


def _heard(requests: BinaryIO) -> dict[str, str] | None:
    head = _exactly(requests, REQUEST.size)
    if head is None:
        return None
    (length,) = REQUEST.unpack(head)
    body = _exactly(requests, min(length, MOST_REQUEST))
    return None if body is None else json.loads(body)


def _exactly(pipe: BinaryIO, length: int) -> bytes | None:
    heard = b""
    while len(heard) < length:
        part = pipe.read(length - len(heard))
        if not part:
            return None
        heard += part
    return heard


def _say(answers: BinaryIO, about: dict[str, object], block: bytes | memoryview) -> None:
    head = json.dumps(about).encode("ascii")
    try:
        answers.write(HEAD.pack(len(head), len(block)) + head)
        rest = memoryview(block)
        while rest:
            rest = rest[answers.write(rest) :]
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
