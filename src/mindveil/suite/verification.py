"""Look a score sheet over: is it whole, of the suite it names, and of this code?"""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet

from mindveil.evidence.attack_names import OF_MEASURES
from mindveil.evidence.risks import LEAKS
from mindveil.store.cache import code_digest
from mindveil.suite.score_sheet import ScoreSheet, TrackSheet
from mindveil.suite.suite_file import FROZEN, NONE, Suite, TrackPart
from mindveil.suite.track_study import plain

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
        told = {n.what for n in sheet.not_run if n.track == track.track}
        faults += _faults_of_track(track, suite, told)
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


def _faults_of_track(track: TrackSheet, suite: Suite, told: AbstractSet[str]) -> list[str]:
    part = next((t for t in suite.part.tracks if t.name == track.track), None)
    if part is None:
        return [f"track {track.track!r} is not of the suite"]
    frozen = (part.lineup, suite.part.seed, suite.corpus(part).digest)
    found = (track.lineup, track.seed, track.corpus_digest)
    faults = [*_altered(track, part), *_left_out(track, part, told)]
    if frozen != found:
        faults = ["line-up, seed or people are not those of the suite", *faults]
    if (part.headline, part.metric) != (track.headline, track.metric):
        faults.append("the question that stands in the table is not that of the suite")
    return [f"track {track.track}: {fault}" for fault in faults]


def _altered(track: TrackSheet, part: TrackPart) -> list[str]:
    """Name reference defences whose steps are others than those of the suite."""
    wanted = {
        d.name: json.dumps([plain(s) for s in d.steps], sort_keys=True) for d in part.defences
    }
    return [
        f"reference defence {d.name!r} has other steps than in the suite"
        for d in track.defences
        if d.name in wanted and json.dumps(d.steps, sort_keys=True) != wanted[d.name]
    ]


def _left_out(track: TrackSheet, part: TrackPart, told: AbstractSet[str]) -> list[str]:
    """Name reference defences, attacks and attackers that were left out without a word."""
    here = {d.name for d in track.defences}
    faults = [
        f"reference defence {d.name!r} is missing" for d in part.defences if d.name not in here
    ]
    faults += [
        f"attack {a} is missing" for a in part.attacks if a not in track.attacks and a not in told
    ]
    met = {d.name: _met(track, d.name) for d in track.defences}
    for defence in track.defences:
        if defence.origin != "folder" and not set(part.attackers) <= set(defence.attackers):
            faults.append(f"{defence.name!r} did not meet all attackers")
        due = {p for p in met.get(NONE, ()) if p[1] in {"", *defence.attackers}}
        faults += [
            f"{defence.name!r} did not meet {measure}, {attacker}"
            for measure, attacker in sorted(due - met[defence.name])
        ]
    missing = {a for a in track.attacks if a not in {m for m, _ in met.get(NONE, ())}}
    return faults + [f"{NONE!r} did not meet {a}" for a in sorted(missing - _NOT_OF_ORIGINALS)]


def _met(track: TrackSheet, defence: str) -> set[tuple[str, str]]:
    """Return which attacks by whom a defence has met, believed or not."""
    mine = (f for f in track.figures if f.defence == defence and f.kind == "attack")
    return {(f.measure, f.attacker) for f in mine}


_NOT_OF_ORIGINALS = frozenset({LEAKS, *OF_MEASURES})
"""Attacks that the undefended originals do not meet: nothing of them lies on a disk, or they are
more than measures."""
