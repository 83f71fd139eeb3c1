"""Score sheets made by hand."""

from __future__ import annotations

from mindveil.suite.score_sheet import (
    DefenceSheet,
    Figure,
    ScoreSheet,
    SuiteSheet,
    TrackSheet,
)

LINKAGE = "text/authorship"
QUESTION = "detect/phq9>=10"
ALL = ("ignorant", "lazy-informed", "semi-informed")


def figure(defence: str, metric: str, value: float, reach: float = 0.05, **more: object) -> Figure:
    """Return a figure of an attack with an interval so wide to either side."""
    told: dict[str, object] = {
        "defence": defence,
        "kind": "attack",
        "measure": LINKAGE,
        "modality": "text",
        "attacker": "ignorant",
        "metric": metric,
        "value": value,
        "low": value - reach,
        "high": value + reach,
        "n": 100,
        "baseline": 0.05,
        "control": 0.05,
        "unit": "person",
        "status": "ok",
        "label": "empirical",
        "note": "",
        "tier": "light",
        "cell": "0" * 32,
    }
    return Figure.model_validate({**told, **more})


def matched(defence: str, rank1: float, reach: float = 0.05, **more: object) -> list[Figure]:
    """Return what an attacker of linkage is told to have reached: rank-1, and above control."""
    gain = (rank1 - 0.05) / 0.95
    return [
        figure(defence, "rank1", rank1, reach, **more),
        figure(defence, "advantage", gain, reach, **more),
    ]


def unbelieved(defence: str, status: str, **more: object) -> Figure:
    """Return what is left of an attack that has no figure."""
    given = figure(defence, "", 0.0, **more).model_dump()
    empty = dict.fromkeys(("value", "low", "high", "n", "baseline", "control"))
    return Figure.model_validate({**given, **empty, "status": status})


def useful(defence: str, auroc: float, reach: float = 0.05) -> Figure:
    """Return the figure of the question that stands in the table."""
    what = {"kind": "utility", "measure": QUESTION, "attacker": "", "tier": None}
    return figure(defence, "auroc", auroc, reach, **what)


def track_of(figures: list[Figure], **more: object) -> TrackSheet:
    """Return a track in which every defence met all attackers."""
    names = list(dict.fromkeys(f.defence for f in figures))
    told: dict[str, object] = {
        "track": "text",
        "corpus": "few",
        "corpus_digest": "0" * 64,
        "people": 100,
        "lineup": 20,
        "seed": 5,
        "attacks": (LINKAGE,),
        "entered_attacks": (),
        "headline": QUESTION,
        "metric": "auroc",
        "defences": tuple(
            DefenceSheet(name=n, origin="reference", steps=(), attackers=ALL) for n in names
        ),
        "figures": tuple(figures),
    }
    return TrackSheet.model_validate({**told, **more})


def sheet_of(*tracks: TrackSheet) -> ScoreSheet:
    """Return a sealed sheet of an own suite."""
    suite = SuiteSheet(name="hand", version="1", digest="1" * 32, frozen=False, title="own")
    return ScoreSheet(
        format=1,
        suite=suite,
        made_with={"code": "c0de", "version numpy": "2.0"},
        tracks=tracks,
        not_run=(),
        digest="",
    ).sealed()
