"""Depression and anxiety from the free text of 300 people: 5 folds by person, 5 repeats.

Beside the best detector stands the plain one (TF-IDF over the eight joined columns and logistic
regression at its usual strength), measured on the same folds by the same code. Nothing is attacked here, so no reference people are set apart and four fifths teach.
"""

from __future__ import annotations

from reference_detector import TARGETS, reference
from running import PROJECT, corpus, figure, run, show

SPLIT = {"folds": 5, "repeats": 5, "reference": 0}


def main() -> None:
    """Run the study and print its figures."""
    folder = corpus("csv", "phq9_gad7_text/dep_wor.csv", "phq9_gad7_text")
    dossier = run(
        "phq9_gad7_text",
        split=SPLIT,
        release=[{"name": "level-2", "steps": [{"use": "text/anonymise", "level": 2}]}],
        attack={"use": []},
        utility={
            "use": [*(f"detect/{t}" for t in TARGETS), "severity/phq9", "severity/gad7"],
            "modalities": ["text"],
        },
    )
    show(dossier.rows, "auroc", "accuracy", "balanced-accuracy", "auroc-change", "ccc", "mae")
    print("the same folds, TF-IDF and logistic regression on the joined columns:")
    for target in TARGETS:
        for name, found in reference(folder, target, SPLIT).items():
            print(f"  {target:10} {name:18} {figure(found)}")
    print(f"report: {PROJECT / 'runs' / 'phq9_gad7_text' / 'run' / 'report.html'}")


if __name__ == "__main__":
    main()
