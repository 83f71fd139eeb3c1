"""The words of the report for identifiers: attacks, metrics, measures, questionnaires, languages."""

from __future__ import annotations

from collections.abc import Mapping

ATTACKS: Mapping[str, tuple[str, str]] = {
    "text/authorship": (
        "writing-style matching",
        "Can somebody who has another text of a person find their record by how they write?",
    ),
    "text/residual-identifiers": (
        "search for readable names",
        "Is a name, an address or a number that points at one person still readable?",
    ),
    "scales/linkage": (
        "answer matching",
        "Can somebody who knows some of a person's answers and background find their record?",
    ),
    "scales/singling-out": (
        "singling out",
        "Do a few answers or facts in the release fit exactly one person?",
    ),
    "scales/attribute-inference": (
        "guessing hidden answers",
        "Does the release help to guess an answer that a person did not share?",
    ),
    "voice/speaker-linkage": (
        "voice matching",
        "Can somebody who has another recording of a person find their record by the voice?",
    ),
    "face/linkage": (
        "face matching",
        "Can somebody who has another picture of a person find their record by the face?",
    ),
    "voice/attribute-inference": (
        "guessing sex and age from the voice",
        "Does a voice give away what the release does not say about a person?",
    ),
    "face/attribute-inference": (
        "guessing sex and age from the face",
        "Does a face give away what the release does not say about a person?",
    ),
    "fused/linkage": (
        "matching with everything combined",
        "Can somebody who combines text, voice, face and answers find a person's record?",
    ),
    "fused/cross-modal": (
        "matching one kind of recording with another",
        "Is this released voice the person of that transcript, face or questionnaire?",
    ),
    "release/leaks": (
        "search of file names, headers and order",
        "Do the files themselves say who somebody is, whatever stands in them?",
    ),
    "synthetic/membership": (
        "membership test on synthetic data",
        "Can somebody tell whether a person was among those the synthetic data were made from?",
    ),
    "synthetic/tracing": (
        "tracing people in synthetic averages",
        "Do the averages and correlations of the synthetic data give away who they were made from?",
    ),
    "synthetic/nearest-record": (
        "nearest synthetic record",
        "Do synthetic records lie closer to people of the study than to other people?",
    ),
    "synthetic/shadow-membership": (
        "membership test learned on shadow releases",
        "Can somebody who makes such releases himself learn to tell who was behind this one?",
    ),
    "synthetic/stolen-model": (
        "membership test on the stolen generator",
        "Can somebody who has the generator itself tell who it was fitted to?",
    ),
    "synthetic/linkage": (
        "answer matching in synthetic records",
        "Does what is known of a person lead to a synthetic record that copies her?",
    ),
    "synthetic/singling-out": (
        "singling out by synthetic records",
        "Do a few answers or facts in a synthetic record fit exactly one person of the study?",
    ),
    "synthetic/attribute-inference": (
        "guessing hidden answers from synthetic records",
        "Does the release tell more about people who took part than about people who did not?",
    ),
    "synthetic/artefact": (
        "search of the saved generator",
        "Can records of people be found in the files of the generator?",
    ),
    "text/inversion": (
        "words rebuilt from measures",
        "Where only measures of what was said are left: do they lead back to who said it?",
    ),
    "voice/inversion": (
        "voice rebuilt from measures",
        "Where only measures of a voice are left: do they lead back to who spoke?",
    ),
    "model/membership-loss": (
        "membership test by errors",
        "Is the detector less wrong about people who taught it than about others?",
    ),
    "model/membership-lira": (
        "membership test by likelihood ratio",
        "Can somebody who trains such detectors himself tell who taught this one, person by person?",
    ),
    "model/membership-rmia": (
        "membership test by comparison",
        "The same, with each person weighed against many others: who taught this detector?",
    ),
    "model/membership-quantile": (
        "membership test by usual answers",
        "Is the detector surer of a person than it would be of strangers like her?",
    ),
    "model/membership-label-only": (
        "membership test by decisions alone",
        "Does it take more to change the detector's decision about people who taught it?",
    ),
    "model/inversion": (
        "working out the missing person",
        "Can somebody who knows everybody who taught the detector but one tell who the one is?",
    ),
    "model/attribute-inference": (
        "guessing a secret with the detector",
        "Does the detector help to guess a fact about a person, more so if she taught it?",
    ),
    "model/artefact": (
        "search of the saved detector",
        "Can people be found in the files of the detector: their rows, answers, words or names?",
    ),
    "model/property-inference": (
        "what kind of people taught it",
        "Does such a detector tell whether a group was rare or common among those who taught it?",
    ),
    "model/exposure": (
        "learning a made-up person by heart",
        "How well does the training remember somebody whom it met once, 10 or 100 times?",
    ),
    "model/one-run-audit": (
        "audit of the promise",
        "Do made-up people who are planted in one training show more than epsilon permits?",
    ),
    "updates/gradient-inversion": (
        "rebuilding people from updates",
        "Can a server work out what is read of a person from the updates that teach a detector?",
    ),
    "updates/membership": (
        "membership test on updates",
        "Can a server tell whether a person was among those whose updates were added up?",
    ),
    "updates/attribute-inference": (
        "guessing background from updates",
        "Where everybody is a client of her own: does an update tell a server who she is?",
    ),
    "updates/poisoning": (
        "one client that lies",
        "How much worse does the detector become if one of the clients lies?",
    ),
}

SIGNALS: Mapping[str, str] = {
    "recognition": "emotions and expressions in the {}",
    "retention": "clinical measures of the {}",
    "intelligibility": "words in the {}",
}

VALIDITY: Mapping[str, str] = {
    "identity": "{}: owed to recognising people?",
    "interviewer": "{}: owed to the interviewer's questions?",
    "contamination": "duplicates in the {}",
}

METRICS: Mapping[str, str] = {
    "rank1": "right person ranked first",
    "rank1-at": "right person ranked first, of so many",
    "rank5": "right person among the first five",
    "auc": "AUC of the membership test (50% is chance)",
    "eer": "equal error rate (50% is chance, lower is riskier)",
    "success": "people found",
    "advantage": "gain above the control",
    "linkability": "linkability of scores (0 none, 1 all)",
    "cllr": "cost of the best likelihood ratios (bits, lower is riskier)",
    "singling-out": "right person stands out alone",
    "tpr": "members told",
    "tnr": "others told as others",
    "gain": "gain in guessing above people who took no part",
    "model-gain": "guessed rightly with the model, more than without",
    "exposure": "exposure (bits; 1.4 is unseen)",
    "epsilon-lower": "least epsilon that the audit shows",
    "claim-refuted": "promise refuted",
    "rows-found": "people whose row or name is in the files",
    "cosine": "likeness to the row that was worked out (cosine, 1 is the same)",
    "auroc-lost": "AUROC lost",
    "auroc-poisoned": "AUROC that is left",
    "backdoor-success": "cases who pass as healthy by showing the sign",
    "epsilon": "epsilon",
    "delta": "delta",
    "advantage-permitted": "largest advantage that epsilon permits anybody",
    "advantage-stated": "gain above a guess, of what the release states itself",
    "uar": "mean over classes",
    "recall": "told rightly",
    "between": "agreement",
    "within": "agreement within people",
    "wer": "word error rate",
    "recall-direct": "names and numbers hidden in every mention",
    "recall-quasi": "places, jobs and the like hidden in every mention",
    "over-redaction": "harmless words changed",
    "auroc": "AUROC",
    "auprc": "area under precision and recall",
    "accuracy": "accuracy",
    "balanced-accuracy": "balanced accuracy",
    "f1-macro": "macro F1",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "brier": "Brier score (lower is better)",
    "mae": "mean absolute error, points",
    "rmse": "root mean squared error, points",
    "ccc": "CCC",
    "pearson-r": "Pearson's r",
    "calibration-slope": "calibration slope (1 is right, below 1 too sure)",
    "calibration-intercept": "calibration intercept (0 is right, above 0 too few cases expected)",
    "coverage": "share of people decided on",
    "alpha": "Cronbach's alpha",
    "r": "correlation",
    "prevalence": "share of people at or above the cut-off",
    "band": "share of people in this band of severity",
    "congruence": "Tucker's congruence of factors",
    "margins-tv": "answers shifted, mean over items (total variation)",
    "margins-tv-worst": "answers shifted, worst item (total variation)",
    "background-tv": "background shifted, mean over columns (total variation)",
    "background-tv-worst": "background shifted, worst column (total variation)",
    "ks": "largest distance of the distributions of scores",
    "item-total": "correlation of items with the rest of the scale, mean",
    "item-total-worst": "correlation of an item with the rest of the scale, largest change",
    "person-risk": "own chance to be named",
    "people-above": "people whose own chance is above",
    "people-exposed": "people who can be named with certainty",
    "lost-without": "found less often without it",
    "over-best-single": "found more often than by the best single one",
    "leaks-found": "files that give somebody away",
    "duplicates": "people with a duplicate",
    "auroc-overlapping": "AUROC on people it has met",
    "auroc-disjoint": "AUROC on people it has not met",
    "identity-share": "AUROC owed to recognising people",
    "auroc-participant": "AUROC from the participant's turns",
    "auroc-interviewer": "AUROC from the interviewer's turns",
    "auroc-both": "AUROC from the turns of both",
    "interviewer-share": "AUROC that the interviewer's turns add",
    "net-benefit": "net benefit, acting from a risk of",
    "net-benefit-all": "net benefit of treating everybody, from a risk of",
    "calibration": "cases in a fifth of predicted risk",
    "detectability": "synthetic told from real records (AUROC, 0.5 is not at all)",
}

ENDINGS: Mapping[str, str] = {
    "-decided": ", of the people decided on",
    "-change": ", change against the original",
    "-gain": ", gained by adding the release",
    "-worst": ", worst group",
    "-gap": ", gap between groups",
}
"""What the end of a metric's name says of the figure before it."""

HEARD: Mapping[str, str] = {
    "f0-level": "pitch",
    "f0-variability": "how much the pitch varies",
    "f0-range": "range of pitch",
    "energy-level": "loudness",
    "energy-variability": "how much the loudness varies",
    "pause-share": "share of pauses",
    "pauses-per-minute": "pauses a minute",
    "pause-length": "length of pauses",
    "speech-rate": "rate of speech",
    "articulation-rate": "rate of speech without pauses",
    "jitter": "jitter",
    "shimmer": "shimmer",
    "hnr": "harmonics to noise",
    "voiced-share": "voiced share of speech",
    "spectral-tilt": "tilt of the spectrum",
}
"""Measures of a voice in plain words; those of a face say what they are themselves."""

TOOLS: Mapping[str, tuple[str, str]] = {
    "phq9": ("PHQ-9", "depression"),
    "phq8": ("PHQ-8", "depression"),
    "phq2": ("PHQ-2", "depression"),
    "gad7": ("GAD-7", "anxiety"),
    "gad2": ("GAD-2", "anxiety"),
    "pcl5": ("PCL-5", "post-traumatic stress"),
    "mdq": ("MDQ", "bipolar disorder"),
    "asrm": ("ASRM", "mania"),
    "pq16": ("PQ-16", "psychosis risk"),
    "pss10": ("PSS-10", "stress"),
    "cesd": ("CES-D", "depression"),
    "bdi2": ("BDI-II", "depression"),
    "dass42": ("DASS-42", ""),
    "dass21": ("DASS-21", ""),
    "hads": ("HADS", ""),
}

SETTINGS: Mapping[str, str] = {
    "online": "models with and without each person",
    "offline": "models without her",
    "fixed variance": "one spread for everybody",
    "row alone": "by her row, worked out before anybody is compared",
    "answer alone": "by an answer that was handed out",
    "class mean": "by likeness to the case that the detector implies",
    "rows found": "in the files",
    "without the model": "without the detector",
    "one masked message": "from one message under its mask",
    "all but one collude": "all other clients tell the server theirs",
    "rounds differenced": "all clients asked, then all but one",
    "crafted weights": "weights that were made to tell",
    "label flip": "its people's answers turned round",
    "boosted": "turned round, and made as loud as all clients together",
    "backdoor": "a hidden sign taught",
}
"""What a question of an attack on a detector or on updates was, in plain words."""

MODALITIES: Mapping[str, str] = {
    "model": "the detector",
    "files": "the files themselves",
    "text": "text",
    "voice": "voice",
    "face": "face",
    "scales": "questionnaires",
    "background": "age, sex and other background",
    "fused": "everything together",
}

LANGUAGES: Mapping[str, str] = {
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
    "zh": "Chinese",
}
