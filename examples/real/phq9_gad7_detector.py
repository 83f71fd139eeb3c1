"""Detectors of depression that leave the building, attacked: 300 people, free text.

One is learnt without a promise, two with one, from the same people. What a detector gives away is
set against its undefended twin: the same head on the same rows without noise.
"""

from __future__ import annotations

from running import PROJECT, corpus, run, show

from mindveil.catalog import MODEL_ATTACKS

TARGET = "phq9>=10"


def main() -> None:
    """Run the study and print its figures."""
    folder = corpus("csv", "phq9_gad7_text/dep_wor.csv", "phq9_gad7_text")
    private = {"use": "train/dp", "target": TARGET, "modality": "text", "method": "adassp"}
    dossier = run(
        "phq9_gad7_detector",
        corpus=str(folder),
        release=[
            {
                "name": f"epsilon-{epsilon}",
                "steps": [{**private, "epsilon": epsilon, "delta": 1e-4}],
            }
            for epsilon in (3.0, 1.0)
        ]
        + [
            {
                "name": "central",
                "steps": [{"use": "train/central", "target": TARGET, "modality": "text"}],
            }
        ],
        attack={"use": sorted(MODEL_ATTACKS)},
        utility={"use": [f"detect/{TARGET}", "severity/phq9"], "modalities": ["text"]},
    )
    show(dossier.rows, "advantage", "auc", "rank1", "rows-found", "exposure", "epsilon-lower")
    show(dossier.rows, "auroc", "auroc-change", "accuracy-decided", "coverage", "pearson-r")
    for verdict in dossier.judgement.releases:
        print(f"{verdict.decision:>14}  {verdict.sentence}")
    print(f"report: {PROJECT / 'runs' / 'phq9_gad7_detector' / 'run' / 'report.html'}")


if __name__ == "__main__":
    main()
