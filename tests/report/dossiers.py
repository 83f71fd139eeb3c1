"""Made-up studies for the tests of the report: rows as the engine writes them, then judge()."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mindveil.evidence.dossier import CorpusFacts, Dossier, ReleaseFacts
from mindveil.evidence.estimate import Estimate, advantage, clopper_pearson
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Policy, judge

PEOPLE = 400
TASK = "detect/phq9>=10"
POLICY = Policy(
    context="open",
    max_match=0.09,
    max_advantage=0.10,
    min_risk_reduction=0.92,
    min_utility={TASK: {"auroc": 0.75}},
    margin=0.05,
)
STEPS: dict[str, tuple[str, ...]] = {
    "original": (),
    "redacted": ("text/redact", "scales/anonymise level 1"),
    "anonymised-2": ("text/anonymise level 2", "scales/anonymise level 2"),
    "k-anonymous": ("text/anonymise level 3", "scales/anonymise level 3, k = 10"),
    "scores-only": ("text removed", "scales/anonymise level 4"),
}
RANK1: dict[str, dict[str, tuple[float, float, float]]] = {
    "text/authorship": {
        "original": (0.62, 0.62, 0.66),
        "redacted": (0.41, 0.44, 0.47),
        "anonymised-2": (0.03, 0.06, 0.08),
        "k-anonymous": (0.01, 0.01, 0.012),
    },
    "scales/linkage": {
        "original": (0.91, 0.91, 0.91),
        "redacted": (0.70, 0.74, 0.77),
        "anonymised-2": (0.03, 0.04, 0.055),
        "k-anonymous": (0.005, 0.012, 0.026),
        "scores-only": (0.0, 0.0025, 0.0025),
    },
}
QUESTIONS = {
    "text/authorship": (("", 1.0),),
    "scales/linkage": (("@known answers: 7 + demographics", 1.0), ("@demographics alone", 0.4)),
}
SUCCESS: dict[str, dict[str, tuple[float, float]]] = {
    "scales/singling-out": {
        "original": (0.88, 0.02),
        "redacted": (0.43, 0.02),
        "anonymised-2": (0.09, 0.02),
        "k-anonymous": (0.01, 0.005),
        "scores-only": (0.0, 0.0),
    },
    "text/residual-identifiers": {
        "original": (0.97, 0.01),
        "redacted": (0.17, 0.01),
        "anonymised-2": (0.02, 0.01),
        "k-anonymous": (0.005, 0.005),
    },
}
UTILITY: dict[str, dict[str, tuple[float, float]]] = {
    "original": {"text": (0.816, 0.0), "scales": (0.838, 0.0), "fused": (0.861, 0.0)},
    "redacted": {"text": (0.812, -0.004), "scales": (0.838, 0.0), "fused": (0.858, -0.003)},
    "anonymised-2": {"text": (0.795, -0.021), "scales": (0.829, -0.009), "fused": (0.846, -0.015)},
    "k-anonymous": {"text": (0.744, -0.072), "scales": (0.809, -0.029), "fused": (0.828, -0.013)},
    "scores-only": {"scales": (0.834, -0.004), "fused": (0.834, -0.006)},
}


def filled(row: Row, seen: Estimate, metric: str, note: str = "") -> Row:
    """Return a row with a figure."""
    return replace(
        row, metric=metric, value=seen.value, low=seen.low, high=seen.high, n=seen.n, note=note
    )


def around(value: float, half: float, n: int) -> Estimate:
    """Return an estimate with a symmetric interval."""
    return Estimate(value=value, low=value - half, high=value + half, n=n)


def match_rows(release: str, n: int) -> list[Row]:
    """Return linkage figures of every attacker on one release."""
    found: list[Row] = []
    for measure, rates in RANK1.items():
        for attacker, rate in zip(
            ("ignorant", "lazy-informed", "semi-informed"), rates.get(release, ()), strict=False
        ):
            if (release, measure, attacker) == ("redacted", "text/authorship", "semi-informed"):
                continue
            base = Row(
                release=release, kind="attack", measure=measure, attacker=attacker, seed=7,
                modality=measure.partition("/")[0], baseline=0.0025, control=0.004,
            )  # fmt: skip
            tier = "trained" if attacker == "semi-informed" or release != "k-anonymous" else "light"
            tier = "light" if release == "k-anonymous" and measure == "text/authorship" else tier
            note = f"tier: {tier}; N = {n}; L = 1"
            for asked, share in QUESTIONS[measure]:
                found += match_figures(base, (rate * share, n), asked, note)
    return found


def match_figures(base: Row, reached: tuple[float, int], asked: str, note: str) -> list[Row]:
    """Return what one attacker reaches with one question."""
    rate, n = reached
    few = max(n // 10, 1)
    first = clopper_pearson(round(rate * n), n)
    rare = clopper_pearson(round(min(1.0, 1.2 * rate) * few), few)
    gain = advantage(first, clopper_pearson(1, n))
    alone = replace(base, baseline=0.0, control=None)
    found = [
        filled(base, first, f"rank1{asked}", note),
        filled(alone, gain, f"advantage{asked}", f"rank1 above its control; {note}"),
    ]
    if base.release != "anonymised-2":
        found.append(filled(replace(base, control=None), rare, f"rank1-unusual{asked}", note))
    if not asked:
        fifth = clopper_pearson(round(min(1.0, 2 * rate) * n), n)
        half = around(0.5 - rate / 2.5, 0.03, n)
        found += [filled(base, fifth, "rank5", note), filled(alone, half, "eer", note)]
    return found


def found_rows(release: str, n: int) -> list[Row]:
    """Return singling out and readable identifiers on one release."""
    found: list[Row] = []
    for measure, rates in SUCCESS.items():
        if release not in rates:
            continue
        rate, chance = rates[release]
        base = Row(
            release=release, kind="attack", measure=measure, modality=measure.partition("/")[0],
            baseline=0.0, control=chance, seed=7,
        )  # fmt: skip
        hit = clopper_pearson(round(rate * n), n)
        gain = advantage(hit, clopper_pearson(round(chance * n), n))
        found += [
            filled(base, hit, "success", "tier: trained"),
            replace(filled(base, gain, "advantage", "success above its control"), control=None),
        ]
        if measure == "text/residual-identifiers":
            found.append(filled(replace(base, control=None, baseline=None),
                                around(1 - rate / 2, 0.01, n), "recall-direct"))  # fmt: skip
    return found


def utility_rows(release: str, n: int) -> list[Row]:
    """Return detection and severity for each kind of recording on one release."""
    found: list[Row] = []
    for modality, (auroc, change) in UTILITY[release].items():
        base = Row(release=release, kind="utility", measure=TASK, modality=modality, seed=7)
        half = 0.8 / n**0.5
        told = f"baseline: trained on the originals; guessing reaches 0.500; {n // 3} cases of {n}"
        narrow = 0.02 if release != "anonymised-2" or modality != "text" else 0.034
        found += [
            replace(filled(base, around(auroc, half, n), "auroc", told), baseline=auroc - change),
            filled(base, around(auroc - 0.09, half, n), "accuracy", told),
            filled(base, around(auroc - 0.11, half, n), "balanced-accuracy", told),
            filled(base, around(auroc - 0.2, 1.6 * half, n), "sensitivity", told),
            filled(base, around(change, narrow, n), "auroc-change", "paired"),
        ]
        if modality == "fused":
            severe = replace(base, measure="severity/phq9")
            found += [
                filled(
                    severe, around(auroc - 0.26, 1.5 * half, n), "ccc", "guessing reaches 0.000"
                ),
                filled(severe, around(4.4 - auroc, 0.3, n), "mae"),
                filled(severe, around(1.1 * change, 0.022, n), "ccc-change", "paired"),
            ]
    return found


def special_rows() -> list[Row]:
    """Return what a real study has too: failures, small groups, the most unusual people."""
    text = Row(release="redacted", kind="attack", measure="text/authorship", modality="text")
    linked = Row(release="anonymised-2", kind="attack", measure="scales/linkage", modality="scales",
                 attacker="semi-informed")  # fmt: skip
    return [
        replace(text, attacker="semi-informed", status="invalid",
                note="under-trained: the ignorant attacker does better by 0.061 [0.020, 0.102]"),
        filled(linked, clopper_pearson(3, 8), "rank1-unusual@demographics alone"),
        Row(release="k-anonymous", kind="utility", measure="detect/gad7>=10", modality="fused",
            status="invalid", note="4 of 60 people are cases; at least 5 of either kind needed"),
    ]  # fmt: skip


def study_rows(n: int = PEOPLE) -> list[Row]:
    """Return a scorecard of five releases."""
    found: list[Row] = []
    for release in STEPS:
        found += [*match_rows(release, n), *found_rows(release, n), *utility_rows(release, n)]
    return found + special_rows()


def dossier_of(
    rows: list[Row], releases: dict[str, tuple[str, ...]] = STEPS, policy: Policy = POLICY
) -> Dossier:
    """Return a finished study of these rows."""
    return Dossier(
        study="phq9-interviews",
        seed=20261122,
        split="by person: 5 folds, 1 repeat; 3/5 released, 1/5 reference, 1/5 held out",
        corpus=CorpusFacts(
            name="Sample cohort", people=PEOPLE, sessions=2 * PEOPLE,
            modalities=("text", "scales"), tools=("phq9", "gad7"), language="en",
            synthetic=True, pseudo_sessions="", licence="CC0-1.0",
        ),
        releases=tuple(ReleaseFacts(name=n, steps=s) for n, s in releases.items()),
        policy=policy,
        rows=tuple(rows),
        judgement=judge(rows, tuple(releases), policy, date(2026, 3, 2)),
        questions={
            "text/authorship": "Can somebody who has another text of a person find their record "
            "by how they write or speak?",
            "scales/linkage": "Can somebody who knows some of a person's answers and background "
            "find their record?",
        },
        untested=(
            "face, voice: not in this corpus, or not read by this version",
            "What can be guessed about a person from the record (attribute inference).",
            "Attackers with language models of their own (tier: external).",
        ),
        provenance={
            "version mindveil": "0.1.0", "python": "3.11.9", "version numpy": "2.4.0",
            "corpus digest": "sha256:" + "3f9a0c7e" * 8, "study digest": "sha256:" + "b01dfa5c" * 8,
        },
    )  # fmt: skip


def study() -> Dossier:
    """Return the study that the pictures of the documentation could be made from."""
    return dossier_of(study_rows())


def small_study() -> Dossier:
    """Return a study of nine people: every figure must be withheld."""
    return dossier_of(study_rows(9))


def empty_study() -> Dossier:
    """Return a study in which nothing could be measured."""
    return dossier_of([])


def large_study(releases: int = 40) -> Dossier:
    """Return a study of many releases with long notes."""
    steps = {"original": STEPS["original"]}
    rows = [r for r in study_rows() if r.release == "original"]
    for i in range(releases):
        name = f"release-with-a-rather-long-name-{i:02}"
        steps[name] = STEPS["anonymised-2"]
        rows += [
            replace(r, release=name, note=r.note + "; a long remark" * 20)
            for r in study_rows()
            if r.release == "anonymised-2"
        ]
    return dossier_of(rows, steps)
