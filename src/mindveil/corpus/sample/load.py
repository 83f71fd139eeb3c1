"""Read the cohort that is shipped with the package, and write it: one small archive a thing.

The truth lies in an archive of its own, so that nothing that reads the corpus can pick it up.
Archives of the same cohort are the same bytes: fixed date, fixed order, no machine in them.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter

from mindveil.corpus.model import Corpus
from mindveil.corpus.sample.media import unpack_media
from mindveil.corpus.sample.truth import Truth

COHORT = "cohort.zip"
TRUTH = "truth.zip"
_MEMBER = "content.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_FILE_MODE = 0o100644 << 16


def load_sample(media: Path | None = None) -> Corpus:
    """Return the 150 people of the shipped cohort, with the identifiers planted in their words.

    With a folder, the recordings of the first 40 people (voice, when each word is spoken, face)
    are laid out there and are part of the cohort; without one it has words and answers only.

    >>> len(load_sample().participants)
    150
    """
    corpus = TypeAdapter(Corpus).validate_json(_unpack(_shipped(COHORT)))
    if media is None:
        return corpus
    found = unpack_media(media)
    heard = corpus.map_sessions(
        lambda p, s: replace(s, media=found.get((p.participant_id, s.session_id), {}))
    )
    allowed = corpus.consent["text"]
    return replace(heard, consent={**corpus.consent, "voice": allowed, "face": allowed})


def load_truth() -> Truth:
    """Return who the people of the shipped cohort are: for scoring and teaching only."""
    return TypeAdapter(Truth).validate_json(_unpack(_shipped(TRUTH)))


def write_cohort(corpus: Corpus, truth: Truth, folder: Path) -> tuple[Path, Path]:
    """Write a cohort and its truth as two archives into a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    cohort, beside = folder / COHORT, folder / TRUTH
    cohort.write_bytes(_pack(corpus_text(corpus)))
    beside.write_bytes(_pack(truth_text(truth)))
    return cohort, beside


def corpus_text(corpus: Corpus) -> bytes:
    """Return a corpus as JSON, the same bytes for the same corpus."""
    return TypeAdapter(Corpus).dump_json(corpus, exclude_defaults=True)


def truth_text(truth: Truth) -> bytes:
    """Return a truth as JSON, the same bytes for the same truth."""
    return TypeAdapter(Truth).dump_json(truth)


def _shipped(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def _pack(content: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        entry = zipfile.ZipInfo(_MEMBER, _EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = _UNIX
        entry.external_attr = _FILE_MODE
        archive.writestr(entry, content)
    return memory.getvalue()


def _unpack(packed: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return archive.read(_MEMBER)
