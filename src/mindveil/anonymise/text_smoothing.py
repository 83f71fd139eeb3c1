"""Blunt the habits of writing and speaking by which an author is recognised.

Case, punctuation, fillers, stretched letters and spelling variants say little about health and
much about who speaks (character n-grams link the two halves of a conversation by them; Stamatatos
2009, J. Am. Soc. Inf. Sci. Technol. 60(3)). Pronouns, negations, absolutist words, times and
everything else that questionnaires ask for stay as they were said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mindveil.anonymise.text_evidence import APOSTROPHES

TAG = re.compile(r"\[[A-Z]+(?:_[A-Z0-9]+)*\]")
PIECE = re.compile(r"\[[A-Z]+(?:_[A-Z0-9]+)*\]|\w+(?:['-]\w+)*|%")
STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
FILLERS = frozenset(
    "um umm uh uhh uhm erm er ah ahh oh ooh hm hmm hmmm mm mmm mhm mmh mh eh huh ugh argh like-like".split()
)
PHRASES = re.compile(
    r"\b(?:you know(?! (?:what|how|why|who|when|where|that|if|about|it|the|him|her|them|me|my|a|i|anything|nothing)\b)"
    r"|i mean(?! (?:it|that|to)\b)|(?:sort|kind) of(?! (?:thing|person|people|stuff|food|work|a)\b)|kinda|sorta"
    r"|basically|literally)\b"
)
COMMA_LIKE = re.compile(r"(?<=,) ?like ?(?=,)|(?<=^)like,|, like,?(?= )")
SAME: Mapping[str, str] = {
    "ok": "okay",
    "okey": "okay",
    "k": "okay",
    "alright": "all right",
    "yeah": "yes",
    "yea": "yes",
    "yep": "yes",
    "yup": "yes",
    "yah": "yes",
    "aye": "yes",
    "mm-hmm": "yes",
    "mhmm": "yes",
    "mmhmm": "yes",
    "uh-huh": "yes",
    "um-hum": "yes",
    "nope": "no",
    "nah": "no",
    "uh-uh": "no",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "have to",
    "dunno": "don't know",
    "lemme": "let me",
    "gimme": "give me",
    "'cause": "because",
    "cause": "because",
    "cuz": "because",
    "coz": "because",
    "cos": "because",
    "mum": "mother",
    "mom": "mother",
    "mam": "mother",
    "mummy": "mother",
    "mommy": "mother",
    "dad": "father",
    "daddy": "father",
    "cannot": "can't",
    "ain't": "isn't",
    "til": "until",
    "till": "until",
    "thru": "through",
    "tho": "though",
}


def smooth(text: str) -> str:
    """Return a turn in lower case, without marks, fillers and variants of spelling.

    A turn of nothing but fillers becomes "mm", so that no turn disappears. Tags stay.

    >>> smooth("Um, I... I'm sooo tired, you know -- [PERSON_1] never calls!!")
    "i i'm so tired [PERSON_1] never calls"
    >>> smooth("Mm.")
    'mm'
    """
    plain = COMMA_LIKE.sub(" ", _lowered(text.translate(APOSTROPHES)))
    kept = [
        SAME.get(piece, piece)
        for piece in (STRETCHED.sub(r"\1", p) for p in PIECE.findall(plain))
        if piece not in FILLERS
    ]
    said = " ".join(PHRASES.sub(" ", " ".join(kept)).split())
    return said or ("mm" if text.strip() else text)


def _lowered(text: str) -> str:
    """Return the text in lower case but for the tags of a release."""
    parts, at = [], 0
    for match in TAG.finditer(text):
        parts += [text[at : match.start()].lower(), match.group()]
        at = match.end()
    return "".join([*parts, text[at:].lower()])
