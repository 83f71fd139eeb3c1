"""300 people who wrote on depression and on worry: who is found again, and what is still told?

What a person wrote on the one question is what an attacker knows of her, what she wrote on the
other is released; the two stand for two visits, which the corpus says of itself. So one study
shows risk and use of the same people's words, against the same undefended release.
"""

from __future__ import annotations

from running import PROJECT, corpus, run, show

PARTS = (
    *("rank1", "advantage", "people-exposed", "rank1-worst", "over-best-single"),
    *("auroc", "auroc-change", "balanced-accuracy", "identity-share", "leaks-found"),
)


def main() -> None:
    """Run the study and print its figures."""
    corpus("csv", "phq9_gad7_text/dep_wor.csv", "phq9_gad7_questions")
    words = {"use": "text/anonymise", "level": 2}
    scales = {"use": "scales/anonymise", "level": 2, "k": 5}
    dossier = run(
        "phq9_gad7_questions",
        release=[
            {"name": "level-2", "steps": [words, scales]},
            {"name": "unsmoothed", "steps": [{**words, "smooth": False}, scales]},
            {"name": "measures", "steps": [{"use": "text/measures"}, scales]},
        ],
        attack={"use": ["all"]},
        utility={
            "use": ["detect/phq9>=10", "detect/gad7>=10", "severity/phq9"],
            "modalities": ["text"],
        },
    )
    show(dossier.rows, *PARTS)
    for verdict in dossier.judgement.releases:
        print(f"{verdict.decision}: {verdict.sentence}")
    print(f"report: {PROJECT / 'runs' / 'phq9_gad7_questions' / 'run' / 'report.html'}")


if __name__ == "__main__":
    main()
