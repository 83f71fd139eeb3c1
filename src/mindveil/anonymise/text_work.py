"""Listed places and peoples, what people do and where: occupations and organisations in talk.

An occupation identifies when somebody *is* one ("she's a nurse", "worked as a welder"), not
when one is mentioned ("the nurse came in"). An organisation is found by list, by the words
around it ("I work at"), or by its last word ("elm clinic", "university of leeds").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mindveil.anonymise.name_lists import Term, given_names, terms
from mindveil.anonymise.text_evidence import (
    Token,
    is_name,
    is_strange,
    is_word,
    may_be_name,
)
from mindveil.anonymise.text_model import function_words
from mindveil.anonymise.text_people import before
from mindveil.anonymise.text_places import is_home_cue, is_place_cue
from mindveil.anonymise.text_spans import Span

JOB = re.compile(
    r"(?:^| )(?:(?:(?<!there )(?<!it )(?<!that )(?:am|'m|im|is|'s|was|are|'re|were)|hes|shes|be|been|being|become"
    r"|became|becoming|as|retired|former|ex|qualified|trainee|student|apprentice|registered|freelance|employed)"
    r"(?: (?:just|only|now|still|currently|actually|also))?(?: (?:a|an|the))?"
    r"(?: (?:retired|former|part time|full time|qualified|trainee|student|junior|senior|young|good|local|freelance"
    r"|registered|professional|trained|single|self employed|ex|newly qualified|very|busy))?"
    r"|expect(?:ed)?(?: from| of) an?|(?:job|occupation|profession|trade|career)(?: is| was| 's| as)?(?: a| an)?)$"
)
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
BY_TRADE = frozenset("trade profession training".split())
WORK = re.compile(
    r"(?:^| )(?:(?:work|works|worked|working|job|jobs|employed|employee|position|role|intern|interned|internship|shift"
    r"|shifts|career|started|placement|volunteer|volunteers|volunteered|volunteering|manager|study|studies|studied"
    r"|studying|student|teach|teaches|taught|enrolled|degree|graduated|treated|admitted|shop|shopping|cashier"
    r"|apprenticeship|apprentice|interview|director|engineer|head)(?: (?:there|over|part time|full time|nights|days"
    r"|now|back|here|again|down|up|out))? (?:at|for|in|from)|(?:job|position|role|placement|interview) with)$"
)
STATES = frozenset(
    "ak al ar az ca co ct dc de fl ga ia il ks ky la ma md mi mn mo ms mt nc nd ne nh nj nm nv ny pa ri sc sd tn tx"
    " ut va vt wa wi wv wy ab bc mb nb ns qc sk".split()
)
"""Postal abbreviations that are no everyday words (so without in, me, oh, ok, or)."""
POSTCODE = re.compile(r"(?!(?:19|20)\d\d$)\d{4,6}")
FOOD = frozenset(
    "food takeaway takeout restaurant cheese dream football movie film music toast salad".split()
)
PEOPLE_AFTER = frozenset(
    "people man woman guy girl family descent origin accent background heritage parents citizen immigrant"
    " mother father husband wife mum dad mom church school community".split()
)
BEING = re.compile(
    r"(?:^| )(?:am|'m|im|is|'s|are|'re|was|were|hes|shes|half|part|a|an|as|being|raised|fully)$"
)
KEYWORDS = frozenset(
    "hospital clinic infirmary hospice university college academy institute school church mosque temple synagogue"
    " chapel surgery centre center pharmacy bank foundation trust council corporation corp inc ltd llc plc gmbh"
    " limited company partners associates group prison barracks polytechnic nursery restaurant hotel gym library"
    " stadium hosp healthcare ctr memorial presbyterian airport station industries technologies bros brothers sons services solutions systems".split()
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


def term_spans(turn: Sequence[Token], *, cased: bool) -> Iterator[Span]:
    """Yield listed places, peoples, occupations and organisations where they mean themselves."""
    for at, token in enumerate(turn):
        for term in terms().get(token.low, ()):
            end = _matches(turn, at, term)
            if end and _counts(turn, at, end, term, cased=cased):
                end = _with_state(turn, end, term)
                yield Span(start=token.start, end=turn[end - 1].end, type=term.type, source="list")
                if term.type == "PLACE":
                    yield from _postcode(turn, end)
                break


def _with_state(turn: Sequence[Token], end: int, term: Term) -> int:
    """Return the end of an American place with the state that follows it ("reno nv")."""
    if term.type != "PLACE" or not term.group.endswith("northern america"):
        return end
    place = end + (end < len(turn) and turn[end].low == ",")
    return place + 1 if place < len(turn) and turn[place].low in STATES else end


def _postcode(turn: Sequence[Token], at: int) -> Iterator[Span]:
    """Yield the four to six figures that follow a place, unless they are a year."""
    while at < len(turn) and turn[at].low in ",.":
        at += 1
    if at < len(turn) and POSTCODE.fullmatch(turn[at].low):
        yield Span(start=turn[at].start, end=turn[at].end, type="POSTCODE", source="context")


def work_spans(turn: Sequence[Token], *, cased: bool, asked: bool = False) -> Iterator[Span]:
    """Yield occupations and organisations that no list has; ``asked``: "what do you do?"."""
    for at, token in enumerate(turn):
        if not is_word(token):
            continue
        left = before(turn, at)
        if JOB_OPEN.search(left) and (end := _job_end(turn, at)):
            yield _span(turn, at, end, "OCCUPATION")
        if JOB_CUE.search(left) and (end := _headed_end(turn, at)):
            yield _span(turn, at, end, "OCCUPATION")
        if WORK.search(left) and (end := _employer_end(turn, at, cased=cased)):
            yield _span(turn, at, end, "ORGANISATION")
        if token.low in ("st", "saint", "mt", "mount") and (end := _saint_end(turn, at)):
            yield _span(turn, at, end, "ORGANISATION")
        if token.low in KEYWORDS and (found := _institution(turn, at, cased=cased)):
            yield _span(turn, *found, "ORGANISATION")
        if asked and at < 4:
            for term in terms().get(token.low, ()):
                if term.type == "OCCUPATION" and (end := _matches(turn, at, term)):
                    yield _span(turn, at, end, "OCCUPATION")


def _span(turn: Sequence[Token], start: int, end: int, kind: str) -> Span:
    """Return a span over tokens [start, end)."""
    return Span(
        start=turn[start].start,
        end=turn[end - 1].end,
        type="OCCUPATION" if kind == "OCCUPATION" else "ORGANISATION",
        source="context",
    )


def _matches(turn: Sequence[Token], at: int, term: Term) -> int:
    """Return where a listed phrase ends that starts here, or 0; a last word may be plural."""
    place = at
    for number, word in enumerate(term.words):
        while number and place < len(turn) and turn[place].low in ".-" and word not in ".-":
            place += 1
        if place >= len(turn):
            return 0
        low = turn[place].low
        last = number == len(term.words) - 1
        if low != word and not (last and number and low == f"{word}s"):
            return 0
        place += 1
    return place


def _counts(turn: Sequence[Token], at: int, end: int, term: Term, *, cased: bool) -> bool:
    """Whether a listed phrase means what the list says, here."""
    left = before(turn, at)
    after = turn[end].low if end < len(turn) else ""
    capital = cased and turn[at].capital
    if term.type == "OCCUPATION":
        return bool(JOB.search(left)) or (after == "by" and _is_trade(turn, end))
    if term.type == "PLACE":
        return _is_place(turn, at, term, left, cased=cased)
    if term.type == "ORGANISATION":
        if not term.ambiguous:
            return True
        return bool(WORK.search(left)) or (capital and not turn[at].opens and len(term.words) > 1)
    if after in FOOD:
        return False
    if not term.ambiguous:
        return True
    return (capital and not turn[at].opens) or after in PEOPLE_AFTER or bool(BEING.search(left))


def _is_trade(turn: Sequence[Token], end: int) -> bool:
    """Whether "by trade" follows."""
    return end + 1 < len(turn) and turn[end + 1].low in BY_TRADE


def _is_place(turn: Sequence[Token], at: int, term: Term, left: str, *, cased: bool) -> bool:
    """Whether a listed place is meant, rather than an everyday word or a person."""
    single = len(term.words) == 1
    if cased and not turn[at].capital:
        return False
    person = single and (is_name(turn[at].low) or turn[at].low in given_names())
    if term.ambiguous:
        return is_home_cue(left) or (cased and not turn[at].opens and not person)
    if person:
        return is_place_cue(left) or (at > 0 and turn[at - 1].low in ("in", "near"))
    return True


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


def _saint_end(turn: Sequence[Token], at: int) -> int:
    """Return the end of "st mary's" or "saint luke", or 0."""
    end = at + 1
    if end < len(turn) and turn[end].low == ".":
        end += 1
    if (
        end >= len(turn)
        or turn[at].end + 2 < turn[end].start
        or not may_be_name(turn[end].low.removesuffix("s"))
    ):
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
        if term.type == "PLACE" and (end := _matches(turn, at, term)):
            return end
    return 0
