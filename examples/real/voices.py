"""RAVDESS and speechocean: who is found again by the voice, and what emotion is left?

RAVDESS: 12 actors, two sentences; one sentence is what the attacker knows, the other what is
released, so that no sentence is on both sides. The attackers of RAVDESS may also learn from the
readers of speechocean: twelve people would leave them too few. speechocean: 39 people read ten
different sentences each; the first five are known, the others released.
"""

from __future__ import annotations

from running import PROJECT, corpus, run, show

PARTS = ("rank1", "eer", "linkability", "singling-out", "uar", "recall", "between", "within", "wer")


def main() -> None:
    """Run both studies and print their figures."""
    public = corpus("audio-folders", "speechocean", "speechocean")
    corpus("ravdess", "ravdess_speech_16k", "ravdess")
    mcadams = {"name": "mcadams", "steps": [{"use": "voice/mcadams"}]}
    level_2 = {"name": "level-2", "steps": [{"use": "voice/anonymise", "level": 2}]}
    ravdess = run(
        "ravdess",
        split={"folds": 6},
        release=[mcadams, level_2],
        attack={
            "use": ["voice/speaker-linkage"],
            "recordings": [1, 5],
            "public": str(public),
        },
        utility={"use": ["recognition/voice", "retention/voice"]},
    )
    show(ravdess.rows, *PARTS)
    speechocean = run(
        "speechocean",
        release=[level_2],
        attack={"use": ["voice/speaker-linkage"], "recordings": [1, 5]},
        utility={"use": ["retention/voice"]},
    )
    show(speechocean.rows, *PARTS)
    for dossier in (ravdess, speechocean):
        for verdict in dossier.judgement.releases:
            print(f"{verdict.decision}: {verdict.sentence}")
    print(f"reports: {PROJECT / 'runs'}/{{ravdess,speechocean}}/run/report.html")


if __name__ == "__main__":
    main()
