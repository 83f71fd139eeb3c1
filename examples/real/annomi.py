"""AnnoMI: is a client found again by her words, before and after anonymisation?

Halves of one dialogue stand for two sessions (pseudo-sessions), so topic helps the attacker, and
133 dialogues share 119 videos, so that a few people may sit in two of them.
"""

from __future__ import annotations

from running import PROJECT, corpus, run, show


def main() -> None:
    """Run the study and print its figures."""
    corpus("annomi", "annomi/AnnoMI-simple.csv", "annomi")
    dossier = run(
        "annomi",
        release=[
            {"name": "level-1", "steps": [{"use": "text/anonymise", "level": 1}]},
            {"name": "level-2", "steps": [{"use": "text/anonymise", "level": 2}]},
        ],
        attack={"use": ["text/authorship"]},
    )
    show(dossier.rows, "rank1", "rank5", "eer")
    for verdict in dossier.judgement.releases:
        print(f"{verdict.decision}: {verdict.sentence}")
    print(f"report: {PROJECT / 'runs' / 'annomi' / 'run' / 'report.html'}")


if __name__ == "__main__":
    main()
