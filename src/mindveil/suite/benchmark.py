"""Run a suite: each track is a study, with the defences that entered beside the frozen ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mindveil import catalog
from mindveil.addresses import cell_key
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Corpus
from mindveil.engine.base import Executor
from mindveil.evidence.dossier import Dossier
from mindveil.execution import Tell
from mindveil.harness.context import Context
from mindveil.harness.work import cell_from
from mindveil.plan import CellPlan
from mindveil.study import ORIGINAL
from mindveil.suite.entrants import Entrant, check_names
from mindveil.suite.protected_folder import Returned, as_step, make_of_folder, read_returned
from mindveil.suite.score_sheet import (
    FORMAT,
    DefenceSheet,
    Figure,
    NotRun,
    ScoreSheet,
    SuiteSheet,
    TrackSheet,
)
from mindveil.suite.suite_corpora import coded, lay_out, why_absent
from mindveil.suite.suite_file import NONE, Suite, TrackPart
from mindveil.suite.track_study import LIGHT, Place, TrackStudy, measured, plain, study_of

_OF_A_STUDY = frozenset({"corpus", "seed"})
"""What a dossier says of one study and not of what it was made with."""

_Failed = dict[tuple[str, str, str, str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is run of a suite: tracks (none named: its default ones), and what enters beside it."""

    out: Path
    tracks: tuple[str, ...] = ()
    entrants: tuple[Entrant, ...] = ()
    attacks: tuple[str, ...] = ()
    data: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """What came of a track."""

    sheet: TrackSheet
    lost: tuple[NotRun, ...]
    made_with: dict[str, str]


def run_benchmark(suite: Suite, wanted: Wanted, executor: Executor, tell: Tell) -> ScoreSheet:
    """Run the tracks of a suite and return the score sheet.

    What is not at hand is named as not run: a missing public set, an attack that this version
    does not have.

    Raises:
        InputError: a track, a defence or an attack that enters cannot be used as it is.
    """
    chosen = _chosen(suite, wanted)
    for attack in wanted.attacks:
        catalog.attack(attack, {})
    lost = [
        NotRun(track=t.name, what="track", why="it was not asked for (--track)")
        for t in suite.part.tracks
        if t not in chosen
    ]
    ran: list[_Ran] = []
    for track in chosen:
        missing = why_absent(suite.corpus(track), wanted.data)
        if missing:
            lost.append(NotRun(track=track.name, what="track", why=missing))
        else:
            ran.append(_run_track(suite, track, wanted, (executor, tell)))
    made_with = {k: v for one in ran for k, v in one.made_with.items()}
    return ScoreSheet(
        format=FORMAT,
        suite=SuiteSheet(
            name=suite.part.name,
            version=suite.part.version,
            digest=suite.digest,
            frozen=suite.frozen,
            title=suite.title,
        ),
        made_with=dict(sorted(made_with.items())),
        tracks=tuple(one.sheet for one in ran),
        not_run=(*lost, *(n for one in ran for n in one.lost)),
        digest="",
    ).sealed()


def _chosen(suite: Suite, wanted: Wanted) -> list[TrackPart]:
    if not wanted.tracks:
        return [t for t in suite.part.tracks if t.default]
    named = {suite.track(name).name for name in wanted.tracks}
    return [t for t in suite.part.tracks if t.name in named]


def _run_track(suite: Suite, track: TrackPart, wanted: Wanted, how: tuple[Executor, Tell]) -> _Ran:
    """Run the study of a track, and a second one of folders that few attackers can be sent at."""
    names = [d.name for d in track.defences] + [e.name for e in wanted.entrants]
    check_names(names)
    corpus = lay_out(suite.corpus(track), wanted.data, wanted.out / "corpora")
    place = Place(corpus=corpus, out=wanted.out)
    back = _returned(suite, track, load_corpus(corpus), wanted.entrants)
    mine = [Entrant(name=d.name, origin="reference", steps=d.steps) for d in track.defences]
    mine += [replace(e, steps=as_step(back[e.name])) if e.folder else e for e in wanted.entrants]
    light = tuple(e for e in mine if not e.informed)
    everybody = tuple(e for e in mine if e.informed)
    full = study_of(suite, track, place, everybody, wanted.attacks)
    told, dossier = _measure(full, back, how)
    if light:
        few = track.model_copy(update={"attackers": (LIGHT,)})
        folders, _ = _measure(study_of(suite, few, place, light, wanted.attacks), back, how)
        told += [f for f in folders if f.defence != NONE]
    return _Ran(
        sheet=_sheet(suite, full, light, told),
        lost=tuple(NotRun(track=track.name, what=w, why=why) for w, why in full.lost),
        made_with={k: v for k, v in dossier.provenance.items() if k not in _OF_A_STUDY},
    )


def _returned(
    suite: Suite, track: TrackPart, corpus: Corpus, entrants: Sequence[Entrant]
) -> dict[str, Returned]:
    codes = coded(suite, track, corpus)
    return {e.name: read_returned(e, corpus, codes) for e in entrants if e.folder}


def _measure(
    study: TrackStudy, back: dict[str, Returned], how: tuple[Executor, Tell]
) -> tuple[list[Figure], Dossier]:
    """Compute a study; what came back as a folder is made a release first."""
    context = study.context
    context.folder.prepare()
    for entrant in study.entrants:
        if entrant.name in back:
            make_of_folder(context, entrant.name, back[entrant.name])
    dossier = measured(context, *how)
    return _figures(context, dossier), dossier


def _figures(context: Context, dossier: Dossier) -> list[Figure]:
    """Return every figure of a study, with the cell that it was computed in."""
    failed: _Failed = {
        (r.release, r.kind, r.measure, r.modality, r.attacker): r.note
        for r in dossier.rows
        if r.status == "failed"
    }
    return [f for cell in context.plan.cells for f in _figures_of(context, cell, failed)]


def _figures_of(context: Context, cell: CellPlan, failed: _Failed) -> list[Figure]:
    key = cell_key(context.plan, cell)
    path = context.folder.cells / f"{key}.json"
    if path.is_file():
        stored = cell_from(json.loads(path.read_text(encoding="utf-8")))
        rows, tier = stored.rows, stored.tier
    else:
        place = (cell.release, cell.kind, cell.measure, cell.modality, str(cell.attacker))
        blank = cell.row(context.study.seed)
        rows, tier = (replace(blank, status="failed", note=failed.get(place, "")),), None
    return [
        Figure.model_validate(
            {
                **{k: getattr(row, k) for k in Figure.model_fields if hasattr(row, k)},
                "defence": NONE if row.release == ORIGINAL else row.release,
                "tier": tier,
                "cell": key,
            }
        )
        for row in rows
    ]


def _sheet(
    suite: Suite, full: TrackStudy, light: Sequence[Entrant], figures: Sequence[Figure]
) -> TrackSheet:
    track, used = full.track, full.context.study.attack.use
    undefended = Entrant(name=NONE, origin="reference", steps=())
    return TrackSheet(
        track=track.name,
        corpus=track.corpus,
        corpus_digest=suite.corpus(track).digest,
        people=len(full.context.corpus.participants),
        lineup=track.lineup,
        seed=suite.part.seed,
        attacks=tuple(a for a in used if a in track.attacks),
        entered_attacks=tuple(a for a in used if a not in track.attacks),
        headline=track.headline,
        metric=track.metric,
        defences=tuple(
            DefenceSheet(
                name=e.name,
                origin=e.origin,
                steps=tuple(plain(s) for s in e.steps),
                attackers=track.attackers if e.informed else (LIGHT,),
            )
            for e in (undefended, *full.entrants, *light)
        ),
        figures=tuple(figures),
    )
