"""The report: one page without script or network, that opens anywhere and can be printed.

Every text is escaped when the template is filled in, and characters that nobody can see (controls,
marks that turn the direction of writing around) are replaced, so that no name in a study can
change what the page says.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from mindveil.evidence.contexts import CONTEXTS
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.verdict import Judgement, Policy
from mindveil.report import (
    attacks,
    attribution,
    cards,
    charts,
    curves,
    detector_words,
    detectors,
    federation_words,
    federations,
    fidelity,
    figures,
    forests,
    names,
    people,
    picture,
    promises,
    records,
    research_words,
    signals,
    steward,
    steward_words,
    sweeps,
    tables,
    traces,
    trainer_tests,
    validity,
    vocabulary,
    weakest_link,
    words,
)

LARGEST = 1_000_000
"""Bytes of a page; longer scorecards are cut and say so."""

_FEW = 2
"""What was not tested, as far as the first screen says it."""
_HELD_BY = {"training": "trainer_tests", "attacks": "", "utility": "", "guarantees": ""}
"""Under which name the template finds a section, where it is not its own."""
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                     "\ufeff\ufff9-\ufffb\ud800-\udfff]")  # fmt: skip


def render(dossier: Dossier) -> str:
    """Return the report of a finished study as one HTML page of at most 1 MB.

    The scorecard is cut before the page becomes larger, and the page says so; verdicts and the
    tables of releases are never cut, and alone reach that size at about 80 releases.
    """
    template = _environment().get_template("template.html")
    content = _content(dossier)

    def page(most: int) -> str:
        return template.render(content | _rows(dossier, most))

    whole, many = page(len(dossier.rows)), len(dossier.rows)
    if _size(whole) <= LARGEST:
        return whole
    found, most = page(0), 0
    room, needed = LARGEST - _size(found), _size(whole) - _size(found)
    if room > 0:
        most = int(0.97 * many * room / needed)
    while most and _size(found := page(most)) > LARGEST:
        most = most * 4 // 5
    return found if most else page(0)


def _size(page: str) -> int:
    return len(page.encode())


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _source(name: str) -> str:
    return files("mindveil.report").joinpath(name).read_text(encoding="utf-8")


def _visible(value: object) -> object:
    """Return a text without characters that cannot be seen; anything else as it is."""
    return _UNSEEN.sub("\ufffd", value) if type(value) is str else value


def _rows(dossier: Dossier, most: int) -> dict[str, object]:
    return {
        "parts": records.parts(dossier, most),
        "place": traces.traces(dossier.rows, most).place,
        "cut": most < len(dossier.rows),
    }


def _content(study: Dossier) -> dict[str, object]:
    """Return what the template shows; the points of sweeps stand in tables of their own only."""
    dossier = sweeps.without_points(study)
    shown: dict[str, object] = _tables(dossier) | _pictures(study) | _research(study, dossier)
    untested = [names.capitalised(line) for line in dossier.untested]
    failed = [v for v in dossier.judgement.releases if v.not_tested]
    shown |= {
        "dossier": dossier,
        "text": words.TEXT,
        "facts": _facts(dossier),
        "made": words.day(dossier.judgement.made),
        "expires": words.day(dossier.judgement.expires),
        "steward": steward_words,
        "answers": steward.answers(study),
        "untested_short": untested[:_FEW],
        "untested_more": _more(len(untested)),
        "panels": weakest_link.panels(dossier),
        "spreads": people.spreads(dossier),
        "compared": _compared(dossier.judgement),
        "policy": _policy(dossier),
        "cards": cards.cards(dossier),
        "handed": detectors.answers_handed_out(dossier.rows),
        "trainer_tests": trainer_tests.trainer_tests(dossier),
        "told": detector_words,
        "seated": federation_words,
        "blind": records.blind_spots(dossier),
        "failed": [(v.release, cards.gaps(v, dossier)) for v in failed],
        "never_tested": words.NEVER_TESTED,
        "reading": _reading(dossier),
        "guarantees": promises.promises(dossier),
        "shapes": words.SHAPES,
        "generator": dossier.provenance.get("version mindveil", ""),
        "untested": untested,
    }
    contents = [
        (a, n) for a, n in research_words.CONTENTS.items() if shown.get(_HELD_BY.get(a, a), True)
    ]
    return shown | {"contents": contents}


def _more(untested: int) -> str:
    """Return how much else was not tested."""
    return f"and {untested + len(words.NEVER_TESTED) - min(untested, _FEW)} more"


def _pictures(dossier: Dossier) -> dict[str, object]:
    drawn = picture.drawing(dossier)
    singles = [p for p in drawn.points if not sweeps.is_point(p.release)]
    return {
        "limit": drawn.limit,
        "pictures": [
            (name, shown)
            for name, size in (("wide", charts.WIDE), ("narrow", charts.NARROW))
            if (shown := charts.frontier(drawn.points, drawn.goal, size))
        ],
        "knee": any(p.knee for p in drawn.points),
        "caption": picture.caption(drawn),
        "axis": drawn.up,
        "across": drawn.across,
        "points": [picture.table_row(p, drawn, dossier.rows) for p in singles],
        "sweeps": sweeps.sweeps(dossier, drawn.points),
        "hypervolume": sweeps.hypervolume(dossier),
    }


def _research(study: Dossier, dossier: Dossier) -> dict[str, object]:
    """Return the researcher's pages; what was not measured is not there."""
    found, refused = validity.checks(dossier), validity.failures(study)
    said = research_words.REFUSED.format(refused.refused, refused.made + refused.refused)
    if not refused.refused:
        said = research_words.NONE_REFUSED.format(refused.made)
    return {
        "research": research_words,
        "checks": found,
        "refused": said if found else f"{research_words.NO_CHECKS} {said}",
        "shares": attribution.attribution(dossier),
        "joined": attribution.joined(dossier),
        "crossings": attribution.crossings(dossier),
        "candidates": curves.risk_curves(dossier),
        "recordings": curves.recording_curves(dossier),
        "groups": (*forests.forests(dossier, "utility"), *forests.forests(dossier, "attack")),
        "calibration": curves.calibrations(dossier),
        "decisions": curves.decisions(dossier),
    }


def _tables(dossier: Dossier) -> dict[str, object]:
    """Return the tables of releases, each with the releases that it applies to."""
    releases = [r.name for r in dossier.releases]
    groups = {
        "attacks": attacks.attack_groups(dossier),
        "tasks": tables.utility_groups(dossier),
        "seats": federations.seat_groups(dossier),
        "signals": signals.signal_groups(dossier),
        "fidelity": fidelity.fidelity_groups(dossier),
        "additions": fidelity.addition_groups(dossier),
    }
    across = {name: tables.columns(found, releases) for name, found in groups.items()}
    each = [tables.columns([group], releases) for group in groups["attacks"]]
    return {**groups, "across_of": across, "across_attacks": each}


def _reading(dossier: Dossier) -> dict[str, str]:
    """Return how figures are read; of detectors only where there are any."""
    there = any(detectors.is_detector(dossier, r.name) for r in dossier.releases)
    more = dict(detector_words.READING) if there else {}
    more |= federation_words.READING if attacks.federations(dossier.rows) else {}
    last = list(words.READING)[-1]
    read = {term: said for term, said in words.READING.items() if term != last}
    return read | more | {last: words.READING[last]}


def _facts(dossier: Dossier) -> list[str]:
    corpus = dossier.corpus
    tools = f" ({', '.join(names.tool_name(t) for t in corpus.tools)})" if corpus.tools else ""
    kinds = [names.modality_name(m) + (tools if m == "scales" else "") for m in corpus.modalities]
    found = [
        f"{corpus.people:,} people",
        f"{corpus.sessions:,} sessions",
        ", ".join(kinds),
        vocabulary.LANGUAGES.get(corpus.language, corpus.language),
    ]
    return [f for f in found if f]


def _compared(judgement: Judgement) -> list[tuple[int, str]]:
    """Return the detectors that are there for comparison, and the numbers of their cards."""
    return [(i, name) for i, name in _places(judgement) if detectors.is_twin(name)]


def _places(judgement: Judgement) -> list[tuple[int, str]]:
    return list(enumerate(detectors.twins_last(v.release for v in judgement.releases), start=1))


def _policy(dossier: Dossier) -> list[str]:
    policy, releases = dossier.policy, [r.name for r in dossier.releases]
    match, gain = (figures.number(x, "rate") for x in (policy.max_match, policy.max_advantage))
    said = [
        f"Intended for {words.CONTEXTS.get(policy.context, policy.context)}.",
        f"The right person may be found in at most {match} of attempts.",
        f"Other attacks may gain at most {gain} over their control.",
        "The worse end of the interval counts, never the figure alone.",
    ]
    if policy.min_risk_reduction:
        said.append(
            f"At least {figures.number(policy.min_risk_reduction, 'rate')} of the risk of the "
            "original must be taken away."
            + detector_words.POLICY
            * any(detectors.is_detector(dossier, n) for n in releases)
        )
    said += [
        f"Wanted: {names.metric_name(metric)} of {names.measure_name(task)} of "
        f"{'at most' if metric in figures.LESS_IS_BETTER else 'at least'} "
        f"{figures.number(floor, figures.scale_of(metric))}."
        for task, floors in policy.min_utility.items()
        for metric, floor in floors.items()
    ]
    said.append(
        f"No more than {figures.number(policy.margin, 'score')} of AUROC or CCC may be lost "
        "against the original."
    )
    if fidelity.fidelity_groups(dossier):
        said.append(fidelity.tolerances(policy))
    return said + [
        _limits(context, policy.within(context)) for context in CONTEXTS if context in policy.others
    ]


def _limits(context: str, policy: Policy) -> str:
    """Return in a sentence what another kind of access would ask."""
    match, gain = (figures.number(x, "rate") for x in (policy.max_match, policy.max_advantage))
    asks = f"at most {match} found and {gain} gained"
    if policy.min_risk_reduction:
        cut = figures.number(policy.min_risk_reduction, "rate")
        asks += f", at least {cut} of the risk taken away"
    return f"For {steward_words.ACCESS.get(context, context)}: {asks}."
