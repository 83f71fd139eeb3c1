"""What a synthetic table keeps: margins, scales, prevalence, factors, and what it predicts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, roc_auc_score

from mindveil.synthesise.codebook import Codebook, Codes, counts_of
from mindveil.utility.factors import congruence, loadings, simple, turned_to

Floats = NDArray[np.float64]
Figures = dict[str, float]


def fidelity(made: Codes, real: Codes, codebook: Codebook, cuts: Mapping[str, int]) -> Figures:
    """Return the table's own figures, and how far the worst of each kind is from the real ones."""
    found, true = scales(made, codebook, cuts), scales(real, codebook, cuts)
    away = {
        kind: max(abs(found[k] - true[k]) for k in found if k.startswith(kind))
        for kind in ("alpha", "r", "cases")
    }
    return {
        **{f"real {k}": v for k, v in true.items()},
        **found,
        "1-TV": 1 - total_variation(made, real, codebook),
        **{f"{kind} off": value for kind, value in away.items()},
        "congruence": factors_alike(made, real, codebook),
    }


def scales(codes: Codes, codebook: Codebook, cuts: Mapping[str, int]) -> Figures:
    """Return alpha of each scale, correlations between scales, and shares above the cut-offs."""
    scores = sums(codes, codebook)
    found: Figures = {}
    for name, members in codebook.blocks.items():
        found[f"alpha {name}"] = alpha(codes[:, members])
    for one, other in combinations(scores, 2):
        found[f"r {one}-{other}"] = correlation(scores[one], scores[other])
    for name, cut in cuts.items():
        found[f"cases {name}"] = float((scores[name] >= cut).mean())
    return found


def sums(codes: Codes, codebook: Codebook) -> dict[str, Floats]:
    """Return the sum score of each scale; a missing answer counts as the lowest."""
    return {
        name: np.maximum(codes[:, members], 0).sum(axis=1).astype(np.float64)
        for name, members in codebook.blocks.items()
    }


def alpha(items: Codes) -> float:
    """Return Cronbach's alpha; 0 where nobody differs."""
    whole = np.maximum(items, 0)
    total, count = whole.sum(axis=1).var(), items.shape[1]
    return float(count / (count - 1) * (1 - whole.var(axis=0).sum() / total)) if total else 0.0


def correlation(one: Floats, other: Floats) -> float:
    """Return Pearson's r; 0 where nobody differs."""
    return float(np.corrcoef(one, other)[0, 1]) if one.std() * other.std() > 0 else 0.0


def total_variation(made: Codes, real: Codes, codebook: Codebook) -> float:
    """Return the mean total variation of the margins."""
    pairs = zip(counts_of(made, codebook), counts_of(real, codebook), strict=True)
    return float(np.mean([np.abs(a / a.sum() - b / b.sum()).sum() / 2 for a, b in pairs]))


def factors_alike(made: Codes, real: Codes, codebook: Codebook) -> float:
    """Return the lowest congruence of a factor, as many factors as scales, turned to the real."""
    blocks = codebook.blocks
    items = np.concatenate([np.array(members) for members in blocks.values()])
    target = simple(loadings(_correlations(real[:, items]), len(blocks)))
    found = loadings(_correlations(made[:, items]), len(blocks))
    return float(congruence(turned_to(found, target), target).min())


def _correlations(items: Codes) -> Floats:
    rows = np.maximum(items, 0).astype(np.float64)
    spread = rows.std(axis=0)
    rows = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    found = rows.T @ rows / len(rows)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def prediction(train: Codes, test: Codes, codebook: Codebook, cuts: Mapping[str, int]) -> Figures:
    """Return how well cases are told from the other scales' items and demographics; mean.

    A logistic regression is trained on ``train`` and judged on real people, ``test``.
    """
    told = [_told(train, test, codebook, name, cut) for name, cut in cuts.items()]
    return {
        metric: float(np.mean([one[at] for one in told]))
        for at, metric in enumerate(("auc", "accuracy", "balanced"))
    }


def _told(
    train: Codes, test: Codes, codebook: Codebook, name: str, cut: int
) -> tuple[float, float, float]:
    cases = [sums(codes, codebook)[name] >= cut for codes in (train, test)]
    rows = [predictors(codes, codebook, name) for codes in (train, test)]
    centre, spread = rows[0].mean(axis=0), rows[0].std(axis=0)
    learn, judge = ((r - centre) / np.where(spread > 0, spread, 1.0) for r in rows)
    if cases[0].all() or not cases[0].any():
        share = float((cases[1] == cases[0][0]).mean())
        return 0.5, share, 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(max_iter=1000).fit(learn, cases[0])
    guessed = model.predict(judge)
    return (
        float(roc_auc_score(cases[1], model.predict_proba(judge)[:, 1])),
        float(accuracy_score(cases[1], guessed)),
        float(balanced_accuracy_score(cases[1], guessed)),
    )


def predictors(codes: Codes, codebook: Codebook, scale: str) -> Floats:
    """Return everything but the scale's own items; a column a level where there is no order."""
    columns = []
    for variable, column in zip(codebook.variables, codes.T, strict=True):
        if variable.block == scale:
            continue
        if variable.ordered:
            columns.append(np.maximum(column, 0)[:, None])
        else:
            columns.append(column[:, None] == np.arange(variable.cells))
    return np.hstack(columns).astype(np.float64)
