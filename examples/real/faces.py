"""Yale and ORL: who is found again by the face, and which expression is still told?

Yale: 15 people; what the attacker knows are calm faces, what is released are expressions and other
light. ORL: 40 people; five pictures are known and five released.
"""

from __future__ import annotations

from running import PROJECT, corpus, run, show

PARTS = ("rank1", "eer", "linkability", "uar", "recall")
RELEASES = [
    {"name": "mask", "steps": [{"use": "face/mask"}]},
    {"name": "blur", "steps": [{"use": "face/blur", "share": 0.2}]},
    {"name": "level-2", "steps": [{"use": "face/anonymise", "level": 2}]},
]


def main() -> None:
    """Run both studies and print their figures."""
    corpus("image-folders", "yale_faces", "yale")
    corpus("image-folders", "orl_faces", "orl")
    attack = {"use": ["face/linkage"], "recordings": [1]}
    yale = run(
        "yale",
        release=RELEASES,
        attack={**attack, "public": "../orl/corpus"},
        utility={"use": ["recognition/face", "retention/face"]},
    )
    orl = run("orl", release=RELEASES[:2], attack=attack)
    for dossier in (yale, orl):
        show(dossier.rows, *PARTS)
        for verdict in dossier.judgement.releases:
            print(f"{verdict.decision}: {verdict.sentence}")
    print(f"reports: {PROJECT / 'runs'}/{{yale,orl}}/run/report.html")


if __name__ == "__main__":
    main()
