"""A made-up study with a private detector and its twin, for the tests of the report."""

from __future__ import annotations

from tests.report.synthetic import attack, row

STEPS = {
    "original": (),
    "masked": ("scales/anonymise (level 2)",),
    "dp": ("train/dp (target phq9>=10, epsilon 3.0)",),
    "dp.undefended": ("train/central (target phq9>=10, method ridge)",),
}
TASK = "detect/phq9>=10"
PROMISED = (
    "neighbour: one person more or less; Gaussian differential privacy; one Gaussian sum of the "
    "moments of 4 columns and the severity"
)
AUDIT = "power: an ideal attacker of epsilon 3 shows 0.58; 3.24 is the most that can be shown"


def taught(release, gain, right):
    """Return what attackers reach on one detector, and what its training shows."""
    inversion, audit = "model/inversion", "model/one-run-audit"
    answer = "@answer alone"
    return [
        attack(release, "model/membership-lira", "advantage", gain, note="tier: trained"),
        attack(release, "model/membership-lira", "advantage@offline, 64 shadows", gain - 0.02),
        attack(release, inversion, "rank1", right, baseline=0.01, control=0.01),
        attack(release, inversion, "advantage", right - 0.01),
        attack(release, inversion, "rank1-unusual", right, n=30),
        attack(release, inversion, f"rank1{answer}", 0.9, baseline=0.01),
        attack(release, inversion, f"advantage{answer}", 0.89),
        attack(release, inversion, f"rank1-unusual{answer}", 0.97, n=30),
        attack(release, "model/exposure", "exposure@1", 1.5, n=80, note="canaries, not people"),
        attack(release, audit, "epsilon-lower", 0.48, low=0.0, high=3.24, n=100, note=AUDIT),
        attack(release, "model/property-inference", "accuracy", 0.8, n=1000),
        attack(
            release, "model/property-inference", "advantage", 0.6, n=1000,
            note="n counts models, not people; tier: trained; share of cases",
        ),
    ]  # fmt: skip


def detecting(refuted=0.0):
    """Return a study of records, a detector that promises something, and its twin."""
    return [
        *(attack(r, "scales/linkage", "rank1", 0.5, control=0.01) for r in ("original", "masked")),
        *(attack(r, "scales/linkage", "advantage", 0.49) for r in ("original", "masked")),
        *taught("dp", 0.04, 0.02),
        *taught("dp.undefended", 0.5, 0.95),
        attack(
            "dp", "model/one-run-audit", "claim-refuted", refuted, low=refuted, high=refuted,
            n=100, note="no power: so few cannot" if not refuted else "the guarantee is refuted",
        ),
        *(row(name, TASK, "auroc", 0.8, modality="text") for name in STEPS),
        *(row(n, TASK, "auroc-change", 0.0, modality="text") for n in STEPS),
        *(
            row("dp", "train/dp", metric, value, kind="guarantee", low=value, high=value,
                unit="person", label="proved", note=PROMISED)
            for metric, value in (("epsilon", 3.0), ("delta", 1e-5), ("advantage-permitted", 0.3))
        ),
    ]  # fmt: skip
