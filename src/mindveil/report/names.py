"""What measures, metrics, recordings and questionnaires are called in plain words.

The identifiers stay beside the plain names in the report, so that a reader can find them in
scorecard.csv. What is not known here is shown under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mindveil.evidence.frontier import asked

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
    "model/inversion": (
        "rebuilding people from the model",
        "Can somebody rebuild what the model was taught about one person?",
    ),
    "updates/gradient-inversion": (
        "rebuilding people from model updates",
        "Can somebody rebuild a person's data from what a hospital sends while training?",
    ),
}

SIGNALS: Mapping[str, str] = {
    "recognition": "emotions and expressions in the {}",
    "retention": "clinical measures of the {}",
    "intelligibility": "words in the {}",
}

METRICS: Mapping[str, str] = {
    "rank1": "right person ranked first",
    "rank1-at": "right person ranked first, of so many",
    "rank5": "right person among the first five",
    "auc": "AUC of the membership test",
    "eer": "equal error rate (50% is chance, lower is riskier)",
    "success": "people found",
    "advantage": "gain above the control",
    "linkability": "linkability of scores (0 none, 1 all)",
    "cllr": "cost of the best likelihood ratios (bits, lower is riskier)",
    "singling-out": "right person stands out alone",
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
    "auroc-change": "AUROC, change against the original",
    "ccc-change": "CCC, change against the original",
}

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

MODALITIES: Mapping[str, str] = {
    "text": "text",
    "voice": "voice",
    "face": "face",
    "scales": "questionnaires",
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

_TASK = re.compile(
    r"(?P<family>detect|severity)/(?P<tool>[a-z0-9]+)(?:\.(?P<part>[a-z0-9-]+))?"
    r"(?:\s*(?P<op>>=|<=|>|<)\s*(?P<cut>[\d.]+))?"
)
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


def measure_name(measure: str) -> str:
    """Return what an attack or a task is called.

    >>> measure_name("detect/phq9>=10"), measure_name("severity/gad7")
    ('detection of depression (PHQ-9 ≥ 10)', 'severity of anxiety (GAD-7 total)')
    >>> measure_name("my/attack")
    'my/attack'
    """
    if measure in ATTACKS:
        return ATTACKS[measure][0]
    family, _, medium = measure.partition("/")
    if family in SIGNALS:
        return SIGNALS[family].format(MODALITIES.get(medium, medium))
    if measure.startswith("model/membership-"):
        return f"membership test on the model ({measure.removeprefix('model/membership-')})"
    match = _TASK.fullmatch(measure)
    return measure if match is None else _task_name(match)


def question(measure: str, asked: Mapping[str, str]) -> str:
    """Return what a measure asks: the study's own question, else ours, else what the study says.

    >>> question("scales/linkage", {"scales/linkage": "Find records."}) == ATTACKS["scales/linkage"][1]
    True
    """
    said = asked.get(measure, "")
    return said if said.endswith("?") or measure not in ATTACKS else ATTACKS[measure][1]


def metric_name(metric: str) -> str:
    """Return what a metric is called.

    >>> metric_name("rank1-unusual")
    'right person ranked first, most unusual people'
    >>> metric_name("rank1@demographics alone")
    'right person ranked first (demographics alone)'
    """
    what = asked(metric)
    name = METRICS.get(what.figure, what.figure) + ", most unusual people" * what.unusual
    return f"{name} ({what.setting})" if what.setting else name


def signal_name(metric: str) -> str:
    """Return what a row of the table of recordings is about.

    >>> signal_name("between@f0-level"), signal_name("recall@sad"), signal_name("uar")
    ('Pitch', 'Sad', 'Mean over classes')
    """
    what = asked(metric)
    if what.figure not in {"between", "within", "recall"}:
        return capitalised(metric_name(metric))
    return capitalised(HEARD.get(what.setting, what.setting.replace("-", " ")))


def modality_name(modality: str) -> str:
    """Return what a kind of recording is called."""
    return MODALITIES.get(modality, modality)


def tool_name(tool: str) -> str:
    """Return what a questionnaire is called.

    >>> tool_name("phq9"), tool_name("who5")
    ('PHQ-9', 'WHO5')
    """
    return TOOLS[tool][0] if tool in TOOLS else tool.upper()


def in_plain_words(sentence: str, measures: Iterable[str]) -> str:
    """Return a finding with plain names for identifiers and with true minus signs.

    >>> in_plain_words("AUROC of detect/phq9>=10: -0.1.", ["detect/phq9>=10"])
    'AUROC of detection of depression (PHQ-9 ≥ 10): −0.1.'
    """
    for measure in sorted(measures, key=len, reverse=True):
        sentence = sentence.replace(measure, measure_name(measure))
    sentence = re.sub(r"(?<![\w.])-(?=\d)", "\u2212", sentence)
    sentence = re.sub(r"\bn = (?=\d)", "n\u00a0=\u00a0", sentence)
    return capitalised(sentence)


def capitalised(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def _task_name(match: re.Match[str]) -> str:
    name, construct = TOOLS.get(match["tool"], (match["tool"].upper(), ""))
    construct = match["part"] or construct or name
    kind = "detection" if match["family"] == "detect" else "severity"
    score = f"{name} {_SIGNS[match['op']]} {match['cut']}" if match["op"] else f"{name} total"
    return f"{kind} of {construct} ({score})"
