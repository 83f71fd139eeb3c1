"""Open every recording of a corpus to its end, and say which cannot be used and which are odd."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from mindveil.corpus.decoders import decode
from mindveil.corpus.findings import Finding, error, warning
from mindveil.corpus.media_formats import MediaShape, format_of
from mindveil.corpus.media_limits import CLIPPED_SHARE, SENTENCES, SILENT
from mindveil.corpus.media_metadata import metadata_of
from mindveil.corpus.model import Corpus
from mindveil.errors import InputError

_WHOLE: dict[MediaShape, str] = {
    "audio": "sound-levels",
    "still": "still",
    "video": "video-length",
    "table": "table",
}
_MISSING_PACKAGES = (SENTENCES["no-voice"], SENTENCES["no-face"])
_SHOWN = 3


def recording_findings(corpus: Corpus, root: Path) -> Iterator[Finding]:
    """Say what is wrong with each recording; a file of 0 bytes was named by the reader before.

    About 3 ms a short recording; long ones are decoded to their end, far quicker than they last.
    """
    carriers: list[tuple[str, tuple[str, ...]]] = []
    unopened: set[str] = set()
    for path in _recordings(corpus):
        where = _where(path, root)
        try:
            yield from _levels(path, where)
            fields = metadata_of(path)
        except InputError as fault:
            sentence = str(fault).removeprefix(f"{path.name}: ")
            if sentence not in _MISSING_PACKAGES:
                yield error("recording", where, sentence)
            elif sentence not in unopened:
                unopened.add(sentence)
                yield warning("unopened", where, f"recordings were not opened: {sentence}")
            continue
        if fields:
            carriers.append((where, fields))
    if carriers:
        yield _metadata(carriers)


def _recordings(corpus: Corpus) -> Iterator[Path]:
    for participant in corpus.participants:
        for session in participant.sessions:
            for files in session.media.values():
                for file in files:
                    if file.kind != "words" and not _is_empty(file.path):
                        yield file.path


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0 and path.is_file()
    except OSError:
        return True


def _levels(path: Path, where: str) -> Iterator[Finding]:
    form = format_of(path)
    peak, full, samples = 0.0, 0.0, False
    with closing(decode(path, _WHOLE[form.shape], form.name)) as parts:
        for about, _ in parts:
            if isinstance(loudest := about.get("peak"), float):
                peak, samples = loudest, True
            if isinstance(share := about.get("full"), float):
                full = share
    if samples and peak < SILENT:
        sentence = "the recording is silent (below -80 dB); export it again or remove it"
        yield warning("silent", where, sentence)
    if full > CLIPPED_SHARE:
        sentence = (
            f"the recording is clipped ({full:.0%} of it at full scale), which distorts measures "
            "of the voice; export it at a lower level where the source allows"
        )
        yield warning("clipped", where, sentence)


def _metadata(carriers: list[tuple[str, tuple[str, ...]]]) -> Finding:
    where, fields = carriers[0]
    named = ", ".join(fields[:_SHOWN]) + (", ..." if len(fields) > _SHOWN else "")
    rest = f", as do {len(carriers) - 1} more recordings" if len(carriers) > 1 else ""
    sentence = (
        f"the file carries metadata ({named}){rest}; protections leave it out, but do not pass "
        "this folder on as it is"
    )
    return warning("metadata", where, sentence)


def _where(path: Path, root: Path) -> str:
    # The reader follows links of the root, so that a path may start elsewhere than it was given.
    base = root.resolve()
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name
