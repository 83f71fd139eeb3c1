"""The words around a name that say it is one: titles, relations, greetings, "my name is".

And the words that look like names and are not: verbs ("my brother will"), qualities ("i'm
frank"), months.
"""

from __future__ import annotations

import re

KIN = (
    r"(?:brother|sister|mother|father|mom|mum|mam|mummy|mommy|dad|daddy|son|daughter|kid|boy|girl"
    r"|child|baby|husband|wife|partner|boyfriend|girlfriend|fianc[eé]e?|ex|aunt|auntie|uncle|cousin"
    r"|nephew|niece|grand(?:ma|pa|mother|father|dad|son|daughter)|gran|nan|nana|granny|grandad|papa"
    r"|step(?:mum|mom|dad|son|daughter|brother|sister|mother|father)|twin|sibling|friend|mate|buddy"
    r"|roommate|flatmate|housemate|neighbou?r|boss|manager|supervisor|colleague|coworker|teacher"
    r"|coach|doctor|gp|psychiatrist|therapist|counsell?or|psychologist|nurse|midwife|dentist|surgeon"
    r"|keyworker|caseworker|worker|landlord|lawyer|solicitor|sponsor|mentor|tutor|dog|cat|puppy|guy"
    r"|man|woman|lady|person|patient|client)"
)
CALLED = r"(?: is| was| 's|s)?(?: also)?(?: named| called| name is| name 's| names)"
NAMED = re.compile(
    r"(?:^| )(?:names?(?: is| 's|:|,)?(?: actually)?|named(?: him| her| me| it| them)?|is called|was called|call(?:s|ed)? (?:me|him|her)|goes by"
    r"|known as|nicknamed|nickname is|surname(?: is)?|spelled|this is|speaking to|speaking with)"
    r"(?: mr| mrs| ms| dr| miss)?(?: \.)?$"
)
MY_NAME = re.compile(r"\bname(?: is| 's)$")
TITLE = re.compile(
    r"(?:^| )(?:mr|mrs|ms|miss|mx|dr|doctor|prof|professor|nurse|sister|reverend|rev|pastor|uncle"
    r"|aunt|auntie|aunty|sergeant|officer|detective|judge|sir|captain|nana|nanna|grandma|grandpa"
    r"|granny|gran|nan|papa|principal|mister)(?: \.)?$"
)
SHORT_TITLE = re.compile(r"(?:^| )(?:mr|mrs|ms|miss|mx|dr|prof|mister)(?: \.)?$")
RELATION = re.compile(
    rf"(?:^| )(?:my|his|her|our|their|your|the|a|this) (?:[a-z]+ ){{0,2}}{KIN}(?: ,)?(?:{CALLED})?$"
)
RELATION_NAMED = re.compile(rf"(?:^| ){KIN}{CALLED}$")
GREETING = re.compile(
    r"(?:^| )(?:hi|hello|hey|thanks|thank you|cheers|bye|goodbye|dear|morning|afternoon|okay|ok|well done"
    r"|nice to meet you|sorry)(?: ,)?$"
)
TOLD = re.compile(
    r"(?:^| )(?:me and|tell|told|ask|asked|texted|phoned|rang|dumped|married|dating|visited|blame|blamed|thank"
    r"|met|miss|want|wanted|let)$"
)
AUXILIARIES = frozenset(
    "will may can do so an lay hung min love hope joy faith grace patience".split()
)
SELF = re.compile(r"(?:^| )(?:i 'm|i am|im|it 's|me|we 're)(?: ,)?$")
AND = re.compile(r"(?:^| )(?:and|or|&|,)$")
COUNTED = frozenset(
    "the a an some any this that these those another every each no many much few more most two three my your his"
    " her its our their very so too quite really pretty all".split()
)
"""Before a strange word these say that it is a thing or a quality."""
VERBS = frozenset(
    "will may can mark chase rob sue grant bill drew pat drop ram hung lay do so min an kit gene art jay may"
    " wade cook hunt ring tie pop hope love trust".split()
)
"""Names that are verbs: "my brother will" names nobody."""
QUALITIES = frozenset(
    "rich frank young christian sandy rusty precious early earnest merry happy sunny handy guy dean strong sharp"
    " gross little long short black white brown green gray grey wise french english polish irish welsh game able"
    " noble major minor junior royal sterling holly olive amber crystal destiny hung lucky"
    " baker cook miller mason hunter carpenter fisher gardener farmer taylor tanner".split()
)
"""Names that say how somebody is or what they do: "i'm frank" names nobody."""
NOT_LAST = frozenset(
    "may long day love little hurt low will so do vo an must ball can made day park".split()
)
SAYS = frozenset(
    "said says told asked asks thinks thought called calls texted rang phoned replied died passed lives lived came"
    " helped helps wants wanted knew knows suggested explained mentioned has had is was and 's".split()
)
LIKELY = frozenset("mark ray jay".split())
"""Names that are everyday words, but more often names."""
VERB_BEFORE = frozenset("to could can would will i you we they please don't a the question".split())
VERB_AFTER = frozenset(
    "the my it a your his her our down up that this these those on out of".split()
)
MONTHS = frozenset("may june april august march january augustine sept october".split())
PARTICLES = frozenset(
    "van von der den de la le du da di del dos das al el bin ibn ben mac mc st ter ten af".split()
)
MARKS = frozenset("-.")
