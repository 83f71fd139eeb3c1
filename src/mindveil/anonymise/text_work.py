"""What people do and where they do it, as talk says it: occupations and organisations off the lists.

An occupation is known by "worked as a" or by its last word ("lighting technician"), an
organisation by the words around it ("I work at") or by its last word ("elm clinic",
"university of leeds").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mindveil.anonymise.name_lists import terms
from mindveil.anonymise.text_evidence import (
    Spot,
    Token,
    is_name,
    is_strange,
    is_word,
    may_be_name,
)
from mindveil.anonymise.text_model import function_words
from mindveil.anonymise.text_spans import Span
from mindveil.anonymise.text_terms import WORK, matched_end

JOB_OPEN = re.compile(
    r"(?:^| )(?:work|works|worked|working|job|employed|employment|career|role|position|trained|training|qualified"
    r"|living)(?: (?:now|then|part time|full time|once|mainly|mostly|for years))? as (?:a|an|the)$"
)
JOB_CUE = re.compile(
    r"(?:^| )(?:(?:(?<!there )(?<!it )(?<!that )(?:am|'m|im|is|'s|was|are|'re|were)|hes|shes|be|been|being|become"
    r"|became|becoming|as)(?: (?:just|only|now|still|currently|actually|also))? (?:a|an|the)|retired|former|ex)$"
)
JOB_HEADS = frozenset(
    "technician consultant officer broker trainer editor artist assistant executive researcher engineer manager"
    " director therapist psychotherapist radiographer organiser organizer designer developer operator administrator"
    " coordinator specialist supervisor inspector instructor planner analyst representative rep agent advisor adviser"
    " accountant buyer scientist controller practitioner producer promoter fundraiser underwriter architect surveyor"
    " lecturer teacher worker driver dealer trader merchandiser copywriter stylist maker fitter installer attendant"
    " clerk secretary contractor strategist archivist conservator geneticist microbiologist biochemist ecologist"
    " economist pharmacologist toxicologist hydrologist meteorologist astronomer cartographer barrister oceanographer"
    " immunologist embryologist cytogeneticist physiologist psychologist technologist programmer tester steward"
    " stewardess courier guard porter machinist repairer labourer laborer apprentice".split()
)
"""Last words of occupations; the words before them say which ("lighting technician")."""
NO_JOB = frozenset(
    "team group couple kid child unit family whole result favour favor joke test one lot way".split()
)
KEYWORDS = frozenset(
    "hospital clinic infirmary hospice university college academy institute school church mosque temple synagogue"
    " chapel surgery centre center pharmacy bank foundation trust council corporation corp inc ltd llc plc gmbh"
    " limited company partners associates group prison barracks polytechnic nursery restaurant hotel gym library"
    " stadium arms inn tavern pub couriers logistics plumbing roofing construction builders catering bakery brewery"
    " salon garage motors engineering consulting farm farms stores foods cafe kitchen high hosp healthcare ctr memorial presbyterian airport station industries technologies bros brothers sons services solutions systems".split()
)
CLEAR_KEYWORDS = frozenset(
    "hospital hosp clinic infirmary hospice university college academy church mosque synagogue prison institute"
    " healthcare memorial inc ltd llc plc corp gmbh".split()
)
GENERIC = frozenset(
    "mental psychiatric psychiatry day night general local private public state community high middle primary"
    " secondary elementary grammar grad graduate medical med law business art arts summer boarding nursing dental eye"
    " pain walk walkin outpatient inpatient rehab rehabilitation emergency teaching children childrens women womens"
    " mens fertility sleep memory methadone drug alcohol smoking cessation technical vocational sixth form junior"
    " senior sunday nursery catholic christian religious big small good new old same other another different whole"
    " first second third last next main nearest city county regional national online military veterinary vet animal"
    " health treatment care call service services insurance phone car tech software fitness shopping student job"
    " family eating disorder trauma anxiety depression counselling counseling diabetes cancer heart stroke maternity"
    " support peer focus self help friend friends therapy recovery process age ethnic minority control blood"
    " bible play youth great nice bigger better best worst entire right wrong top free proper real actual special"
    " train bus police fire petrol gas power work research test detention driving ward leisure town village"
    " sports sport garden job skills parent parents mother baby toddler book study reading".split()
)
BEFORE_NAME = frozenset("at to from in of near for by outside".split())
LONGEST_NAME = 4
LONGEST_FIRM = 8


def work_spans(turn: Sequence[Token], *, cased: bool, asked: bool = False) -> Iterator[Span]:
    """Yield occupations and organisations that no list has; ``asked``: "what do you do?"."""
    for at, token in enumerate(turn):
        if not is_word(token):
            continue
        spot = Spot(turn=turn, at=at, cased=cased, asked=asked and at < 4)
        if end := _occupation_end(spot):
            yield _span(turn, at, end, "OCCUPATION")
        if WORK.search(spot.left) and (end := _employer_end(turn, at, cased=cased)):
            yield _span(turn, at, end, "ORGANISATION")
        if token.low in ("st", "saint", "mt", "mount") and (end := _saint_end(turn, at)):
            yield _span(turn, at, end, "ORGANISATION")
        if token.low in KEYWORDS and (found := _institution(turn, at, cased=cased)):
            yield _span(turn, *found, "ORGANISATION")


def _occupation_end(spot: Spot) -> int:
    """Return the end of the occupation that starts here, or 0."""
    if JOB_OPEN.search(spot.left) and (end := _job_end(spot.turn, spot.at)):
        return end
    if JOB_CUE.search(spot.left) and (end := _headed_end(spot.turn, spot.at)):
        return end
    listed = terms().get(spot.token.low, ()) if spot.asked else ()
    jobs = (matched_end(spot.turn, spot.at, t) for t in listed if t.type == "OCCUPATION")
    return max(jobs, default=0)


def _span(turn: Sequence[Token], start: int, end: int, kind: str) -> Span:
    """Return a span over tokens [start, end)."""
    return Span(
        start=turn[start].start,
        end=turn[end - 1].end,
        type="OCCUPATION" if kind == "OCCUPATION" else "ORGANISATION",
        source="context",
    )


def _job_end(turn: Sequence[Token], at: int) -> int:
    """Return the end of an unlisted occupation that starts here, or 0."""
    end = at
    while end < len(turn) and end - at < LONGEST_NAME and _is_content(turn[end]):
        end += 1
    return 0 if end == at or turn[end - 1].low in NO_JOB else end


def _headed_end(turn: Sequence[Token], at: int) -> int:
    """Return the end of an occupation known by its last word that starts here, or 0."""
    end = 0
    for step in range(at, min(len(turn), at + LONGEST_NAME)):
        if not _is_content(turn[step]):
            break
        if turn[step].low in JOB_HEADS:
            end = step + 1
    return end


def _is_content(token: Token) -> bool:
    """Whether a word carries meaning of its own."""
    return is_word(token) and token.low[0] != "'" and token.low not in function_words()


def _is_proper(token: Token, *, cased: bool) -> bool:
    """Whether this looks like part of the name of an organisation."""
    if not is_word(token) or len(token.low) < 2 or token.low[0] == "'":
        return False
    if cased:
        return token.capital
    return is_strange(token.low) or is_name(token.low)


def _employer_end(turn: Sequence[Token], at: int, *, cased: bool) -> int:
    """Return the end of the employer that starts here, after "work at", or 0."""
    end = at
    while end < len(turn) and end - at < LONGEST_FIRM:
        joined = turn[end].low in ("and", "&", ",", "-") and end > at and end + 1 < len(turn)
        if _is_proper(turn[end], cased=cased):
            end += 1
        elif joined and _is_proper(turn[end + 1], cased=cased):
            end += 2
        else:
            break
    if end == at:
        return 0
    while end < len(turn) and turn[end].low in KEYWORDS:
        end += 1
    return end


def _institution(turn: Sequence[Token], at: int, *, cased: bool) -> tuple[int, int] | None:
    """Return the institution that this last word ("clinic") belongs to, if it has a name."""
    if at + 2 < len(turn) and turn[at + 1].low == "of":
        end = _employer_end(turn, at + 2, cased=cased) or _place_end(turn, at + 2)
        if end:
            return at, end
    first = at
    while first and at - first < LONGEST_NAME and _is_modifier(turn[first - 1], cased=cased):
        first -= 1
    names = turn[first:at]
    while names and names[0].low in GENERIC:
        names = names[1:]
    if not names:
        return None
    first = at - len(names)
    named = any(
        _is_proper(t, cased=cased) or t.low in ("st", "saint", "royal", "mount", "mt")
        for t in names
    )
    placed = any(may_be_name(t.low) and t.low not in GENERIC for t in names)
    lead = turn[first - 1].low if first else ""
    medical = names[-1].low in ("medical", "health", "med") and len(names) > 1
    clear = turn[at].low in CLEAR_KEYWORDS or medical
    bare = lead in BEFORE_NAME and clear and len(names) <= 3
    if cased:
        return (first, at + 1) if named and turn[at].capital else None
    sure = named or _is_listed_place(names) or bare or (placed and lead in BEFORE_NAME)
    return (first, at + 1) if sure else None


def _is_saint(turn: Sequence[Token], at: int, name: int) -> bool:
    """Whether a word after "st" or "saint" is one: a listed name, or any word after "saint"."""
    low = turn[name].low
    if may_be_name(low.removesuffix("s")):
        return True
    return turn[at].low == "saint" and _is_content(turn[name])


def _saint_end(turn: Sequence[Token], at: int) -> int:
    """Return the end of "st mary's" or "saint luke", or 0."""
    end = at + 1
    if end < len(turn) and turn[end].low == ".":
        end += 1
    if end >= len(turn) or turn[at].end + 2 < turn[end].start or not _is_saint(turn, at, end):
        return 0
    return end + 2 if end + 1 < len(turn) and turn[end + 1].low == "'s" else end + 1


def _is_modifier(token: Token, *, cased: bool) -> bool:
    """Whether this can stand before the last word of an institution's name."""
    if token.low in ("'s", ".", "st", "and", "&") and not token.capital:
        return token.low != "and"
    return _is_content(token) and (token.capital or not cased)


def _is_listed_place(names: Sequence[Token]) -> bool:
    """Whether one of these words is a listed place."""
    return any(term.type == "PLACE" for t in names for term in terms().get(t.low, ()))


def _place_end(turn: Sequence[Token], at: int) -> int:
    """Return the end of the listed place that starts here, or 0."""
    for term in terms().get(turn[at].low, ()):
        if term.type == "PLACE" and (end := matched_end(turn, at, term)):
            return end
    return 0
