"""The words of the researcher's pages."""

from __future__ import annotations

from collections.abc import Mapping

CONTENTS: Mapping[str, str] = {
    "releases": "Release by release",
    "attacks": "What attackers achieve",
    "training": "Tests of how detectors are made",
    "utility": "Clinical use",
    "fidelity": "Measures the same",
    "additions": "What it adds to real people",
    "signals": "Heard and seen, class by class",
    "sweeps": "Settings that were varied",
    "believed": "Can these numbers be believed?",
    "shares": "Which recording carries the risk",
    "crossings": "From one recording to another",
    "candidates": "Risk by candidates",
    "recordings": "Risk by recordings",
    "groups": "For whom is it worse?",
    "calibration": "Calibration",
    "decisions": "Decision curves",
    "guarantees": "Formal guarantees",
    "scorecard": "Every figure",
    "provenance": "Provenance",
}
"""The sections by their anchors, in their order; those without anything in them are left out."""

SWEEPS = "Settings that were varied"
SWEEPS_LEAD = (
    "Each row is one point of a sweep: the settings, its verdict, its risk and its use. On the "
    "frontier nothing tried is safer and as useful; the bend is where less risk begins to cost most."
)
HYPERVOLUME = "Area between the frontier and the worst there could be:"
SWEEPS_CAPTION = "every point, those on the frontier first"
LEFT_OUT = "more points stand in the scorecard."

BELIEVED = "Can these numbers be believed?"
BELIEVED_LEAD = (
    "Accuracy may be owed to recognising people or to the interviewer's questions, and duplicates "
    "or telling files make every other figure worthless."
)
REFUSED = "{:,} of {:,} rows were refused because they could not be believed or made."
NONE_REFUSED = "None of the {:,} rows was refused."
NO_CHECKS = "This study ran none of these checks."

SHARES = "Which recording carries the risk?"
SHARES_LEAD = (
    "One attacker holds everything that is recorded of a person. What is lost without a recording "
    "is what this recording adds: people matched by all and no longer without it, on the same "
    "line-ups."
)
SHARES_CAPTION = "Right person found with and without each recording, strongest attacker"
MORE = "more than by"

CROSSINGS = "Does one recording lead to another?"
CROSSINGS_LEAD = "Is this released voice the person of that transcript, face or questionnaire?"
CROSSINGS_CAPTION = "Right person found by another kind of recording"

CANDIDATES = "Risk by the number of candidates"
CANDIDATES_LEAD = (
    "How often the right person is found among few and among many candidates, by the strongest "
    "attacker; shaded is the 95% interval, the straight line the limit. The verdict holds for the "
    "number that the study fixed before it ran."
)
RECORDINGS = "Risk by the number of recordings"
RECORDINGS_LEAD = "How often the right person is found by an attacker who pools several recordings."

GROUPS = "For whom is it worse?"
GROUPS_LEAD = (
    "The group for which each figure is worst, and the widest gap between two groups; intervals "
    "hold for all groups at once. The picture runs from 0 to 1, its thin line is everybody; of "
    "gaps and changes it runs from \u22121 to 1, and its thin line is 0. Groups of fewer than 10 "
    "people are left out."
)
GROUPS_CAPTION = "worst group and widest gap"

CALIBRATION = "Is the predicted risk right?"
CALIBRATION_LEAD = (
    "People in fifths of predicted risk: how many of them are cases? On the straight line the "
    "prediction is right; shaded is the 95% interval."
)
DECISIONS = "Is acting on it better than treating everybody?"
DECISIONS_LEAD = (
    "Net benefit: cases found, less people called in vain at the rate of exchange of the risk "
    "acted on. Treating nobody is the straight line at 0. A detector below it or below treating "
    "everybody is worth nothing there (Vickers and Elkin 2006)."
)
