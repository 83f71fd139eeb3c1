"""DASS-42, 4,091 adults: synthetic tables, what they still tell, and whom they give away.

Each release is fitted to 3 of 5 parts of the people, trained on and tested on real people whom it
never saw, and attacked by somebody who holds another part; the parts rotate and are drawn anew.
``--repeats 10`` is the whole study (hours of one core); ``--releases`` picks among them.
"""

from __future__ import annotations

import argparse
import shutil

from running import PROJECT, corpus, run, show

from mindveil.attack.base import SYNTHETIC
from mindveil.catalog import ATTACKS

RELEASES = {
    "copula": {"use": "synthesise/copula"},
    "dp-copula-3": {"use": "synthesise/dp-copula", "epsilon": 3.0},
    "dp-copula-1.5": {"use": "synthesise/dp-copula", "epsilon": 1.5},
    "dp-copula-1": {"use": "synthesise/dp-copula", "epsilon": 1.0},
    "dp-copula-0.7": {"use": "synthesise/dp-copula", "epsilon": 0.7},
    "gan": {"use": "synthesise/gan"},
    "dp-gan-3": {"use": "synthesise/dp-gan", "epsilon": 3.0},
    "dp-marginals-3": {"use": "synthesise/dp-marginals", "epsilon": 3.0},
}
SCALES = ("dass42.depression>=14", "dass42.anxiety>=10")
FIGURES = (
    *("accuracy", "balanced-accuracy", "auroc"),
    *("accuracy-change", "balanced-accuracy-change", "auroc-change"),
    *("alpha-change", "r-change", "prevalence-change", "congruence", "detectability"),
    *("success", "advantage", "advantage-unusual", "auc", "rows-found"),
    *("epsilon", "delta", "advantage-permitted"),
)


def main() -> None:
    """Run the study and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--releases", nargs="+", choices=list(RELEASES), default=list(RELEASES))
    options = parser.parse_args()
    study = "dass42_synthetic"
    if not (PROJECT / "runs" / study / "corpus").is_dir():
        made = corpus("csv", "tabular/dass42_adults.csv", "dass42_adults")
        shutil.copytree(made, PROJECT / "runs" / study / "corpus")
    dossier = run(
        study,
        split={"repeats": options.repeats},
        release=[{"name": name, "steps": [RELEASES[name]]} for name in options.releases],
        attack={"use": [name for name in ATTACKS if name.startswith(SYNTHETIC)]},
        utility={
            "use": [
                *(f"{family}/{s}" for family in ("detect", "rest", "screener") for s in SCALES),
                "psychometrics/dass42",
            ],
            "modalities": ["scales"],
            "margin": 0.015,
        },
        policy={"context": "open", "max_advantage": 0.08, "min_risk_reduction": 0.92},
    )
    show(dossier.rows, *FIGURES)
    for verdict in dossier.judgement.releases:
        print(f"{verdict.decision}: {verdict.sentence}")
    print(f"report: {PROJECT / 'runs' / study / 'run' / 'report.html'}")


if __name__ == "__main__":
    main()
