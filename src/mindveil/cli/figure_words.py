"""Which figures every measure writes into the scorecard, and what each of them is in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LINKS = ("rank1", "rank5", "eer", "advantage")
_CURVES = ("rank1-at", "singling-out", "linkability", "cllr")
_EACH = ("person-risk", "people-above", "people-exposed", "rank1-worst", "rank1-gap")
_MEMBERS = ("advantage", "auc", "tpr")
_CLAIMS = ("success", "advantage")
_FIELDS = ("accuracy", "balanced-accuracy", "advantage", "advantage-stated")
_DETECTOR = (
    *("auroc", "accuracy", "balanced-accuracy", "sensitivity", "specificity", "auprc"),
    *("f1-macro", "brier", "calibration-slope", "calibration-intercept", "calibration"),
    *("net-benefit", "net-benefit-all", "auroc-change", "accuracy-change"),
    *("balanced-accuracy-change", "auroc-worst", "auroc-gap", "accuracy-worst", "accuracy-gap"),
    *("balanced-accuracy-worst", "balanced-accuracy-gap"),
)

WRITES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "face/attribute-inference": _FIELDS,
        "voice/attribute-inference": _FIELDS,
        "face/linkage": (*_LINKS, *_EACH, *_CURVES),
        "voice/speaker-linkage": (*_LINKS, *_EACH, *_CURVES),
        "text/authorship": (*_LINKS, *_EACH),
        "text/inversion": (*_LINKS, *_EACH),
        "voice/inversion": (*_LINKS, *_EACH),
        "fused/linkage": (*_LINKS, *_EACH, *_CURVES, "lost-without", "over-best-single"),
        "fused/cross-modal": ("rank1", "advantage"),
        "scales/linkage": ("rank1", "advantage", *_EACH),
        "scales/singling-out": _CLAIMS,
        "text/residual-identifiers": (*_CLAIMS, "recall-direct", "recall-quasi", "over-redaction"),
        "release/leaks": ("leaks-found",),
        "synthetic/artefact": ("rows-found", "advantage"),
        "synthetic/attribute-inference": (*_CLAIMS, "gain"),
        "synthetic/linkage": _CLAIMS,
        "synthetic/membership": _MEMBERS,
        "synthetic/nearest-record": _MEMBERS,
        "synthetic/shadow-membership": _MEMBERS,
        "synthetic/singling-out": _CLAIMS,
        "synthetic/stolen-model": _MEMBERS,
        "synthetic/tracing": _MEMBERS,
        "model/artefact": ("rows-found", "advantage"),
        "model/attribute-inference": (*_CLAIMS, "accuracy", "gain", "model-gain"),
        "model/exposure": ("exposure",),
        "model/inversion": (*_LINKS, "auc", "tpr"),
        "model/membership-label-only": _MEMBERS,
        "model/membership-lira": _MEMBERS,
        "model/membership-loss": _MEMBERS,
        "model/membership-quantile": _MEMBERS,
        "model/membership-rmia": _MEMBERS,
        "model/one-run-audit": ("epsilon-lower", "claim-refuted"),
        "model/property-inference": ("accuracy", "advantage"),
        "updates/attribute-inference": ("accuracy", "balanced-accuracy", "advantage"),
        "updates/gradient-inversion": (*_LINKS, "auc", "cosine"),
        "updates/membership": _MEMBERS,
        "updates/poisoning": ("auroc-lost", "auroc-poisoned", "backdoor-success"),
        "detect": (*_DETECTOR, "accuracy-decided", "coverage"),
        "rest": _DETECTOR,
        "screener": _DETECTOR,
        "severity": ("ccc", "mae", "rmse", "pearson-r", "ccc-change"),
        "augment": ("auroc", "balanced-accuracy", "auroc-gain", "balanced-accuracy-gain"),
        "psychometrics": (
            *("alpha", "r", "prevalence", "band", "congruence", "item-total", "ks"),
            *("margins-tv", "background-tv", "detectability"),
        ),
        "intelligibility": ("wer",),
        "recognition": ("uar", "recall"),
        "retention": ("between", "within"),
        "identity": ("auroc-overlapping", "auroc-disjoint", "identity-share"),
        "interviewer": (
            *("auroc-participant", "auroc-interviewer", "auroc-both", "interviewer-share"),
        ),
        "contamination": ("duplicates",),
    }
)
"""By the name of an attack, or by the family of a task; variants by group or setting left out."""

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "rank1": "How often the right person comes first in the line-up; this is held against the limit on matches.",
        "rank1-at": "How often the right person comes first in line-ups of other sizes: more candidates, fewer hits.",
        "rank1-worst": "How often the right person comes first in the group (by sex, age, language, severity) that is found most often.",
        "rank1-gap": "How much more often that group is found than the group found least.",
        "rank5": "How often the right person is among the first five.",
        "eer": "The rate at which true and false matches are confused equally often; 50% is chance, lower is riskier.",
        "advantage": "What the attack gains above its control, which is what it does to people who are not in the release; 0 is no gain, 1 is all.",
        "advantage-stated": "What is gained of a fact that the release says openly: it shows what the attack can do and is no leak.",
        "person-risk": "The chance of being named that the people at greatest risk have, one by one: the 95th percentile and the worst.",
        "people-above": "The share of people whose own chance of being named is above the limit on matches.",
        "people-exposed": "The share of people whom the attacker can name and know that he is right.",
        "singling-out": "How often the right person stands out alone, with nobody else near.",
        "linkability": "How far scores of the same person and of different people lie apart; 0 is not at all, 1 is completely.",
        "cllr": "What the scores are worth as evidence, in bits; 1 is worthless, lower is riskier.",
        "lost-without": "How much less often people are found without one kind of recording; 0 where the others tell the same.",
        "over-best-single": "How much more often people are found from everything together than from the best single kind of recording.",
        "auc": "How well people who took part are told from people who did not; 50% is chance.",
        "tpr": "The share of those who took part who are named while only few others are named wrongly.",
        "success": "The share of people who are found, singled out or guessed rightly.",
        "accuracy": "The share of people who are judged rightly.",
        "balanced-accuracy": "The mean of the shares judged rightly in each class; guessing the commoner class reaches one half.",
        "gain": "How much more often a secret is guessed of people who took part than of people who did not.",
        "model-gain": "How much more often a secret is guessed with the detector than without it.",
        "recall-direct": "The share of names, addresses and numbers that are hidden in every mention.",
        "recall-quasi": "The share of places, jobs and the like that are hidden in every mention.",
        "over-redaction": "The share of harmless words that were changed all the same.",
        "leaks-found": "The share of files that give somebody away by a name, a header or a path; any is too many.",
        "rows-found": "The number of known people whose row or identifier lies in the files; it must be 0.",
        "exposure": "How far a made-up person stands out after the training met her, in bits; 1.4 is what is expected of one it never met.",
        "epsilon-lower": "The least epsilon that the audit can show; above the promise, the promise is refuted.",
        "claim-refuted": "Whether the audit shows more than the promise allows.",
        "cosine": "How like the row that was worked out is to the person's own; 1 is the same.",
        "auroc-lost": "How much AUROC a lying client costs.",
        "auroc-poisoned": "The AUROC that is left when a client lies.",
        "backdoor-success": "The share of cases who pass as healthy by showing the planted sign.",
        "auroc": "How often a case is ranked above somebody who is none; 0.5 is guessing.",
        "auroc-change": "The AUROC of the release minus that of the originals, on the same people; the margin is held against its lower end.",
        "accuracy-change": "The accuracy of the release minus that of the originals, on the same people.",
        "balanced-accuracy-change": "The balanced accuracy of the release minus that of the originals, on the same people.",
        "auroc-worst": "AUROC in the group (by sex, age) for which it is lowest.",
        "auroc-gap": "How far that group is from the one for which it is highest.",
        "accuracy-worst": "Accuracy in the group for which it is lowest.",
        "accuracy-gap": "How far that group is from the one for which it is highest.",
        "balanced-accuracy-worst": "Balanced accuracy in the group for which it is lowest.",
        "balanced-accuracy-gap": "How far that group is from the one for which it is highest.",
        "accuracy-decided": "Accuracy among the people whom the detector decides on, where it may be silent.",
        "coverage": "The share of people whom the detector decides on.",
        "sensitivity": "The share of cases that are detected.",
        "specificity": "The share of people who are no cases and are left alone.",
        "auprc": "How pure the list of suspected cases stays as it grows longer; guessing reaches the share of cases.",
        "f1-macro": "The mean over both classes of the harmonic mean of precision and recall.",
        "brier": "The mean squared error of the probabilities; lower is better.",
        "calibration-slope": "Whether probabilities spread as they should; 1 is right, below 1 too sure.",
        "calibration-intercept": "Whether as many cases are expected as there are; 0 is right.",
        "calibration": "The share of cases in each fifth of people by expected risk; its baseline is what was expected.",
        "net-benefit": "What acting on the detector is worth at a threshold: cases found, less false alarms at the price that the threshold sets.",
        "net-benefit-all": "What treating everybody as a case is worth at that threshold: a detector has to beat it.",
        "ccc": "How well predicted totals agree with the true ones; 1 is perfect, 0 is not at all.",
        "ccc-change": "The CCC of the release minus that of the originals, on the same people.",
        "mae": "The mean absolute error, in points of the questionnaire.",
        "rmse": "The root of the mean squared error, in points of the questionnaire.",
        "pearson-r": "The correlation of predicted and true totals.",
        "auroc-gain": "What adding the release to real people adds to the AUROC.",
        "balanced-accuracy-gain": "What adding the release to real people adds to the balanced accuracy.",
        "alpha": "Cronbach's alpha of a scale, and how it changed.",
        "r": "The correlation of two scores that share no item, and how it changed.",
        "prevalence": "The share of people at or above a cut-off, and how it changed.",
        "band": "The share of people in a band of severity, and how it changed.",
        "congruence": "How alike the factors of the released and of the original answers are; 1 is the same.",
        "item-total": "How items go with the rest of their scale, and how that changed.",
        "ks": "The largest distance between the distributions of a score.",
        "margins-tv": "The share of answers that would have to move for the items to be answered as in the original.",
        "background-tv": "The share of background facts that would have to move to be as in the original.",
        "detectability": "How well released records are told from real ones; 0.5 is not at all.",
        "wer": "Words that a speech recogniser gets wrong, by words said.",
        "uar": "The mean over classes of the share told rightly.",
        "recall": "The share of one class that is told rightly.",
        "between": "Whether people differ from each other as they did in the original; 1 is kept, 0 is lost.",
        "within": "Whether a person's visits differ as they did in the original; 1 is kept, 0 is lost.",
        "auroc-overlapping": "AUROC on another visit of the people who taught the detector.",
        "auroc-disjoint": "AUROC on the same visit of people whom it never met.",
        "identity-share": "The first minus the second, person by person: accuracy that is owed to recognising people.",
        "auroc-participant": "AUROC from the participant's turns alone.",
        "auroc-interviewer": "AUROC from the interviewer's turns alone; 0.5 where questions do not follow the diagnosis.",
        "auroc-both": "AUROC from the turns of both.",
        "interviewer-share": "What reading the interviewer as well adds to reading the participant alone.",
        "duplicates": "The share of people of whom a session occurs again under another's name.",
    }
)


def figures_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return the figures of an attack or of a family of tasks, each with what it is.

    >>> [figure for figure, _ in figures_of("identity")]
    ['auroc-overlapping', 'auroc-disjoint', 'identity-share']
    """
    return tuple((figure, SENTENCES[figure]) for figure in WRITES.get(name, ()))
