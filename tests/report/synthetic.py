"""A made-up study with synthetic releases, for the tests of the report."""

from __future__ import annotations

from dataclasses import replace

from mindveil.evidence.scorecard import Row

STEPS = {
    "original": (),
    "masked": ("scales/anonymise (level 2)",),
    "copula": ("synthesise/copula",),
    "private": ("synthesise/dp-copula (epsilon 1.0)",),
}
PROMISED = (
    "neighbour: one person more or less; Gaussian differential privacy; counts of answers: "
    "discrete Gaussian, 40% of rho; products of scores: discrete Gaussian, 60% of rho"
)
SECOND = "a second sample of as many real people shows -0.013 to 0.012"


def row(release, measure, metric, value, **fields):
    """Return a row with an interval of 0.01 on both sides."""
    blank = Row(
        release=release, kind="utility", measure=measure, modality="scales", metric=metric,
        value=value, low=value - 0.01, high=value + 0.01, n=300,
    )  # fmt: skip
    return replace(blank, **fields)


def attack(release, measure, metric, value, **fields):
    """Return a row of an attack."""
    return row(release, measure, metric, value, kind="attack", attacker="ignorant", **fields)


def measured(release, change, seen=0.9):
    """Return the psychometrics of a release whose alpha changed."""
    tool = "psychometrics/dass42"
    return [
        row(release, tool, "alpha@depression", seen, note="baseline: the original's figure"),
        row(release, tool, "alpha-change@depression", change, note=SECOND),
        row(release, tool, "r@depression~anxiety", 0.7),
        row(release, tool, "prevalence@depression>=14", 0.4),
        row(release, tool, "prevalence-change@depression>=14", 0.004, note=SECOND),
        row(release, tool, "congruence", 0.97, note=SECOND),
        row(release, tool, "detectability", 0.6, note=SECOND),
        row(release, tool, "ks@depression", 0.1),
    ]


def promised(release="private", label="proved"):
    """Return what was promised of a release."""
    figures = {"epsilon": 1.0, "delta": 1e-5, "advantage-permitted": 0.107}
    return [
        row(
            release, "synthesise/dp-copula", metric, value,
            kind="guarantee", low=value, high=value, unit="person", label=label, note=PROMISED,
        )
        for metric, value in figures.items()
    ]  # fmt: skip


def attacked():
    """Return attacks on records, and on records of nobody."""
    found = []
    for release in ("original", "masked"):
        found += [
            attack(release, "scales/linkage", "rank1", 0.5, control=0.01),
            attack(release, "scales/linkage", "advantage", 0.49),
        ]
    for release in ("original", "copula", "private"):
        found += [
            attack(release, "synthetic/linkage", "success", 0.3, control=0.29),
            attack(release, "synthetic/linkage", "advantage", 0.014),
            attack(release, "synthetic/linkage", "success-unusual", 0.8, n=30),
            attack(release, "synthetic/linkage", "advantage-unusual", 0.02, n=30),
            attack(release, "synthetic/linkage", "auc-unusual", 0.55, n=30),
        ]
    for release in ("copula", "private"):
        found.append(attack(release, "synthetic/stolen-model", "advantage", 0.2))
    return found
