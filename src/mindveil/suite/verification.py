"""Look a score sheet over: is it whole, of the suite it names, and of this code?"""

from __future__ import annotations

from mindveil.evidence.risks import LEAKS
from mindveil.store.cache import code_digest
from mindveil.suite.score_sheet import ScoreSheet, TrackSheet
from mindveil.suite.suite_file import FROZEN, NONE, Suite, TrackPart

SHOWN_OF_A_CODE = 16


def faults_of(sheet: ScoreSheet, suite: Suite | None) -> list[str]:
    """Return what is wrong with a sheet, a sentence each; empty where nothing is.

    ``suite`` is the suite of its name, where this version has it.
    """
    faults = []
    if sheet.content_digest() != sheet.digest:
        faults.append("the sheet was changed after it was written: its digest does not fit")
    published = FROZEN.get(sheet.suite.name)
    if sheet.suite.frozen and sheet.suite.digest != published:
        faults.append(f"it says that it is {sheet.suite.name}, and its digest is another")
    if not sheet.suite.frozen:
        faults.append(f"it is of no published suite: {sheet.suite.title}")
    if suite is None or suite.digest != sheet.suite.digest:
        return faults
    for track in sheet.tracks:
        faults += _faults_of_track(track, suite)
    return faults


def remarks_on(sheet: ScoreSheet) -> list[str]:
    """Return what a reader should know that is no fault: other code, parts that were not run."""
    told = []
    if sheet.made_with.get("code") != code_digest()[:SHOWN_OF_A_CODE]:
        told.append("it was made with other code than this version: figures may differ if run here")
    told += [
        f"track {t.track}: attacks entered: {len(t.entered_attacks)}"
        for t in sheet.tracks
        if t.entered_attacks
    ]
    return told + [f"not run: {n.track}, {n.what}: {n.why}" for n in sheet.not_run]


def _faults_of_track(track: TrackSheet, suite: Suite) -> list[str]:
    part = next((t for t in suite.part.tracks if t.name == track.track), None)
    if part is None:
        return [f"track {track.track!r} is not of the suite"]
    frozen = (part.lineup, suite.part.seed, suite.corpus(part).digest)
    found = (track.lineup, track.seed, track.corpus_digest)
    faults = []
    if frozen != found:
        faults.append(f"track {track.track}: line-up, seed or people are not those of the suite")
    return faults + _missing(track, part)


def _missing(track: TrackSheet, part: TrackPart) -> list[str]:
    """Name reference defences and attackers that were left out."""
    here = {d.name for d in track.defences}
    faults = [
        f"track {track.track}: reference defence {d.name!r} is missing"
        for d in part.defences
        if d.name not in here
    ]
    for defence in track.defences:
        met = {f.measure for f in track.figures if f.defence == defence.name}
        faults += [
            f"track {track.track}: {defence.name!r} did not meet {attack}"
            for attack in track.attacks
            if attack not in met and attack not in _OF_SOME
            if attack != LEAKS or defence.name != NONE  # nothing of the originals lies on a disk
        ]
    return faults


_OF_SOME = frozenset({"text/inversion", "voice/inversion"})
"""Attacks on releases of measures alone."""
