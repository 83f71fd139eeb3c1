"""The people of a suite: laid out from the package or from public data, and known by their digest."""

from __future__ import annotations

from pathlib import Path

from mindveil.anonymise.pseudonyms import random_codes
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import content_digest, load_corpus, save_corpus
from mindveil.corpus.model import Corpus
from mindveil.corpus.paths import inside
from mindveil.corpus.sample.load import load_sample
from mindveil.corpus.workshop import bench_beside
from mindveil.errors import InputError, RefusedError
from mindveil.harness.releases import rename
from mindveil.randomness import stream
from mindveil.store.files import temporary_folder
from mindveil.suite.suite_file import FOLDER, SAMPLE, CorpusPart, Suite, TrackPart


def why_absent(part: CorpusPart, data: Path | None) -> str:
    """Say why a corpus is not at hand; empty where it is.

    The sample is in the package. Public sets are never fetched: their owner's page is named.
    """
    if part.source == SAMPLE:
        return ""
    if part.source not in {FOLDER, *IMPORTERS}:
        return f"this version reads no source of the kind {part.source!r}"
    if data is None:
        return f"its data were not given (--data DIR, with {part.path}); get it from {part.where}"
    if not _below(data, part).exists():
        return f"the folder of data has no {part.path}; get it from {part.where}"
    return ""


def lay_out(part: CorpusPart, data: Path | None, folder: Path) -> Path:
    """Return the corpus folder, written once, whose content is what the suite says.

    Raises:
        InputError: it is not at hand, or it is not the corpus of the suite.
    """
    missing = why_absent(part, data)
    if missing:
        raise InputError(f"corpus {part.name!r}: {missing}")
    place = folder / part.name
    if not place.is_dir():
        with bench_beside(place) as bench:
            _write(part, data, bench, place)
    found = content_digest(load_corpus(place))
    if found != part.digest:
        raise InputError(
            f"corpus {part.name!r} is not the one that the suite names (content {found[:12]}, "
            f"not {part.digest[:12]}); remove {place.name!r} from the output folder, and get the "
            f"data from {part.where}"
        )
    return place


def coded(suite: Suite, track: TrackPart, corpus: Corpus) -> dict[str, str]:
    """Return the codes under which a track's people are given to those who defend them.

    Worked out from the suite, so that a folder that comes back can be read; no attacker sees them.
    """
    rng = stream(suite.part.seed, "benchmark export", track.corpus)
    return random_codes(corpus.ids, rng)


def export(suite: Suite, track: TrackPart, data: Path | None, out: Path) -> int:
    """Write the originals of a track under codes, without planted truth; return how many people.

    Who is who stays with the benchmark. Columns that name people are in it: a defence has to see
    what it must hide.
    """
    if out.exists():
        raise InputError(f"{out.name} exists already; give a folder that does not")
    with temporary_folder(out.parent) as folder:
        corpus = load_corpus(lay_out(suite.corpus(track), data, folder))
        shown, _ = rename(corpus, coded(suite, track, corpus))
        save_corpus(shown, out)
    return len(shown.participants)


def _below(data: Path, part: CorpusPart) -> Path:
    try:
        return inside(data, part.path)
    except RefusedError as fault:
        raise InputError(f"corpus {part.name!r}: {fault}") from fault


def _write(part: CorpusPart, data: Path | None, bench: Path, place: Path) -> None:
    if part.source != SAMPLE:
        assert data is not None
        source = _below(data, part)
        if part.source == FOLDER:
            save_corpus(_first(load_corpus(source), part.people), place, truth=True)
            return
        imported = IMPORTERS[part.source].read(source, part.options)
        chosen = _first(imported.corpus, part.people)
        save_corpus(chosen, place, truth=True, tools=imported.tools)
        return
    sample = load_sample(bench if part.media else None)
    save_corpus(_first(sample, part.people), place, truth=True)


def _first(corpus: Corpus, people: int) -> Corpus:
    return corpus.select(corpus.ids[:people]) if people else corpus
