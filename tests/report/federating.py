"""A made-up study with federations, for the tests of the report."""

from __future__ import annotations

from dataclasses import replace

from tests.report.synthetic import attack, row

STEPS = {
    "original": (),
    "sites": ("train/federated (target phq9>=10)",),
    "alone": ("train/federated (target phq9>=10, split people)",),
    "sites.undefended": ("train/federated (target phq9>=10, secure False)",),
}
MEMBERSHIP, INVERSION = "updates/membership", "updates/gradient-inversion"
BACKGROUND, LIAR = "updates/attribute-inference", "updates/poisoning"
MASKED, OTHERS = "one masked message", "all but one collude"


def poisoned(release, lost):
    """Return what a client that lies does to one federation."""
    left = 0.8 - lost
    return [
        attack(release, LIAR, "auroc-lost", lost, note="54 cases; tier: trained; label flip"),
        attack(
            release, LIAR, "auroc-poisoned", left, control=0.8,
            note="54 cases; tier: trained; label flip",
        ),
        attack(release, LIAR, "auroc-lost@backdoor", 0.0, note="54 cases; tier: trained"),
        attack(release, LIAR, "backdoor-success@backdoor", 0.9, control=0.4),
    ]  # fmt: skip


def federating():
    """Return a study of the original, two federations, and the twin of one of them."""
    missing = attack("sites", BACKGROUND, "", 0.0, note="each of 5 clients has many people")
    blank = {"status": "invalid", "value": None, "low": None, "high": None, "n": None}
    return [
        attack("sites", MEMBERSHIP, "advantage", 0.2),
        attack("sites", MEMBERSHIP, f"advantage@{MASKED}", 0.0),
        attack("sites", MEMBERSHIP, f"advantage@{OTHERS}", 0.3),
        attack("sites", MEMBERSHIP, "advantage@sum of 4 clients", 0.22),
        attack("sites", MEMBERSHIP, "advantage-unusual", 0.9, n=30),
        attack("sites.undefended", MEMBERSHIP, "advantage", 0.6),
        attack("sites", INVERSION, "advantage", 0.02),
        attack("sites", INVERSION, "cosine", 0.9, control=0.899),
        attack("alone", INVERSION, "advantage", 0.01),
        attack("alone", INVERSION, f"rank1@{MASKED}", 0.01, baseline=0.01, control=0.01),
        attack("alone", INVERSION, f"advantage@{MASKED}", 0.0),
        attack("alone", INVERSION, f"rank1@{OTHERS}", 0.98, baseline=0.01, control=0.01),
        attack("alone", INVERSION, f"advantage@{OTHERS}", 0.97),
        attack("alone", INVERSION, f"cosine@{OTHERS}", 1.0, baseline=0.5),
        attack("alone", BACKGROUND, "advantage@sex", 0.1),
        replace(missing, **blank),
        *poisoned("sites", 0.05),
        *(row(name, "detect/phq9>=10", "auroc", 0.8, modality="text") for name in STEPS),
    ]
