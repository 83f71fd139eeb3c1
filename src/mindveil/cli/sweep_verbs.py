"""The verb that looks for a release that passes, and what `plan` and `run` say of sweeps."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from mindveil.advice import FOLDER, Advice, Budget, Wanted, advise_run
from mindveil.cli.printing import Progress, say, say_json
from mindveil.engine.local import LocalPool
from mindveil.errors import InputError, Interrupted
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.gate import Allowed
from mindveil.harness.advice import Tried, in_the_way
from mindveil.harness.changes import as_toml
from mindveil.harness.context import Context
from mindveil.harness.steps import Steps
from mindveil.harness.summary import seal
from mindveil.notebook import workers_here
from mindveil.store.files import write_text
from mindveil.sweep import outlines

NONE_FOUND = 1
_MINUTES = ("minutes", "minute", "min", "m")
_CAVEAT = (
    "This was chosen by its figures on these people, {tried} tried: the best of several looks "
    "better than it is. Confirm it on people who had no part in the choice, before it leaves"
)


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(advise)


def advise(
    run_folder: Annotated[Path, typer.Argument(help="The folder that `mindveil run` wrote.")],
    release: Annotated[
        list[str] | None, typer.Option(help="These releases only; default: all that do not pass.")
    ] = None,
    budget: Annotated[
        str, typer.Option(help="Cells to spend on each release, or minutes, as in 20min.")
    ] = "400",
    allow: Annotated[Allowed, typer.Option(help="The weakest verdict that passes.")] = "release",
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one a core.")] = 0,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of text.")
    ] = False,
) -> None:
    """Look for the cheapest change that makes a release pass, or say how many people are missing.

    Leaves with 0 if there is one for every release that does not pass, with 1 if not.
    """
    wanted = Wanted(releases=tuple(release or ()), budget=budget_of(budget), allow=allow)
    pool = LocalPool(workers=workers_here(workers))
    try:
        found = advise_run(run_folder, wanted, pool, Progress(quiet=json).tell)
    except KeyboardInterrupt:
        raise Interrupted(
            "interrupted; give the same command again to go on where it stopped"
        ) from None
    told = {"releases": [_document(a, allow) for a in found]}
    write_text(run_folder / FOLDER / "advice.json", dumps(told, indent=1) + "\n")
    seal(run_folder)
    if json:
        say_json(told)
    elif not found:
        say("every release passes; there is nothing to change")
    for advice in () if json else found:
        _tell(advice, allow)
    raise typer.Exit(0 if all(a.found for a in found) else NONE_FOUND)


def budget_of(text: str) -> Budget:
    """Return a budget as it was written.

    >>> budget_of("120").cells, budget_of("20min").minutes
    (120, 20.0)
    """
    words = text.strip().lower()
    unit = next((u for u in _MINUTES if words.endswith(u)), "")
    try:
        number = float(words.removesuffix(unit))
        if number > 0 and (unit or number == int(number)):
            return Budget(minutes=number) if unit else Budget(cells=int(number))
    except (ValueError, OverflowError):
        pass
    raise InputError(f"--budget {text!r} is neither cells (400) nor minutes (20min)")


def tell_sweeps(context: Context) -> None:
    """Say what the sweeps of a study may cost, and what of them cannot be."""
    for o in outlines(context):
        say(
            f"sweep of {o.release}: {o.points} combinations, of which {o.budget} at most are "
            f"measured ({o.cells} more cells)"
        )
        for why in o.skipped:
            say(f"left out of the sweep: {why}")


def _tell(advice: Advice, allow: Allowed) -> None:
    say(f"\n{advice.release}: {advice.verdict.decision}. {_blocked(advice, allow)}")
    if advice.found:
        best = advice.found
        say(f"  passes ({best.verdict.decision}) with: {best.candidate.told}")
        say(f"  risk {_shown(best.point.risk)}; use {_shown(best.point.utility)}")
        say(f"  change of use against {advice.release}: {_shown(best.cost)}\n")
        say(as_toml(best.candidate.part))
        say(f"  {_warning(advice)}.")
        return
    for one in advice.tried:
        blocks = in_the_way(one.verdict, allow)
        why = blocks[0].sentence if blocks else one.verdict.sentence
        say(f"  {one.candidate.told}: {one.verdict.decision}. {why}")
    if advice.missing:
        say(f"  {_lacking(advice)}")
    say(f"  {_ended(advice)}")


def _document(advice: Advice, allow: Allowed) -> dict[str, object]:
    """Return what was found for a release, for machines."""
    return {
        "release": advice.release,
        "decision": advice.verdict.decision,
        "in_the_way": [f.sentence for f in in_the_way(advice.verdict, allow)],
        "risk": _numbers(advice.now.risk),
        "use": _numbers(advice.now.utility),
        "found": _tried(advice.found, allow) if advice.found else None,
        "study": as_toml(advice.found.candidate.part) if advice.found else None,
        "caveat": _warning(advice) if advice.found else _ended(advice),
        "people": advice.missing.people if advice.missing else None,
        "people_for": advice.missing.release if advice.missing else None,
        "people_because": advice.missing.condition if advice.missing else None,
        "tried": [_tried(t, allow) for t in advice.tried],
        "exhausted": advice.exhausted,
    }


def _tried(one: Tried, allow: Allowed) -> dict[str, object]:
    return {
        "release": one.candidate.part.name,
        "changes": one.candidate.told,
        "decision": one.verdict.decision,
        "in_the_way": [f.sentence for f in in_the_way(one.verdict, allow)],
        "risk": _numbers(one.point.risk),
        "use": _numbers(one.point.utility),
        "change_of_use": _numbers(one.cost),
        "passes_corrected_for_tries": one.confirmed,
        "cells": one.cells,
    }


def _warning(advice: Advice) -> str:
    """Return that the best of several looks better than it is."""
    said = _CAVEAT.format(tried=_changes(len(advice.tried)))
    if advice.found and len(advice.tried) > 1:
        holds = "still passes" if advice.found.confirmed else "does not pass"
        said += f"; with intervals as wide as so many tries ask for, it {holds}"
    if advice.found and Steps.of(advice.found.candidate.part).budget:
        said += (
            "; its epsilon is that of one release, and does not pay for a choice among several: "
            "keep these figures inside the team"
        )
    return said


def _blocked(advice: Advice, allow: Allowed) -> str:
    return " ".join(f.sentence for f in in_the_way(advice.verdict, allow)[:2])


def _lacking(advice: Advice) -> str:
    lack = advice.missing
    assert lack
    which = "as it is" if lack.release == advice.release else f"with the changes of {lack.release}"
    return f"It lacks people, {which}: about {lack.people:,} would do. {lack.condition}"


def _ended(advice: Advice) -> str:
    """Return why the search stopped without a release that passes."""
    done = _changes(len(advice.tried))
    if not advice.tried and advice.exhausted:
        return "No setting of this release could be turned to help; nothing was tried"
    if advice.exhausted:
        return f"None passes: {done} tried, which is all there was"
    return f"None passes: {done} tried, and the budget is spent; a larger --budget goes on here"


def _changes(number: int) -> str:
    return f"{number} change{'' if number == 1 else 's'}"


def _shown(seen: Estimate | None) -> str:
    if seen is None:
        return "not measured"
    return f"{seen.value:.3f} [{seen.low:.3f}, {seen.high:.3f}], n = {seen.n}"


def _numbers(seen: Estimate | None) -> dict[str, float] | None:
    if seen is None:
        return None
    return {"value": seen.value, "low": seen.low, "high": seen.high, "n": seen.n}
