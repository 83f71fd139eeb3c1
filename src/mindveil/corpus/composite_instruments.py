"""Questionnaires that measure several things, whose total is the sum of subscales: DASS, HADS.

Their cut-offs belong to the subscales; the authors give none for the total.
"""

from __future__ import annotations

from mindveil.corpus.instrument_model import TOTAL, Construct, Instrument, Scale, bands, span


def _dass(name: str, construct: Construct, items: tuple[int, ...], starts: str) -> Scale:
    """Build a scale of the long or (7 items, doubled) the short form."""
    names = ("normal", "mild", "moderate", "severe", "extremely severe")
    bounds = tuple(zip((0, *map(int, starts.split())), names, strict=True))
    short = len(items) == 7
    return Scale(
        name=name,
        construct=construct,
        items=items,
        max_missing=1 if short else 2,
        multiplier=2 if short else 1,
        bands=bands(*bounds),
        cutoff=bounds[2][0],
    )


_DASS_PARTS = ("depression", "anxiety", "stress")
_DASS_SEVERITY = ("10 14 21 28", "8 10 15 20", "15 19 26 34")
_DASS_MANUAL = "Lovibond & Lovibond 1995, Manual for the DASS, 2nd ed., Psychology Foundation"
_DASS_CUT = f"{_DASS_MANUAL}; cut-off at moderate by custom, the authors give severity labels only"
_DASS42_ITEMS = (
    (3, 5, 10, 13, 16, 17, 21, 24, 26, 31, 34, 37, 38, 42),
    (2, 4, 7, 9, 15, 19, 20, 23, 25, 28, 30, 36, 40, 41),
    (1, 6, 8, 11, 12, 14, 18, 22, 27, 29, 32, 33, 35, 39),
)
_DASS21_ITEMS = ((3, 5, 10, 13, 16, 17, 21), (2, 4, 7, 9, 15, 19, 20), (1, 6, 8, 11, 12, 14, 18))
_DASS21_IN_42 = (
    *(22, 2, 3, 4, 42, 6, 41, 12, 40, 10, 39),
    *(8, 26, 35, 28, 31, 17, 18, 25, 20, 38),
)
_DASS_LABELS = (
    *("trivial upset", "dry mouth", "positive feeling", "breathing", "getting going"),
    *("over-reacting", "shakiness", "relaxing", "anxious situations", "looking forward"),
    *("easily upset", "nervous energy", "sadness", "impatience", "faintness"),
    *("lost interest", "low worth", "touchiness", "sweating", "groundless fear"),
    *("worth of life", "winding down", "swallowing", "enjoyment", "heart action"),
    *("low mood", "irritability", "near panic", "calming down", "fear of tasks"),
    *("enthusiasm", "interruptions", "tension", "worthlessness", "intolerance"),
    *("terror", "hopelessness", "meaning of life", "agitation", "panic worry"),
    *("trembling", "initiative"),
)

DASS42 = Instrument(
    key="dass42",
    name="Depression Anxiety Stress Scales (DASS-42)",
    construct="distress",
    labels=_DASS_LABELS,
    ranges=((0, 3),) * 42,
    scales=(
        Scale(name=TOTAL, construct="distress", items=span(1, 42), parts=_DASS_PARTS),
        _dass("depression", "depression", _DASS42_ITEMS[0], _DASS_SEVERITY[0]),
        _dass("anxiety", "anxiety", _DASS42_ITEMS[1], _DASS_SEVERITY[1]),
        _dass("stress", "stress", _DASS42_ITEMS[2], _DASS_SEVERITY[2]),
    ),
    missing="person mean of the scale for up to 2 of its 14 items (authors' DASS FAQ, item 27)",
    source=f"{_DASS_MANUAL}; Lovibond & Lovibond 1995, Behav Res Ther 33:335-343",
    cutoff_source=_DASS_CUT,
)

DASS21 = Instrument(
    key="dass21",
    name="Depression Anxiety Stress Scales, short form (DASS-21)",
    construct="distress",
    labels=tuple(_DASS_LABELS[item - 1] for item in _DASS21_IN_42),
    ranges=((0, 3),) * 21,
    scales=(
        Scale(name=TOTAL, construct="distress", items=span(1, 21), multiplier=2, parts=_DASS_PARTS),
        _dass("depression", "depression", _DASS21_ITEMS[0], _DASS_SEVERITY[0]),
        _dass("anxiety", "anxiety", _DASS21_ITEMS[1], _DASS_SEVERITY[1]),
        _dass("stress", "stress", _DASS21_ITEMS[2], _DASS_SEVERITY[2]),
    ),
    missing="person mean of the scale for 1 of its 7 items (authors' DASS FAQ, item 27)",
    source=f"{_DASS_MANUAL}; Henry & Crawford 2005, Br J Clin Psychol 44:227-239",
    cutoff_source=_DASS_CUT,
    parent="dass42",
    parent_items=_DASS21_IN_42,
    note="sums are doubled, so that the bands of the long form apply",
)

_HADS_BANDS = bands((0, "normal"), (8, "mild"), (11, "moderate"), (15, "severe"))
HADS = Instrument(
    key="hads",
    name="Hospital Anxiety and Depression Scale (HADS)",
    construct="distress",
    labels=(
        *("tension", "enjoyment", "foreboding", "humour", "worry", "cheerfulness", "ease"),
        *("slowing", "stomach nerves", "appearance", "restlessness", "anticipation"),
        *("panic", "pastimes"),
    ),
    ranges=((0, 3),) * 14,
    scales=(
        Scale(
            name=TOTAL,
            construct="distress",
            items=span(1, 14),
            parts=("anxiety", "depression"),
        ),
        Scale(
            name="anxiety",
            construct="anxiety",
            items=tuple(range(1, 15, 2)),
            max_missing=1,
            bands=_HADS_BANDS,
            cutoff=8,
        ),
        Scale(
            name="depression",
            construct="depression",
            items=tuple(range(2, 15, 2)),
            max_missing=1,
            bands=_HADS_BANDS,
            cutoff=8,
        ),
    ),
    missing="person mean of the subscale for 1 of its 7 items (usual convention; Bell et al. 2016, "
    "BMC Res Notes 9:479, would allow 3)",
    source="Zigmond & Snaith 1983, Acta Psychiatr Scand 67:361-370; Snaith 2003, Health Qual Life "
    "Outcomes 1:29",
    cutoff_source="Bjelland et al. 2002, J Psychosom Res 52:69-77; bands: Snaith & Zigmond 1994, "
    "HADS manual, NFER-Nelson",
    note="answers are the scores printed on the form (0 to 3, more is worse), so none is reversed",
)
