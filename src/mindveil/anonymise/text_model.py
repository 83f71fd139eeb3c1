"""The small English spaCy model: its named entities, and the dictionary that it carries.

Weights are data (``mindveil.features.weights``): the folder is read, the package that brought
it is never imported. The model is loaded once a process, without the parts that are not used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from mindveil.anonymise.text_spans import IdentifierType, Span
from mindveil.errors import InputError
from mindveil.features import weights

if TYPE_CHECKING:
    from spacy.language import Language

KEY = "spacy-en"
UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
"""The entity recogniser has vectors of its own and needs none of these."""
LABELS: Mapping[str, IdentifierType] = {
    "PERSON": "PERSON",
    "GPE": "PLACE",
    "LOC": "PLACE",
    "FAC": "PLACE",
    "ORG": "ORGANISATION",
    "NORP": "NATIONALITY",
}
BATCH = 256
LONGEST_WORD = 40
GLUED = re.compile(rf"\S{{{LONGEST_WORD},}}")
LONGEST_TURN = 20_000
"""Characters read at a time; the model's memory grows with the length of a text."""


@cache
def language() -> Language:
    """Return the model, loaded on first use.

    Raises:
        InputError: spaCy is not installed, or its weights are not (MissingWeights).
    """
    try:
        import spacy  # noqa: PLC0415 - half a second, and an optional extra
    except ImportError as error:
        message = "text protections need spaCy; install it with: pip install 'mindveil[text]'"
        raise InputError(message) from error
    return spacy.load(weights.locate(KEY), exclude=list(UNUSED))


@cache
def dictionary() -> frozenset[str]:
    """Return the words of the WordNet index in the model, 80,000 in lower case."""
    from spacy.lookups import Lookups  # noqa: PLC0415 - half a second, and an optional extra

    tables = Lookups().from_disk(weights.locate(KEY) / "lemmatizer" / "lookups")
    words: set[str] = set()
    for table in ("lemma_index", "lemma_exc"):
        for part in ("noun", "verb", "adj", "adv"):
            words.update(tables.get_table(table)[part])
    return frozenset(words)


@cache
def function_words() -> frozenset[str]:
    """Return spaCy's English stop words: pronouns, articles, auxiliaries and their like."""
    from spacy.lang.en.stop_words import STOP_WORDS  # noqa: PLC0415 - an optional extra

    return frozenset(STOP_WORDS)


def named_entities(texts: Sequence[str]) -> list[list[Span]]:
    """Return what the model takes for people, places, organisations and peoples in each text."""
    pieces = [
        (GLUED.sub(lambda m: "x" * len(m.group()), text[at : at + LONGEST_TURN]), (row, at))
        for row, text in enumerate(texts)
        for at in range(0, len(text), LONGEST_TURN)
    ]
    found: list[list[Span]] = [[] for _ in texts]
    for document, (row, at) in language().pipe(pieces, as_tuples=True, batch_size=BATCH):
        found[row].extend(
            Span(
                start=at + entity.start_char,
                end=at + entity.end_char,
                type=LABELS[entity.label_],
                source="model",
            )
            for entity in document.ents
            if entity.label_ in LABELS
        )
    return found
