"""A made-up study with everything that is asked of a release: joined attacks, people, groups."""

from __future__ import annotations

from dataclasses import replace

from tests.report.dossiers import POLICY, TASK, around, dossier_of, filled

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate, advantage, clopper_pearson
from mindveil.evidence.policy import Limits
from mindveil.evidence.scorecard import Row

PEOPLE = 400
KINDS = ("text", "voice", "face", "scales")
STEPS: dict[str, tuple[str, ...]] = {
    "original": (),
    "half": ("text/anonymise level 3", "face/anonymise level 3", "scales/anonymise level 3"),
    "whole": ("text/anonymise level 3", "voice/anonymise level 3", "scales/anonymise level 3"),
}
ALONE: dict[str, tuple[float, float, float, float]] = {
    "original": (0.67, 0.96, 0.97, 0.99),
    "half": (0.03, 0.41, 0.02, 0.02),
    "whole": (0.01, 0.02, 0.01, 0.01),
}
TOGETHER = {"original": 1.0, "half": 0.55, "whole": 0.03}
USE = {"original": (0.86, 0.0), "half": (0.85, -0.01), "whole": (0.84, -0.02)}
CONTEXTS = {
    "controlled": Limits(max_match=0.2, max_advantage=0.2, min_risk_reduction=0.5),
    "internal": Limits(max_match=0.33, max_advantage=0.33, min_risk_reduction=0.0),
}


def hit(share: float, n: int = PEOPLE) -> Estimate:
    """Return a share of people with its exact interval."""
    return clopper_pearson(round(share * n), n)


def fused_rows(release: str) -> list[Row]:
    """Return what one attacker who holds everything reaches, with and without each recording."""
    base = Row(release=release, kind="attack", measure="fused/linkage", modality="fused",
               attacker="semi-informed", seed=7)  # fmt: skip
    all_of, note = TOGETHER[release], "tier: trained; N = 100; L = 1"
    found = [
        replace(filled(base, hit(all_of), "rank1", note), baseline=0.01, control=0.012),
        filled(base, advantage(hit(all_of), hit(0.01)), "advantage", note),
        replace(filled(base, hit(all_of, 40), "rank1-unusual", note), baseline=0.01),
    ]
    best = max(range(4), key=lambda i: ALONE[release][i])
    for i, kind in enumerate(KINDS):
        share = ALONE[release][i]
        rest = max([0.0, *(a for j, a in enumerate(ALONE[release]) if j != i)])
        found += [
            filled(base, hit(share), f"rank1@{kind} alone", note),
            filled(base, hit(min(rest, all_of)), f"rank1@without {kind}", note),
            filled(base, around(all_of - min(rest, all_of), 0.02, PEOPLE), f"lost-without@{kind}",
                   f"rank1 of the same people: {all_of:.3f} by all; {note}"),
        ]  # fmt: skip
    found.append(
        filled(base, around(all_of - ALONE[release][best], 0.015, PEOPLE),
               f"over-best-single@{KINDS[best]}", note)
    )  # fmt: skip
    return found + curve_rows(base, all_of, note)


def curve_rows(base: Row, all_of: float, note: str) -> list[Row]:
    """Return the risk against the number of candidates."""
    found = []
    for size in (5, 10, 20, 50, 200):
        share = min(1.0, all_of * (1.3 - 0.1 * size**0.5 / 4))
        found += [
            replace(filled(base, hit(share), f"rank1-at@N={size}", note), baseline=1 / size),
            filled(base, hit(0.8 * share), f"singling-out@N={size}", note),
        ]
    return found


def voice_rows(release: str) -> list[Row]:
    """Return what one recording and what six of a voice give away."""
    base = Row(release=release, kind="attack", measure="voice/speaker-linkage", modality="voice",
               attacker="semi-informed", seed=7, baseline=0.01)  # fmt: skip
    share = ALONE[release][1]
    return [
        filled(base, hit(share), "rank1", "tier: trained; N = 100; L = 1"),
        filled(base, hit(min(1.0, 1.2 * share)), "rank1", "tier: trained; N = 100; L = 6"),
    ]


def people_rows(release: str) -> list[Row]:
    """Return how the risk is spread over people and over groups of them."""
    base = Row(release=release, kind="attack", measure="fused/linkage", modality="fused",
               attacker="semi-informed", seed=7)  # fmt: skip
    risk = TOGETHER[release]
    top = Estimate(value=min(1.0, 2 * risk), low=risk, high=min(1.0, 2.4 * risk), n=PEOPLE)
    found = [
        filled(base, around(risk / 2, risk / 8, PEOPLE), "person-risk@median"),
        filled(base, top, "person-risk@p95"),
        filled(base, Estimate(value=top.value, low=risk, high=1.0, n=PEOPLE), "person-risk@worst"),
        filled(base, hit(risk / 2), "people-above@0.09"),
        filled(base, hit(risk / 2), "people-above@limit"),
        filled(base, hit(risk / 6), "people-exposed"),
    ]
    for kind, group in (("sex", "f"), ("age", "60 or over")):
        found += [
            filled(base, hit(min(1.0, 1.3 * risk), 90), f"rank1-worst@{kind}",
                   f"{kind} = {group}; the worst of 2"),
            filled(base, around(0.3 * risk, 0.06, 90), f"rank1-gap@{kind}",
                   f"{kind}: {group} minus m; the widest gap of 2"),
        ]  # fmt: skip
    return found


def cross_rows(release: str) -> list[Row]:
    """Return whether one recording leads to another of the same person."""
    base = Row(release=release, kind="attack", measure="fused/cross-modal", modality="fused",
               attacker="lazy-informed", seed=7, baseline=0.01)  # fmt: skip
    shares = {"voice to text": 0.2, "voice to face": 0.1, "text to scales": 0.05}
    return [
        filled(base, hit(TOGETHER[release] * share, 100), f"rank1@{way}", "tier: light; N = 31")
        for way, share in shares.items()
    ]


def use_rows(release: str) -> list[Row]:
    """Return a detector's figures: ranking, groups, calibration and decisions."""
    auroc, change = USE[release]
    base = Row(release=release, kind="utility", measure=TASK, modality="fused", seed=7)
    found = [
        replace(filled(base, around(auroc, 0.04, PEOPLE), "auroc", "guessing reaches 0.500"),
                baseline=0.86),
        filled(base, around(change, 0.02, PEOPLE), "auroc-change", "paired"),
        replace(filled(base, around(auroc - 0.1, 0.07, 90), "auroc-worst@sex",
                       "sex = f; the worst of 2"), baseline=0.8),
        filled(base, around(0.1, 0.06, 90), "auroc-gap@sex", "sex: m minus f; the widest of 2"),
    ]  # fmt: skip
    for part in range(1, 6):
        seen = hit(min(1.0, 0.19 * part - 0.1), 80)
        found.append(
            replace(filled(base, seen, f"calibration@{part}"), baseline=0.18 * part - 0.08)
        )
    for at in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
        found += [
            replace(filled(base, around(0.3 - 0.4 * at, 0.04, PEOPLE), f"net-benefit@{at:g}"),
                    baseline=0.31 - 0.4 * at),
            filled(base, around(0.32 - at, 0.04, PEOPLE), f"net-benefit-all@{at:g}"),
        ]  # fmt: skip
    return found


def validity_rows() -> list[Row]:
    """Return whether the figures can be believed."""
    base = Row(release="original", kind="utility", measure="identity/phq9>=10", modality="fused")
    talk = replace(base, measure="interviewer/phq9>=10", modality="text")
    twin = replace(base, measure="contamination/voice", modality="voice")
    files = Row(release="whole", kind="attack", measure="release/leaks", modality="files",
                attacker="ignorant", unit="file")  # fmt: skip
    return [
        filled(base, around(0.9, 0.03, PEOPLE), "auroc-overlapping"),
        filled(base, around(0.85, 0.03, PEOPLE), "auroc-disjoint"),
        filled(base, around(0.05, 0.02, PEOPLE), "identity-share"),
        filled(talk, around(0.8, 0.04, PEOPLE), "auroc-participant"),
        filled(talk, around(0.55, 0.05, PEOPLE), "auroc-interviewer"),
        filled(talk, around(0.01, 0.02, PEOPLE), "interviewer-share"),
        filled(twin, hit(0.0), "duplicates"),
        replace(filled(files, hit(0.0, 800), "leaks-found", "no leak found"), baseline=0.0),
    ]


def rows(releases: tuple[str, ...] = tuple(STEPS)) -> list[Row]:
    """Return the whole scorecard."""
    found: list[Row] = []
    for release in releases:
        found += [*fused_rows(release), *people_rows(release), *cross_rows(release)]
        found += [*voice_rows(release), *use_rows(release)]
    return found + validity_rows()


def swept() -> Dossier:
    """Return the study with a sweep of twelve points beside it."""
    found, steps = rows(), dict(STEPS)
    for i in range(12):
        name = f"half~level={i}"
        steps[name] = STEPS["half"]
        risk = 0.5 / (i + 1)
        for r in rows(("half",)):
            if (r.metric, r.measure, r.note[-5:]) == ("rank1", "fused/linkage", "L = 1"):
                found.append(filled(replace(r, release=name), hit(risk), "rank1", r.note))
            elif r.metric == "auroc":
                use = around(0.86 - 0.01 * i, 0.03, PEOPLE)
                found.append(filled(replace(r, release=name), use, "auroc", r.note))
    return dossier_of(found, steps, replace(POLICY, others=CONTEXTS))


def coevaluated() -> Dossier:
    """Return the finished study."""
    return dossier_of(rows(), STEPS, replace(POLICY, others=CONTEXTS))
