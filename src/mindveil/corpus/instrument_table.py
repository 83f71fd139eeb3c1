"""The questionnaires Mindveil can score: one entry each, with the sources of every number.

Checked against the papers named beside the numbers. Where authors publish no rule for missing
answers, the entry says so and follows the usual convention: nothing beyond a fifth of a scale's
items is filled in.
"""

from __future__ import annotations

import difflib
import re

from mindveil.corpus.composite_instruments import DASS21, DASS42, HADS
from mindveil.corpus.instrument_model import TOTAL, Instrument, Scale, bands, span
from mindveil.errors import InputError

_FIFTH = (
    "no rule by the authors; usual convention: person mean for up to a fifth of the items "
    "(Downey & King 1998, J Gen Psychol 125:175-191)"
)
_COMPLETE = "no rule by the authors; scored only when every symptom item is answered"
_PHQ_LABELS = (
    "anhedonia",
    "low mood",
    "sleep",
    "fatigue",
    "appetite",
    "self-worth",
    "concentration",
    "psychomotor change",
    "self-harm thoughts",
)
_GAD_LABELS = (
    "nervousness",
    "worry control",
    "worry breadth",
    "relaxing",
    "restlessness",
    "irritability",
    "dread",
)


_FOUR_LEVELS = bands((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe"))
_FIVE_LEVELS = bands(
    (0, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately severe"), (20, "severe")
)
_SCREEN_3 = bands((0, "below cut-off"), (3, "positive screen"))

PHQ9 = Instrument(
    key="phq9",
    name="Patient Health Questionnaire, 9 items (PHQ-9)",
    construct="depression",
    labels=_PHQ_LABELS,
    ranges=((0, 3),) * 9,
    scales=(
        Scale(
            name=TOTAL,
            construct="depression",
            items=span(1, 9),
            max_missing=2,
            bands=_FIVE_LEVELS,
            cutoff=10,
        ),
    ),
    missing="person mean for up to 2 items (Arrieta et al. 2017, J Clin Psychol 73:1076-1090)",
    source="Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606-613",
    cutoff_source="Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606-613",
)

PHQ8 = Instrument(
    key="phq8",
    name="Patient Health Questionnaire, 8 items (PHQ-8)",
    construct="depression",
    labels=_PHQ_LABELS[:8],
    ranges=((0, 3),) * 8,
    scales=(
        Scale(
            name=TOTAL,
            construct="depression",
            items=span(1, 8),
            max_missing=1,
            bands=_FIVE_LEVELS,
            cutoff=10,
        ),
    ),
    missing=_FIFTH,
    source="Kroenke et al. 2009, J Affect Disord 114:163-173",
    cutoff_source="Kroenke et al. 2009, J Affect Disord 114:163-173",
    parent="phq9",
    parent_items=span(1, 8),
)

PHQ2 = Instrument(
    key="phq2",
    name="Patient Health Questionnaire, 2 items (PHQ-2)",
    construct="depression",
    labels=_PHQ_LABELS[:2],
    ranges=((0, 3),) * 2,
    scales=(Scale(name=TOTAL, construct="depression", items=(1, 2), bands=_SCREEN_3, cutoff=3),),
    missing=_COMPLETE,
    source="Kroenke, Spitzer & Williams 2003, Med Care 41:1284-1292",
    cutoff_source="Kroenke, Spitzer & Williams 2003, Med Care 41:1284-1292",
    parent="phq9",
    parent_items=(1, 2),
)

GAD7 = Instrument(
    key="gad7",
    name="Generalized Anxiety Disorder scale, 7 items (GAD-7)",
    construct="anxiety",
    labels=_GAD_LABELS,
    ranges=((0, 3),) * 7,
    scales=(
        Scale(
            name=TOTAL,
            construct="anxiety",
            items=span(1, 7),
            max_missing=1,
            bands=_FOUR_LEVELS,
            cutoff=10,
        ),
    ),
    missing=_FIFTH,
    source="Spitzer et al. 2006, Arch Intern Med 166:1092-1097",
    cutoff_source="Spitzer et al. 2006, Arch Intern Med 166:1092-1097",
)

GAD2 = Instrument(
    key="gad2",
    name="Generalized Anxiety Disorder scale, 2 items (GAD-2)",
    construct="anxiety",
    labels=_GAD_LABELS[:2],
    ranges=((0, 3),) * 2,
    scales=(Scale(name=TOTAL, construct="anxiety", items=(1, 2), bands=_SCREEN_3, cutoff=3),),
    missing=_COMPLETE,
    source="Kroenke et al. 2007, Ann Intern Med 146:317-325",
    cutoff_source="Kroenke et al. 2007, Ann Intern Med 146:317-325",
    parent="gad7",
    parent_items=(1, 2),
)

PCL5 = Instrument(
    key="pcl5",
    name="PTSD Checklist for DSM-5 (PCL-5)",
    construct="ptsd",
    labels=(
        *("memories", "nightmares", "flashbacks", "cue distress", "cue arousal"),
        *("avoiding thoughts", "avoiding reminders", "memory gaps", "negative beliefs"),
        *("blame", "negative feelings", "interest", "detachment", "numbness", "anger"),
        *("risk taking", "vigilance", "startle", "concentration", "sleep"),
    ),
    ranges=((0, 4),) * 20,
    scales=(
        Scale(
            name=TOTAL,
            construct="ptsd",
            items=span(1, 20),
            max_missing=4,
            bands=bands((0, "below cut-off"), (31, "probable PTSD")),
            cutoff=31,
        ),
        Scale(name="intrusion", construct="ptsd", items=span(1, 5), max_missing=1),
        Scale(name="avoidance", construct="ptsd", items=span(6, 7)),
        Scale(name="mood", construct="ptsd", items=span(8, 14), max_missing=1),
        Scale(name="arousal", construct="ptsd", items=span(15, 20), max_missing=1),
    ),
    missing=_FIFTH,
    source="Weathers et al. 2013, National Center for PTSD; Blevins et al. 2015, "
    "J Trauma Stress 28:489-498",
    cutoff_source="Bovin et al. 2016, Psychol Assess 28:1379-1391 (31 to 33; the lower end here)",
    note="no severity bands are published; subscales are the DSM-5 clusters B to E",
)

_MDQ_SYMPTOMS = span(1, 13)
MDQ = Instrument(
    key="mdq",
    name="Mood Disorder Questionnaire (MDQ)",
    construct="bipolar",
    labels=(
        *("elation", "irritability", "confidence", "less sleep", "talkativeness"),
        *("racing thoughts", "distraction", "energy", "activity", "sociability"),
        *("libido", "risk taking", "spending", "co-occurrence", "problem level"),
    ),
    ranges=((0, 1),) * 14 + ((0, 3),),
    extras=2,
    scales=(
        Scale(
            name=TOTAL,
            construct="bipolar",
            items=_MDQ_SYMPTOMS,
            bands=bands((0, "fewer than 7 symptoms"), (7, "7 or more symptoms")),
            cutoff=7,
        ),
        Scale(
            name="screen",
            construct="bipolar",
            items=span(1, 15),
            rule="mdq",
            bands=bands((0, "negative screen"), (1, "positive screen")),
            cutoff=1,
        ),
    ),
    missing="no rule by the authors; the symptom count needs all 13 answers, the screen is given "
    "where the missing answers cannot change it",
    source="Hirschfeld et al. 2000, Am J Psychiatry 157:1873-1875",
    cutoff_source="Hirschfeld et al. 2000, Am J Psychiatry 157:1873-1875",
    note="mdq_14 several at the same time (0 no, 1 yes); mdq_15 problem (0 none, 1 minor, "
    "2 moderate, 3 serious); the screen is positive with 7 symptoms or more, at the same time, and "
    "a problem of 2 or 3; as a target: mdq.screen>=1",
)

ASRM = Instrument(
    key="asrm",
    name="Altman Self-Rating Mania Scale (ASRM)",
    construct="bipolar",
    labels=("cheerfulness", "confidence", "sleep need", "talkativeness", "activity"),
    ranges=((0, 4),) * 5,
    scales=(
        Scale(
            name=TOTAL,
            construct="bipolar",
            items=span(1, 5),
            max_missing=1,
            bands=bands((0, "below cut-off"), (6, "probable mania or hypomania")),
            cutoff=6,
        ),
    ),
    missing="person mean for 1 item (American Psychiatric Association 2013, DSM-5 Level 2 Mania)",
    source="Altman et al. 1997, Biol Psychiatry 42:948-955",
    cutoff_source="Altman et al. 1997, Biol Psychiatry 42:948-955",
    note="the DSM-5 form numbers answers 1 to 5; subtract 1",
)

PQ16 = Instrument(
    key="pq16",
    name="Prodromal Questionnaire, 16 items (PQ-16)",
    construct="psychosis-risk",
    labels=(
        *("lost interest", "deja vu", "odd smells", "odd sounds", "reality confusion"),
        *("changed face", "social anxiety", "visions", "loud thoughts", "special meanings"),
        *("thought control", "distant sounds", "voices", "ill will", "felt presence"),
        "changed body",
        *(f"distress {item}" for item in range(1, 17)),
    ),
    ranges=((0, 1),) * 16 + ((0, 3),) * 16,
    extras=16,
    scales=(
        Scale(
            name=TOTAL,
            construct="psychosis-risk",
            items=span(1, 16),
            bands=bands((0, "below cut-off"), (6, "at risk")),
            cutoff=6,
        ),
        Scale(name="distress", construct="psychosis-risk", items=span(17, 32)),
    ),
    missing=_COMPLETE,
    source="Ising et al. 2012, Schizophr Bull 38:1288-1296",
    cutoff_source="Ising et al. 2012, Schizophr Bull 38:1288-1296",
    note="pq16_17 to pq16_32 are the optional distress ratings of items 1 to 16, 0 where an item "
    "was answered false",
)

PSS10 = Instrument(
    key="pss10",
    name="Perceived Stress Scale, 10 items (PSS-10)",
    construct="stress",
    labels=(
        *("unexpected upset", "lack of control", "nervous strain", "confidence"),
        *("going well", "not coping", "handling annoyances", "being on top"),
        *("anger", "piled-up difficulties"),
    ),
    ranges=((0, 4),) * 10,
    reverse=(4, 5, 7, 8),
    scales=(
        Scale(
            name=TOTAL,
            construct="stress",
            items=span(1, 10),
            max_missing=2,
            bands=bands((0, "low"), (14, "moderate"), (27, "high")),
        ),
    ),
    missing=_FIFTH,
    source="Cohen, Kamarck & Mermelstein 1983, J Health Soc Behav 24:385-396; Cohen & Williamson "
    "1988, in The Social Psychology of Health, 31-67",
    cutoff_source="bands by custom (0-13, 14-26, 27-40); the authors publish no cut-off",
)

CESD = Instrument(
    key="cesd",
    name="Center for Epidemiologic Studies Depression scale (CES-D)",
    construct="depression",
    labels=(
        *("being bothered", "appetite", "lasting blues", "equal worth", "concentration"),
        *("low mood", "effort", "hope", "failure", "fear", "sleep", "happiness"),
        *("talking less", "loneliness", "unfriendliness", "enjoyment", "crying"),
        *("sadness", "feeling disliked", "inertia"),
    ),
    ranges=((0, 3),) * 20,
    reverse=(4, 8, 12, 16),
    scales=(
        Scale(
            name=TOTAL,
            construct="depression",
            items=span(1, 20),
            max_missing=4,
            bands=bands((0, "below cut-off"), (16, "possible depression")),
            cutoff=16,
        ),
    ),
    missing=_FIFTH,
    source="Radloff 1977, Appl Psychol Meas 1:385-401",
    cutoff_source="Radloff 1977, Appl Psychol Meas 1:385-401; 20 separates better in Vilagut et "
    "al. 2016, PLoS One 11:e0155431",
)

BDI2 = Instrument(
    key="bdi2",
    name="Beck Depression Inventory, second edition (BDI-II)",
    construct="depression",
    labels=(
        *("low mood", "outlook", "failing", "pleasure", "guilt", "deserved punishment"),
        *("self-regard", "self-blame", "suicidality", "tears", "restlessness", "interest"),
        *("decisions", "worth", "energy", "sleep", "temper", "appetite", "focus"),
        *("fatigue", "libido"),
    ),
    ranges=((0, 3),) * 21,
    scales=(
        Scale(
            name=TOTAL,
            construct="depression",
            items=span(1, 21),
            max_missing=4,
            bands=bands((0, "minimal"), (14, "mild"), (20, "moderate"), (29, "severe")),
            cutoff=14,
        ),
    ),
    missing=_FIFTH,
    source="Beck, Steer & Brown 1996, BDI-II manual, Psychological Corporation",
    cutoff_source="Beck, Steer & Brown 1996, BDI-II manual; von Glischinski et al. 2019, Qual Life "
    "Res 28:1111-1118, find 13 in primary care and 19 in psychiatry",
    note="items 16 and 18 are entered as 0 to 3, without their letters a and b",
)

INSTRUMENTS: tuple[Instrument, ...] = (
    *(PHQ9, PHQ8, PHQ2, GAD7, GAD2, PCL5, MDQ, ASRM),
    *(PQ16, PSS10, CESD, DASS42, DASS21, HADS, BDI2),
)
_BY_KEY = {instrument.key: instrument for instrument in INSTRUMENTS}


def all_instruments() -> tuple[Instrument, ...]:
    """Return every instrument of the table, in the order of the documentation."""
    return INSTRUMENTS


def is_known(key: str) -> bool:
    """Whether the table has an instrument of this key."""
    return key in _BY_KEY


def get(key: str) -> Instrument:
    """Return an instrument by its key.

    >>> get("gad7").total_range()
    (0, 21)

    Raises:
        InputError: no such instrument; the message names the nearest keys and lists all.
    """
    if key in _BY_KEY:
        return _BY_KEY[key]
    plain = re.sub(r"[^a-z0-9]", "", key.lower())
    near = difflib.get_close_matches(plain, _BY_KEY, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise InputError(f"no questionnaire '{key}'; {hint}known are: {', '.join(_BY_KEY)}")
