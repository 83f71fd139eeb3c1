"""Does a saved detector hold the people who taught it: their rows, answers, words or names?

The thief of a model folder opens both files and whatever lies beside them and looks for people he
knows: the numbers that the detector reads of them in any array, their answers, five words in a
row that only they said, and their ids and names in any text. The same search for people who did
not teach it says what is found by chance.

Before a search its power is shown: people are hidden in eight ways and must be found again, else
finding nobody would mean nothing.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as tensor_bytes

from mindveil.attack.artefact import FEWEST, bytes_audited, files_in, identifiers_of, named_in
from mindveil.attack.base import Attacker, Holding, Membership, ModelKnowledge
from mindveil.attack.feature_rows import rows_in, tellable_rows
from mindveil.attack.row_search import Wanted, tellable
from mindveil.attack.stored_arrays import contents
from mindveil.attack.word_sequences import quoted, transcripts
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.encoding import Encoding
from mindveil.train.detector import ModelRelease

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_DECOYS = 120
_SEEN_THROUGH = 0.95
_BITS = ": bits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Everything by which known people could be told in a file, in the order of the people.

    ``rows`` (people, columns) is what a detector reads of them; ``answers`` are their coded answers
    where these tell anybody, ``said`` what they said and ``identifiers`` ids and names.
    """

    rows: Floats
    said: tuple[tuple[str, ...], ...]
    identifiers: tuple[tuple[str, ...], ...]
    answers: tuple[Codes, Codebook] | None = None

    @classmethod
    def of(cls, known: Corpus, rows: Floats) -> Sought:
        """Return what is known of people, and read of them."""
        return cls(
            rows=rows,
            said=tuple(transcripts(known)),
            identifiers=tuple(map(tuple, identifiers_of(known))),
            answers=_answers(known),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelArtefact:
    """Search the files of a stolen detector for known people.

    A score of 1 is a person who was found, by whatever it was. That nobody is found is a result,
    since the search has shown on decoys that it would have found them.

    Source: our own; it looks for what Carlini et al. 2021 call verbatim memorisation, in files
    instead of answers.

    Limits: It finds what lies there as it is, in plain or packed form. What is hidden in the
    numbers of a head is not found; the other attacks look for that.
    """

    name: ClassVar[str] = "model/artefact"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Membership, ...]:
        """Return who was found.

        Raises:
            InvalidMeasurement: no file was kept, people are too alike to be told apart, or decoys
                were not found.
        """
        if release.folder is None:
            raise InvalidMeasurement("no file of this detector was kept: there is none to search")
        known = knowledge.known
        rows = release.model.reader.rows(known)
        show_power(rows, rng)
        found = people_in(files_in(release.folder), Sought.of(known, rows))
        return (
            Membership(
                people=known.ids,
                scores=found.astype(np.float64),
                tier="trained",
                setting="rows found",
            ),
        )


def people_in(files: Mapping[str, bytes], sought: Sought) -> Flags:
    """Return who of the people is in files given as bytes, shape (people,)."""
    found = np.zeros(len(sought.rows), dtype=np.bool_)
    texts: set[str] = set()
    for name, data in files.items():
        for part in contents(data, name):
            if isinstance(part, bytes):
                found |= named_in(part, sought.identifiers, len(found))
                texts.add(part.decode("utf-8", errors="replace"))
            elif not part.place.endswith(_BITS):  # a row of numbers is no row of bits
                found |= rows_in(part.values, sought.rows)
    found |= quoted(sorted(texts), sought.said)
    if sought.answers is not None:
        found |= bytes_audited(files, *sought.answers).rows
    return found


def show_power(rows: Floats, rng: np.random.Generator) -> None:
    """Hide some rows in each way and find them again.

    Raises:
        InvalidMeasurement: too few people are tellable, or a way was not seen through.
    """
    can = np.flatnonzero(tellable_rows(rows))
    if len(can) < FEWEST:
        raise InvalidMeasurement(
            f"of {len(can)} of {len(rows)} people the detector reads enough that is unlike what it "
            "reads of others: a stored row could not be told from another person's"
        )
    decoys = rows[rng.permutation(can)[:_DECOYS]]
    nothing = tuple(() for _ in decoys)
    sought = Sought(rows=decoys, said=nothing, identifiers=nothing)
    for way, data in hidden_rows(decoys, rng).items():
        found = people_in({way: data}, sought)
        if found.mean() < _SEEN_THROUGH:
            raise InvalidMeasurement(
                f"rows hidden as {way} were found for {int(found.sum())} of {len(decoys)} decoys: "
                "finding nobody would mean nothing"
            )


def hidden_rows(rows: Floats, rng: np.random.Generator) -> Mapping[str, bytes]:
    """Return a file for each of eight ways to keep rows of numbers."""
    shuffled = rows[rng.permutation(len(rows))]
    single = shuffled.astype(np.float32)
    largest = max(float(np.abs(rows).max()), np.finfo(np.float64).tiny)
    weights = rng.uniform(0.5, 2.0, (len(rows), 1)) * rng.choice((-1.0, 1.0), (len(rows), 1))
    packed = base64.b64encode(zlib.compress(single.tobytes())).decode()
    beside = np.hstack([np.ones((len(rows), 1)), shuffled, rng.random((len(rows), 1))])
    return {
        "a tensor": _tensor(single),
        "a transposed tensor": _tensor(shuffled.T),
        "half precision": _tensor(shuffled.astype(np.float16)),
        "whole numbers of 16 bits": _tensor(np.rint(rows / largest * 32767).astype(np.int16)),
        "rows weighted one by one": _tensor(rows * weights),
        "columns beside others": _tensor(beside),
        "base64 of deflate in JSON": json.dumps({"cache": packed}).encode(),
        "lines of text": "\n".join(",".join(map(repr, r)) for r in rows.tolist()).encode(),
    }


def _tensor(rows: NDArray[np.generic]) -> bytes:
    return tensor_bytes({"weights": np.ascontiguousarray(rows)})


def _answers(known: Corpus) -> tuple[Codes, Codebook] | None:
    """Return coded answers where they tell two people or more apart from everybody else."""
    try:
        encoding = Encoding.of(known)
    except InputError:
        return None  # there are none
    codes = encoding.encode(known)
    can = tellable(Wanted(codes=codes, codebook=encoding.codebook))
    return (codes, encoding.codebook) if can.sum() >= FEWEST else None
