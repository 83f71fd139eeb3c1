"""DASS-42, 4,091 adults: what a table of answers gives away, and what k-anonymity does not hide.

Prints the undefended risk, the risk at k = 5 with background alone and with 7 known answers, what
the same attacks find of fresh people who are in no release, and how well depression and anxiety
are told from the items of the other scales and background.
"""

from __future__ import annotations

from fresh_people import fresh
from running import PROJECT, corpus, figure, run, show


def main() -> None:
    """Run the study and print its figures."""
    corpus("csv", "tabular/dass42_adults.csv", "dass42_adults")
    dossier = run(
        "dass42_adults",
        release=[{"name": "k5", "steps": [{"use": "scales/anonymise", "level": 2, "k": 5}]}],
        attack={"use": ["scales/linkage", "scales/singling-out"]},
        utility={
            "use": ["detect/dass42.depression>=14", "detect/dass42.anxiety>=10"],
            "modalities": ["scales"],
        },
    )
    show(dossier.rows, "rank1", "success", "accuracy", "balanced-accuracy", "auroc", "auroc-change")
    print("fresh people, in no record (each paired at random with one):")
    for name, found, control in fresh(PROJECT / "runs" / "dass42_adults" / "corpus"):
        half = (found.high - found.low) / 2
        inside = found.low <= control.value <= found.high
        print(
            f"  {name}: {figure(found)}, half-width {half:.4f}; "
            f"control {figure(control)}; inside: {inside}"
        )
    for verdict in dossier.judgement.releases:
        print(f"{verdict.decision}: {verdict.sentence}")
    print(f"report: {PROJECT / 'runs' / 'dass42_adults' / 'run' / 'report.html'}")


if __name__ == "__main__":
    main()
