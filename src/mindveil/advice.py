"""The cheapest change of a release that passes the policy of its study, or why there is none.

Changes are measured one after another until one passes or the budget ends. Cells are those of the
run: what was computed once is not computed again, and a search that was killed goes on where it
stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.engine.base import Executor
from mindveil.errors import InputError
from mindveil.evidence.caps import is_untried
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import difference
from mindveil.evidence.frontier import Point, is_undefended
from mindveil.evidence.gate import Allowed
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import ReleaseVerdict, judge
from mindveil.evidence.weakest import BACKGROUND
from mindveil.execution import Tell, run_study
from mindveil.harness.advice import (
    Missing,
    Start,
    Tried,
    candidates,
    in_the_way,
    passes,
    people_missing,
    point_of,
    widened,
)
from mindveil.harness.changes import Candidate, changes_of
from mindveil.harness.context import Context, context_of
from mindveil.harness.summary import load_dossier
from mindveil.harness.sweep import is_same
from mindveil.plan import release_of
from mindveil.ranges import POINT
from mindveil.store.cache import code_digest
from mindveil.study import ORIGINAL, UNDEFENDED, ReleasePart
from mindveil.study_file import load_study

FOLDER = "advice"
"""Where a search writes, inside the folder of the run."""
_SHARED = ("cells", "releases", "sealed")
"""Folders of the run that a search goes on filling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a search may spend on each release: minutes where they are said, else cells.

    Cells count whether or not they lie there already, so that going on ends where one run would.
    """

    cells: int = 400
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What was found for a release that does not pass; ``exhausted`` where nothing is left to try."""

    release: str
    now: Point
    verdict: ReleaseVerdict
    found: Tried | None
    tried: tuple[Tried, ...]
    missing: Missing | None
    exhausted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A finished run, what counts as passing, and where cells are computed."""

    dossier: Dossier
    context: Context
    allow: Allowed
    executor: Executor
    tell: Tell
    clock: Callable[[], float] = field(default=time.monotonic)

    def advise(self, release: str, budget: Budget) -> Advice:
        """Return the cheapest change of one release that passes, as far as the budget goes."""
        rows, part = self.dossier.rows, release_of(self.context.study, release)
        verdict, now = self._verdict(rows, release), point_of(rows, release)
        start = Start(
            part=part,
            point=now,
            blocks=in_the_way(verdict, self.allow),
            max_risk=self.dossier.policy.max_match,
            # background is generalised by the step that treats answers
            weakest="scales"
            if verdict.weakest_modality == BACKGROUND
            else verdict.weakest_modality,
        )
        changes = changes_of(part, self.context.corpus.modalities)
        tried: list[Tried] = []
        began, exhausted = self.clock(), True
        for candidate in candidates(start, changes, tried):
            there = self._with(candidate.part)
            cells = 0 if self._known(candidate.part) else _cells(there)
            spent = sum(t.cells for t in tried) + cells
            minutes = (self.clock() - began) / 60
            if spent > budget.cells if budget.minutes is None else minutes > budget.minutes:
                exhausted = False
                break
            tried.append(self._measured(there, candidate, now, len(tried) + 1))
            if tried[-1].passed:
                break
        found = tried[-1] if tried and tried[-1].passed else None
        everything = [verdict, *(t.verdict for t in tried)]
        return Advice(
            release=release,
            now=now,
            verdict=verdict,
            found=found,
            tried=tuple(tried),
            missing=None if found else people_missing(everything, self.allow),
            exhausted=exhausted,
        )

    def _verdict(self, rows: Sequence[Row], release: str) -> ReleaseVerdict:
        made = self.dossier.judgement.made
        return judge(rows, [release], self.dossier.policy, made).releases[0]

    def _with(self, part: ReleasePart) -> Context:
        original = release_of(self.context.study, ORIGINAL)
        return context_of(self.context.study.model_copy(update={"releases": (original, part)}))

    def _measured(self, there: Context, candidate: Candidate, now: Point, tries: int) -> Tried:
        """Compute what is missing of a changed release, and judge it beside those of the run."""
        known = self._known(candidate.part)
        name = known or candidate.part.name
        own = {name, f"{name}{UNDEFENDED}"}
        found = self.dossier.rows if known else run_study(there, self.executor, self.tell).rows
        mine = [r for r in found if r.release in own]
        rest = [r for r in self.dossier.rows if r.release not in own]
        verdict, point = self._verdict([*rest, *mine], name), point_of([*rest, *mine], name)
        cost = None
        if point.utility and now.utility:
            cost = difference(point.utility, now.utility, point.tie * now.tie)
        wider = self._verdict([*rest, *(widened(r, tries) for r in mine)], name)
        return Tried(
            candidate=candidate,
            verdict=verdict,
            point=point,
            cost=cost,
            passed=passes(verdict, self.allow),
            confirmed=passes(wider, self.allow),
            cells=0 if known else _cells(there),
        )

    def _known(self, part: ReleasePart) -> str:
        """Return the release of the run that is made in the same way and was asked everything."""
        left_out = (r for r in self.dossier.rows if r.status == "inconclusive")
        unasked = {r.release for r in left_out if not is_untried(r)}
        releases = (r for r in self.context.study.releases if r.name not in unasked)
        return next((r.name for r in releases if is_same(r, part)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of a search: which releases (all, where none is named), and when to stop."""

    releases: tuple[str, ...] = ()
    budget: Budget = Budget()
    allow: Allowed = "release"


def advise_run(run: Path, wanted: Wanted, executor: Executor, tell: Tell) -> list[Advice]:
    """Return for every release of a finished run that does not pass what would make it pass.

    Raises:
        InputError: the folder holds no finished run, or one of other people or another version,
            or its corpus is elsewhere.
    """
    dossier, study = load_dossier(run), load_study(run / "study.toml")
    if not study.corpus.exists():
        raise InputError(
            f"{run.name} was made of a corpus at {study.corpus}, which is not there; a search "
            "makes releases anew from it: put the corpus there, or the run back beside it"
        )
    context = context_of(study)
    known = [r.name for r in context.study.releases if not is_undefended(r.name)]
    wrong = [n for n in wanted.releases if n not in known]
    if wrong or not known:
        asked = f"no release {wrong[0]!r}" if wrong else "no release but the original"
        raise InputError(f"the run has {asked}; it has {', '.join(known) or 'nothing to change'}")
    _require_same(dossier, context)
    verdicts = {v.release: v for v in dossier.judgement.releases}
    with context.folder.claim():
        inside = study.model_copy(update={"out": _folder(run), "sweeps": ()})
        search = Search(
            dossier=dossier,
            context=context_of(inside),
            allow=wanted.allow,
            executor=executor,
            tell=tell,
        )
        return [
            search.advise(name, wanted.budget)
            for name in wanted.releases or [n for n in known if POINT not in n]
            if not passes(verdicts[name], wanted.allow)
        ]


def _cells(there: Context) -> int:
    return sum(c.release != ORIGINAL for c in there.plan.cells)


def _folder(run: Path) -> Path:
    """Return the folder of the search, in which cells and releases are those of the run."""
    folder = run.resolve() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in _SHARED:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(Path("..") / name, target_is_directory=True)
    return folder


def _require_same(dossier: Dossier, context: Context) -> None:
    """Refuse figures of two versions, or of two corpora, in one table."""
    for what, now in (
        ("code", code_digest()[:16]),
        ("corpus", context.plan.corpus_digest[:16]),
    ):
        if dossier.provenance.get(what) != now:
            changed = "version of mindveil" if what == "code" else "corpus"
            raise InputError(
                f"the run was made with another {changed}; run its study again first, "
                "so that all figures are of one kind"
            )
