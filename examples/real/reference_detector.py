"""The plain detector that every better one stands beside: TF-IDF and logistic regression."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from mindveil.corpus.folds import Split, rotate
from mindveil.corpus.instruments import meets, parse_target
from mindveil.corpus.manifest import load_corpus
from mindveil.evidence.detection import Tested, measure_detection, pool
from mindveil.evidence.estimate import Estimate
from mindveil.features.cases import cases_of, sides_of
from mindveil.features.text import fit_words, joined
from mindveil.randomness import stream
from mindveil.utility.base import Predictions

SEED = 20261122
TARGETS = ("phq9>=10", "gad7>=10")


def reference(folder: Path, target: str, split: Mapping[str, int]) -> dict[str, Estimate]:
    """Return AUROC and accuracies of the plain detector over all folds."""
    corpus, goal = load_corpus(folder), parse_target(target)
    tested = []
    sides = sides_of(corpus, TARGETS)
    for fold in rotate(corpus.ids, Split(**split), SEED, sides):
        learn = cases_of(corpus.select(fold.released), goal.tool, goal.subscale)
        check = cases_of(corpus.select(fold.held_out), goal.tool, goal.subscale)
        words = fit_words(learn.documents)
        labels = meets(goal, learn.totals)
        head = LogisticRegression(max_iter=2000)  # C = 1: choosing it by fold spoils pooling
        head.fit(words.transform(joined(learn.documents)), labels)
        said = Predictions(
            ids=check.ids,
            truth=meets(goal, check.totals),
            predicted=head.predict_proba(words.transform(joined(check.documents)))[:, 1],
            guess=np.full(len(check.ids), labels.mean()),
        )
        tested.append(Tested(repeat=fold.repeat, released=said, original=said))
    found = measure_detection(pool(tested), stream(SEED, "reference", target))
    wanted = ("auroc", "accuracy", "balanced-accuracy")
    return {m.metric: m.estimate for m in found if m.metric in wanted}
