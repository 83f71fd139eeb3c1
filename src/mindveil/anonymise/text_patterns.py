"""Identifiers with a form of their own: addresses, numbers, dates and ages, written or spoken.

Each pattern is a regular expression whose repeats are bounded or cannot overlap, so that a
turn of any length is read in time proportional to it. Durations, frequencies and relative
times ("three weeks", "every night", "last year") match nothing here: they are what
questionnaires ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mindveil.anonymise.text_evidence import APOSTROPHES
from mindveil.anonymise.text_numbers import (
    AGE,
    DIGIT,
    SMALL,
    SPOKEN_DIGITS,
    YEAR,
    digits,
    is_counting,
    value,
)
from mindveil.anonymise.text_spans import IdentifierType, Span

Check = Callable[[re.Match[str]], IdentifierType | None]
"""Says what a match is, or that it is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A form, what it is, and which group of the match is the identifier."""

    type: IdentifierType
    form: re.Pattern[str]
    check: Check | None = None


MONTH = (
    r"(?:january|february|april|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"
)
VERB_MONTH = r"(?:march|may)\b"
"""Months that are verbs too: "the first may be", "two march on"."""
ANY_MONTH = rf"(?:{MONTH}|{VERB_MONTH})"
ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
    r"|thirtieth|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth"
    r"|ninth))"
)
FIGURE = r"[0-3]?\d(?: ?(?:st|nd|rd|th))?"
DAY = rf"(?:(?:{FIGURE}|{ORDINAL})\b)"
AND_YEAR = rf"(?:,?(?: of| in)?[ ,]{{1,3}}(?:{YEAR}|'?\d\d)\b)"
DATE = (
    rf"(?:(?:the )?{DAY}(?: day)?(?: of|,)? {MONTH}{AND_YEAR}?"
    rf"|(?:the )?(?:{DAY} of|{FIGURE}\b,?) {VERB_MONTH}{AND_YEAR}?"
    rf"|{MONTH} (?:the )?(?:{DAY}|{SMALL}\b){AND_YEAR}?"
    rf"|march (?:the )?{DAY}{AND_YEAR}?|may (?:the {DAY}|{FIGURE}\b|{DAY}(?=,? {YEAR})){AND_YEAR}?"
    rf"|{ANY_MONTH},?(?: of| in)? {YEAR}\b"
    r"|(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ][0-3]?\d\b"
    r"|[0-3]?\d[-/. ][0-3]?\d[-/. ](?:(?:19|20)\d\d|\d\d)\b(?![-/.]?\d))"
)
CLOCK = r"(?:[ T]{1,2}[0-2]?\d[: ][0-5]\d(?:[: ][0-5]\d)?)?"

UNITS = (
    r"(?:weeks?|months?|days?|hours?|minutes?|mins?|seconds?|secs?|hrs?|percent|per|%|pounds?|lbs?"
    r"|kilos?|kgs?|stones?|feet|foot|ft|inch|inches|cm|miles?|kilometers?|kilometres?|km|times?"
    r"|dollars?|bucks|quid|euros?|cents|pence|grams?|mg|mls?|drinks?|beers?|units?|cigarettes?"
    r"|smokes|packs?|people|kids|children|steps|calories|degrees|points?|out|of|or|to|o'clock"
    r"|am|pm|a\.m|p\.m|more|less|things?|glasses|bottles|pills|tablets|sessions?|credits?|thousand"
    r"|million|hundred|years?(?! ?-?(?:old|of age|young))|years?'|yrs?(?! old)|-|/|\.\d|:\d|,\d)"
)
NOT_UNIT = rf"(?![ -]?{UNITS}(?![a-z])|'\d)"
WHOLE = rf"(?>{AGE})\b"
"""All of the number or nothing: "thirty five percent" holds no thirty."""
SOMEBODY = (
    r"(?:i am|i'm|im|i was|i turned|i turn|i'll be|i'll turn|i will be|he is|he's|hes|she is|she's|shes"
    r"|he was|she was|they are|they're|who is|who's|who was|(?:son|daughter|brother|sister|mother"
    r"|father|mom|mum|dad|wife|husband|partner|kid|baby|boy|girl|grandson|granddaughter|child"
    r"|client|patient|he|she|i)(?: is|'s| was| just turned| turned| turns))"
)
LESS = r"(?:about |around |almost |nearly |only |just |now |like |turning |aged |over |under |already )"
AGES = (
    rf"{WHOLE}(?=[ -]{{1,3}}(?:years?|yrs?)[ -](?:old|of age))",
    rf"(?>{AGE})(?= ?(?:y/?o|yr|yrs)\b)",
    (
        rf"(?:(?<=\baged )|(?<=\bage )|(?<=\bage of )|(?<=\bages of )|(?<=\bage is )|(?<=\bage: ))"
        rf"{WHOLE}{NOT_UNIT}"
    ),
    (
        r"(?:(?<=\bdied at )|(?<=\bpregnant at )|(?<=\bmarried at )|(?<=\bretired at )"
        rf"|(?<=\bdiagnosed at )){WHOLE}{NOT_UNIT}(?! [ap]m)"
    ),
    rf"(?<=\bat ){WHOLE}(?=,? (?:you|i|you'd|i'd|i'm|she|he|she's|he's)\b)",
    rf"(?:(?<=\bturning )|(?<=\bturned )|(?<=\bi'll turn )){WHOLE}{NOT_UNIT}",
)
CARE = (
    r"(?:mrn|nhs|chi|hospital|medical record|record|patient|case|file|chart|client|member|policy"
    r"|insurance|medicaid|medicare|health plan|plan|beneficiary|account|customer|reference|ref|booking|order|id"
    r"|i\.d|identification|social security|ssn|social|national insurance|ni|passport|licence|license"
    r"|driver'?s licen[cs]e|certificate|vehicle|registration|plate|employee|staff|student|badge|serial|pin"
    r"|tracking|invoice|claim|confirmation|group)"
)
RECORD_CUE = (
    rf"\b{CARE}(?:[ -](?:security|record|plan|beneficiary|member|account|card|insurance))?"
    r"(?:[ -](?:number|numbers|no|num|id|code|digits))?\.?#?(?:[ :#(]{0,3}(?:is|are|was|it's|of)?\b)?[ :#(-]{0,3}"
)
BANK = r"(?:\d[ -]?){12,18}\d"
PHONE = (
    r"(?:\+|\b00)\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]\d{1,4}){1,5}(?: ?x ?\d{1,6})?\b"
    r"|\b\d{1,3}[ .()-]{1,3}\d{1,4}(?:[ .()-]{1,3}\d{2,10}){1,4}(?: ?x ?\d{1,6})?\b"
    r"|\(\d{2,5}\)[ -]{0,2}\d{2,4}(?:[ .-]?\d{2,4}){1,3}(?: ?x ?\d{1,6})?\b"
    r"|\b\d{2,5}(?:[ .-]\d{2,4}){2,4}(?: ?x ?\d{1,6})?\b|\b\d{2,5}[ .-]\d{4,8}\b|\b0\d{9,11}\b|\b[2-9]\d{9}\b"
)
SITES = r"(?:com|org|net|edu|gov|info|biz|io|me|tv|co\.uk|ac\.uk|org\.uk|nhs\.uk|uk|us|ca|au|nz|ie|de|fr|es|it|nl|se|no|dk|fi|pl|cz|ch|at|be|pt|br|in|jp|cn|ru|za|eu)"
SPOKEN_SITES = (
    r"(?:com|org|net|edu|gov|info|co dot uk|co uk|ac dot uk|ac uk|uk|ca|au|nz|ie|de|fr|io|me|us)"
)
PROVIDERS = r"(?:gmail|g mail|hotmail|hot mail|yahoo|outlook|icloud|aol|protonmail|proton mail|live|msn|btinternet|gmx)"
PART = r"[a-z0-9]{1,30}"
JOINT = r" (?:dot|underscore|under score|dash|hyphen|point) "
"""Speech recognisers write the marks of an address out."""


def _spoken(match: re.Match[str]) -> IdentifierType | None:
    """Tell a telephone number from a shorter code, and both from counting aloud."""
    read = digits(match.group())
    if is_counting(read) or len(read) < 4:
        return None
    return "PHONE" if len(read) >= 7 else None


def _written(match: re.Match[str]) -> IdentifierType | None:
    """Tell telephone numbers from dates, scores and steps: seven digits at least."""
    text = match.group()
    read = re.sub(r"\D", "", text)
    if not 7 <= len(read) <= 20 or is_counting(read) or DATE_ONLY.match(text):
        return None
    before = match.string[max(0, match.start() - 40) : match.start()]
    threes = len(read) >= 9 and all(len(part) > 2 for part in text.split())
    has_form = (
        threes or text[0] in "0+(" or re.search(r"[-.]|\d{4}", text) or PHONE_CUE.search(before)
    )
    return "PHONE" if has_form else None


def _age(match: re.Match[str]) -> IdentifierType | None:
    """Tell ages over 89, which Safe Harbor counts as direct, from the others."""
    found = re.search(AGE, match.group(), re.IGNORECASE)
    years = value(found.group()) if found else None
    if years is None or years > 119:
        return None
    return "AGE_OVER_89" if years > 89 else "AGE"


def _long(match: re.Match[str]) -> IdentifierType | None:
    """Tell an identifier from a round number or a year."""
    read = re.sub(r"\D", "", match.group())
    is_phone = match.group() == read and PHONE_ONLY.fullmatch(read)
    return None if len(read) < 3 or read.endswith("000") or is_phone else "RECORD"


PHONE_CUE = re.compile(
    r"\b(?:phone|call|text|cell|mobile|tel|fax|number|ring|reach)", re.IGNORECASE
)
PHONE_ONLY = re.compile(r"0\d{9,11}|[2-9]\d{9}")
DATE_ONLY = re.compile(rf"{DATE}{CLOCK}", re.IGNORECASE)


def _form(pattern: str) -> re.Pattern[str]:
    """Compile a form; what is to be hidden is the group ``id``, or all of it."""
    return re.compile(pattern, re.IGNORECASE)


PATTERNS: tuple[Pattern, ...] = (
    Pattern(type="EMAIL", form=_form(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b")),
    Pattern(
        type="EMAIL",
        form=_form(
            rf"\b{PART}(?:{JOINT}{PART}){{0,4}}(?: (?:{DIGIT}|\d{{1,4}})){{0,6}} at {PART}(?: {PART})?(?:{JOINT}{PART})? (?:dot |point ){SPOKEN_SITES}\b"
        ),
    ),
    Pattern(
        type="EMAIL",
        form=_form(
            rf"\b{PART}(?:{JOINT}{PART}){{0,4}}(?: (?:{DIGIT}|\d{{1,4}})){{0,6}}(?: at)? {PROVIDERS} (?:dot )?{SPOKEN_SITES}\b"
        ),
    ),
    Pattern(type="URL", form=_form(r"\b(?:https?://|www\.)[^\s<>\"')\]]{2,300}")),
    Pattern(
        type="URL",
        form=_form(rf"\b(?:[a-z0-9-]{{2,63}}\.){{1,4}}{SITES}\b(?:/[^\s<>\"')\]]{{0,300}})?"),
    ),
    Pattern(
        type="URL",
        form=_form(
            rf"\b(?:(?:https? )?www|w w w|double u double u double u)(?: dot)? {PART}(?: dot {PART}){{1,3}}\b"
        ),
    ),
    Pattern(type="URL", form=_form(rf"\bhttps? (?:{PART} dot ){{1,3}}[a-z]{{2,4}}\b")),
    Pattern(type="URL", form=_form(rf"\b(?:{PART} dot ){{1,4}}{SPOKEN_SITES}\b")),
    Pattern(type="ADDRESS", form=_form(r"\b(?:apo|fpo|dpo) (?:aa|ae|ap) \d{5}\b")),
    Pattern(type="USERNAME", form=_form(r"(?<![\w@.])@[a-z_]\w{2,30}\b")),
    Pattern(type="IP", form=_form(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")),
    Pattern(
        type="IP", form=_form(r"\bip(?: address)?(?: is)? (?P<id>(?:\d{1,3}[ .]){3}\d{1,3})\b")
    ),
    Pattern(
        type="ADDRESS",
        form=_form(r"\b(?:apt|apartment|suite|flat|unit|ste)\b\.? ?#? ?\d{1,5}[a-z]?\b"),
    ),
    Pattern(type="ADDRESS", form=_form(r"\b(?:p\.? ?o\.? box|box|psc) \d{2,6}\b")),
    Pattern(type="ACCOUNT", form=_form(rf"(?<![\d-]){BANK}(?![\d-])")),
    Pattern(
        type="ACCOUNT", form=_form(r"\b[a-z]{2}\d{2} ?(?:[a-z0-9]{2,4} ?){2,7}\d{2,4}\b(?<=\d)")
    ),
    Pattern(type="RECORD", form=_form(r"\b\d{3}[- ]\d{2}[- ]\d{4}\b")),
    Pattern(type="RECORD", form=_form(r"\b[a-ceghj-pr-tw-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]\b")),
    Pattern(
        type="RECORD",
        form=_form(
            rf"{RECORD_CUE}(?P<id>(?:[a-z]{{1,5}}[ -]?)?\d(?:[ -]?\d){{1,18}}(?:-?[a-z]{{1,3}}\d{{0,6}})?\b)"
        ),
        check=_long,
    ),
    Pattern(type="RECORD", form=_form(rf"{RECORD_CUE}(?P<id>{SPOKEN_DIGITS})\b")),
    Pattern(
        type="RECORD", form=_form(r"\b(?=[a-z0-9-]{0,14}\d{3})[a-z]{1,5}-?\d{4,12}[a-z]{0,3}\b")
    ),
    Pattern(type="PHONE", form=_form(PHONE), check=_written),
    Pattern(type="PHONE", form=_form(rf"\b(?:plus )?{SPOKEN_DIGITS}\b"), check=_spoken),
    Pattern(type="RECORD", form=_form(r"(?<![\d.,$£€])\b\d{6,17}\b(?![.,]\d|%)"), check=_long),
    Pattern(
        type="BIRTH_DATE",
        form=_form(
            rf"\b(?:born|birthday|birthdate|birth date|date of birth|dob|d\.o\.b\.?|of birth)\b(?:[ :]{{1,2}}(?:is|was|it's|it is|on|as|of|in))"
            rf"{{0,3}}[ :]{{0,2}}(?P<id>{DATE})"
        ),
    ),
    Pattern(type="DATE", form=_form(rf"(?<![\d/.-])\b{DATE}{CLOCK}")),
    Pattern(
        type="DATE",
        form=_form(
            r"(?:\b(?:in|since|from|until|till|to|by|before|after|during|around|about|back in|of|year|early|late|spring|summer|autumn|fall|winter|was|between|and)"
            rf" (?:of )?|^)(?P<id>{YEAR})\b(?! ?(?:{UNITS})\b)(?! ?%)"
        ),
        check=lambda m: "DATE" if 1900 <= (value(m.group("id")) or 0) <= 2099 else None,
    ),
    Pattern(type="POSTCODE", form=_form(r"\b[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}\b")),
    Pattern(type="POSTCODE", form=_form(r"\b[abceghj-nprstvxy]\d[a-z] ?\d[a-z]\d\b")),
    Pattern(
        type="POSTCODE",
        form=_form(
            r"\b(?:zip ?code|zip|post ?code|postal code)(?: is|'s)?[: ]{1,3}(?P<id>\w{2,4}[ -]?\w{2,5})\b"
        ),
        check=lambda m: "POSTCODE" if re.search(r"\d", m.group("id")) else None,
    ),
    Pattern(
        type="POSTCODE",
        form=_form(
            rf"\b(?:zip ?code|zip|post ?code|postal code)(?: is|'s)?[: ]{{1,3}}(?P<id>{SPOKEN_DIGITS})\b"
        ),
    ),
    *(Pattern(type="AGE", form=_form(rf"\b(?P<id>{form})"), check=_age) for form in AGES),
    Pattern(
        type="AGE",
        form=_form(rf"\b{SOMEBODY} {LESS}{{0,2}}(?!one\b)(?P<id>{WHOLE}){NOT_UNIT}"),
        check=_age,
    ),
    Pattern(type="AGE", form=_form(r"\b(?P<id>\d{2}) ?(?:[mf]|male|female)\b"), check=_age),
)


def pattern_spans(text: str) -> Iterator[Span]:
    """Yield the identifiers in a turn that have a form of their own.

    >>> [s.type for s in pattern_spans("i was born on the third of march nineteen eighty eight")]
    ['BIRTH_DATE', 'DATE']
    >>> list(pattern_spans("three weeks now, every night, since last year, about 10 times"))
    []
    """
    plain = text.translate(APOSTROPHES)
    for pattern in PATTERNS:
        for match in pattern.form.finditer(plain):
            kind = pattern.check(match) if pattern.check else pattern.type
            if kind is None:
                continue
            if pattern.type == "RECORD" and kind == "PHONE":
                kind = "RECORD"
            start, end = match.span("id" if "id" in pattern.form.groupindex else 0)
            yield Span(start=start, end=end, type=kind, source="pattern")
