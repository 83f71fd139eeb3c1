"""What measures, metrics, recordings and questionnaires are called in plain words.

The identifiers stay beside the plain names in the report, so that a reader can find them in
scorecard.csv. What is not known here is shown under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mindveil.evidence.frontier import Asked, asked
from mindveil.report.vocabulary import (
    ATTACKS,
    ENDINGS,
    HEARD,
    METRICS,
    MODALITIES,
    SETTINGS,
    SIGNALS,
    TOOLS,
    VALIDITY,
)

_OF_SCALES = frozenset({"alpha", "r", "prevalence", "band", "ks", "item", "congruence"})
"""Figures whose setting is a score."""

_TASK = re.compile(
    r"(?P<family>detect|severity)/(?P<tool>[a-z0-9]+)(?:\.(?P<part>[a-z0-9-]+))?"
    r"(?:\s*(?P<op>>=|<=|>|<)\s*(?P<cut>[\d.]+))?"
    r"(?:\s*@\s*coverage\s*=\s*(?P<coverage>[\d.]+))?"
)
_SHORT = re.compile(
    r"(?P<family>rest|screener)/(?P<scale>[a-z0-9.-]+?)(?P<cut>(?:>=|<=|>|<)[\d.]+)"
    r"(?:\[(?P<items>[\d, ]+)\])?"
)
_SCALE = re.compile(r"(?P<tool>[a-z0-9]+)(?:\.(?P<part>[a-z0-9-]+))?(?P<cut>(?:>=|<=|>|<)[\d.]+)?")
_RATE = re.compile(r"fpr=(\d+(?:\.\d+)?)(?:@(.+))?")
_SHADOWS = re.compile(r"(\d+) shadows")
_ASKED = re.compile(rf"(?<=, )(?:{'|'.join(SETTINGS)})(?=, )|\b\d+ shadows(?=, )")
"""The question of an attack on a detector, within a sentence."""
_CUT = re.compile(r"(>=|<=|>|<)([\d.]+)")
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
_TOLD = re.compile(
    rf"(?<![\w“/.-])(?:{'|'.join(TOOLS)})(?:\.[a-z][a-z0-9-]*)?(?:(?:>=|<=|>|<)[\d.]*\d)?(?![\w”/-])"
)
"""A score by its identifier within a sentence; never a release of that name, which is quoted."""


def measure_name(measure: str) -> str:
    """Return what an attack or a task is called.

    >>> measure_name("detect/phq9>=10"), measure_name("severity/gad7")
    ('detection of depression (PHQ-9 ≥ 10)', 'severity of anxiety (GAD-7 total)')
    >>> measure_name("detect/phq9>=10@coverage=0.75")
    'detection of depression (PHQ-9 ≥ 10, deciding on 75%)'
    >>> measure_name("my/attack")
    'my/attack'
    """
    if measure in ATTACKS:
        return ATTACKS[measure][0]
    family, _, medium = measure.partition("/")
    if family in SIGNALS:
        return SIGNALS[family].format(MODALITIES.get(medium, medium))
    if family in VALIDITY:
        said = MODALITIES.get(medium) or _task_name(f"detect/{medium}")
        return VALIDITY[family].format(said)
    if family == "psychometrics":
        return f"what the {tool_name(medium)} measures"
    if family == "augment":
        return f"{_task_name(f'detect/{medium}')}, beside real people"
    return _task_name(measure)


def attack_by(measure: str, attacker: str) -> str:
    """Return an attack and who makes it.

    >>> attack_by("face/linkage", "ignorant"), attack_by("release/leaks", "")
    ('face matching, ignorant attacker', 'search of file names, headers and order')
    """
    return measure_name(measure) + (f", {attacker} attacker" * bool(attacker))


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
    >>> metric_name("alpha-change-worst@sex")
    "Cronbach's alpha, change against the original, worst group (sex)"
    """
    what = asked(metric)
    name = _figure_name(what.figure) + ", most unusual people" * what.unusual
    return f"{name} ({_setting(what)})" if what.setting else name


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


def scale_name(scale: str) -> str:
    """Return what a score, a pair of scores or a score with a cut-off is called.

    >>> scale_name("dass42.depression>=14"), scale_name("anxiety~phq9"), scale_name("total")
    ('DASS-42 depression ≥ 14', 'anxiety with PHQ-9', 'total')
    """
    if "~" in scale:
        return " with ".join(scale_name(one) for one in scale.split("~"))
    if "=" in scale and not _CUT.search(scale):
        of, _, band = scale.partition("=")
        return f"{scale_name(of)}: {band.replace('-', ' ')}"
    match = _SCALE.fullmatch(scale)
    if match is None or match["tool"] not in TOOLS:
        return _CUT.sub(_signed, scale)
    cut = _CUT.sub(_signed, match["cut"] or "")
    return TOOLS[match["tool"]][0] + (f" {match['part']}" if match["part"] else "") + cut


def in_plain_words(sentence: str, measures: Iterable[str]) -> str:
    """Return a finding with plain names for identifiers and with true minus signs.

    >>> in_plain_words("AUROC of detect/phq9>=10: -0.1.", ["detect/phq9>=10"])
    'AUROC of detection of depression (PHQ-9 ≥ 10): −0.1.'
    """
    for measure in sorted(measures, key=len, reverse=True):
        sentence = sentence.replace(measure, measure_name(measure))
    sentence = _ASKED.sub(lambda found: setting_name(found[0]), sentence)
    sentence = _TOLD.sub(lambda found: scale_name(found[0]), sentence)
    sentence = re.sub(r"(?<=[a-z])(>=|<=)(\d+)", _signed, sentence)
    sentence = re.sub(r"(?<![\w.])-(?=\d)", "\u2212", sentence)
    sentence = re.sub(r"\bn = (?=\d)", "n\u00a0=\u00a0", sentence)
    return capitalised(sentence)


def setting_name(setting: str) -> str:
    """Return what a question of an attack was.

    >>> setting_name("offline, 64 shadows"), setting_name("known answers: 7")
    ('models without her, 64 models of his own', 'known answers: 7')
    """
    parts = (_SHADOWS.sub(r"\1 models of his own", part) for part in setting.split(", "))
    return ", ".join(SETTINGS.get(part, part) for part in parts)


def capitalised(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def _task_name(task: str) -> str:
    if short := _SHORT.fullmatch(task):
        return _short_name(short)
    match = _TASK.fullmatch(task)
    if match is None:
        return task
    name, construct = TOOLS.get(match["tool"], (match["tool"].upper(), ""))
    construct = match["part"] or construct or name
    kind = "detection" if match["family"] == "detect" else "severity"
    score = f"{name} {_SIGNS[match['op']]} {match['cut']}" if match["op"] else f"{name} total"
    silent = f", deciding on {100 * float(match['coverage']):g}%" if match["coverage"] else ""
    return f"{kind} of {construct} ({score}{silent})"


def _short_name(match: re.Match[str]) -> str:
    """Return a question about some items of a scale; one about its own items is no detection."""
    told = scale_name(match["scale"] + match["cut"])
    items = f", from items {match['items']}" if match["items"] else ""
    if match["family"] == "rest":
        return f"rest of a scale told by its other items ({told}{items})"
    return f"screener shortening, part-whole ({told}{items})"


def _figure_name(figure: str) -> str:
    if figure in METRICS:
        return METRICS[figure]
    for ending, words in ENDINGS.items():
        if figure.endswith(ending):
            return _figure_name(figure.removesuffix(ending)) + words
    return figure


def _setting(what: Asked) -> str:
    """Return of which question, score or group a figure is."""
    if rate := _RATE.fullmatch(what.setting):
        share = f"where {100 * float(rate[1]):g}% of others are taken for members"
        return f"{share}, {setting_name(rate[2])}" if rate[2] else share
    if what.figure in _OF_SCALES or what.figure.partition("-")[0] in _OF_SCALES:
        return scale_name(what.setting)
    if what.figure == "exposure":
        return "taught once" if what.setting == "1" else f"taught {what.setting} times"
    return setting_name(what.setting)


def _signed(cut: re.Match[str]) -> str:
    return f" {_SIGNS[cut[1]]} {cut[2]}"
