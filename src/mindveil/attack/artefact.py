"""Does a saved generator hold the rows of the people it was fitted to, or their identifiers?

The thief of a model folder opens every file and looks for people he knows: their answers in any
array, however it was packed, and their ids and names in any text (a pickled peer gave back all of
its training cells). Nobody may be found; the same search for people who were not in the training
table says what is found by chance.

Before a search its power is shown: rows of people who can be told from everybody else are hidden
in eight ways and must be found again, else finding nobody would mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, Knowledge, Membership
from mindveil.attack.hidden_rows import hidden
from mindveil.attack.row_search import Wanted, found_in, tellable
from mindveil.attack.stolen_generator import generator_of
from mindveil.attack.stored_arrays import MOST_BYTES, Stored, contents
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.release import DataRelease
from mindveil.synthesise.codebook import Codebook, Codes

Flags = NDArray[np.bool_]

FEWEST = 2
_DECOYS = 120
_SEEN_THROUGH = 0.95
"""Share of decoys that must be found: few rows may leave two columns alike."""
_FEWEST_ROWS = 8
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """Whose row, and whose identifier, was found in the files; flags in the order of people.

    ``tellable`` are those who differ from everybody else in enough cells to be found at all;
    ``places`` says where rows were found.
    """

    rows: Flags
    tellable: Flags
    identifiers: Flags
    places: tuple[str, ...]
    arrays: int

    @property
    def found(self) -> Flags:
        """Whose row or identifier was found."""
        return self.rows | self.identifiers


def rows_found(
    folder: Path, codes: Codes, codebook: Codebook, identifiers: Sequence[Sequence[str]] = ()
) -> AuditFinding:
    """Return who is in the files of a folder.

    ``codes`` are the rows of everybody who is looked for, training people and others together:
    what only one of them has tells her apart. ``identifiers`` are ids and names, by person.
    """
    return bytes_audited(files_in(folder), codes, codebook, identifiers)


def files_in(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, by its path in it.

    Raises:
        InputError: it is no folder, or a file is too large to be searched.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; name the folder of a saved model")
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    large = [name for name, path in files.items() if path.stat().st_size > MOST_BYTES]
    if large:
        raise InputError(f"{large[0]} is larger than {MOST_BYTES >> 20} MB and was not searched")
    return {name: path.read_bytes() for name, path in files.items()}


def bytes_audited(
    files: Mapping[str, bytes],
    codes: Codes,
    codebook: Codebook,
    identifiers: Sequence[Sequence[str]] = (),
) -> AuditFinding:
    """Return who is in files given as bytes (any file of a run folder)."""
    wanted = Wanted(codes=codebook.checked(codes), codebook=codebook)
    can = tellable(wanted)
    hit, named = np.zeros(len(codes), dtype=bool), np.zeros(len(codes), dtype=bool)
    places: list[str] = []
    count = 0
    for name, data in files.items():
        parts = list(contents(data, name))
        for text in {p for p in parts if isinstance(p, bytes)}:
            named |= named_in(text, identifiers, len(codes))
        arrays = [p for p in parts if isinstance(p, Stored)]
        for stored in _with_sums(arrays, _FEWEST_ROWS * codes.shape[1]):
            count += 1
            here = found_in(stored.values, wanted)
            if here.any():
                places.append(stored.place)
            hit |= here
    return AuditFinding(
        rows=hit, tellable=can, identifiers=named, places=tuple(places), arrays=count
    )


def _with_sums(arrays: Sequence[Stored], least: int) -> Iterator[Stored]:
    """Give arrays, and what two of whole numbers, as large as a table, hide between them."""
    yield from arrays
    whole = [
        a
        for a in arrays
        if a.values.dtype.kind in "iu" and a.values.size >= least and ": raw " not in a.place
    ]
    for first, one in enumerate(whole):
        for other in whole[first + 1 :]:
            if one.values.shape == other.values.shape:
                mine, its = one.values.astype(np.int64), other.values.astype(np.int64)
                place = f"{one.place} with {other.place}"
                for values in (mine ^ its, mine + its, mine - its):
                    yield Stored(place=place, values=values)


def named_in(text: bytes, identifiers: Sequence[Sequence[str]], people: int) -> Flags:
    """Return whose identifier stands in a text as a word of its own."""
    found = np.zeros(people, dtype=bool)
    for person, names in enumerate(identifiers):
        for name in names:
            sought = name.encode()
            at = text.find(sought) if len(name) >= _LEAST_LETTERS else -1
            while at >= 0 and not found[person]:
                around = text[at - 1 : at] + text[at + len(sought) : at + len(sought) + 1]
                found[person] = not any(chr(b).isalnum() for b in around)
                at = text.find(sought, at + 1)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """Search the stolen model for the rows and identifiers of known people.

    A score of 1 is a person whose row or identifier was found. That nobody is found is a result,
    since the search has shown on decoys that it would have found them: it is no degenerate score.

    Source: our own; it looks for what Carlini et al. 2021 call verbatim memorisation, in files
    instead of answers.

    Limits: It finds what lies there as it is, in plain or packed form. What is hidden in the
    weights of a network is not found; the other attacks look for that.
    """

    name: ClassVar[str] = "synthetic/artefact"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return who was found.

        Raises:
            InvalidMeasurement: no model was saved, people are too alike to be told apart, or
                decoys were not found.
        """
        encoding = generator_of(release).encoding
        assert release.model is not None
        known = knowledge.known
        codes = encoding.encode(known)
        show_power(codes, encoding.codebook, rng)
        finding = rows_found(
            release.model, codes, encoding.codebook, identifiers=identifiers_of(known)
        )
        return (
            Membership(
                people=known.ids,
                scores=finding.found.astype(np.float64),
                tier="trained",
                setting="rows found",
            ),
        )


def show_power(codes: Codes, codebook: Codebook, rng: np.random.Generator) -> None:
    """Hide some rows in each way and find them again.

    Raises:
        InvalidMeasurement: too few people are tellable, or a way was not seen through.
    """
    can = np.flatnonzero(tellable(Wanted(codes=codes, codebook=codebook)))
    if len(can) < FEWEST:
        raise InvalidMeasurement(
            f"{len(can)} of {len(codes)} people differ from everybody else in three answers or "
            "more: a stored row could not be told from another person's"
        )
    decoys = codes[rng.permutation(can)[:_DECOYS]]
    wanted = Wanted(codes=decoys, codebook=codebook)
    due = tellable(wanted)
    for way, data in hidden(decoys, codebook, rng).items():
        found = bytes_audited({way: data}, decoys, codebook).rows
        if found[due].mean() < _SEEN_THROUGH:
            raise InvalidMeasurement(
                f"rows hidden as {way} were found for {int(found[due].sum())} of "
                f"{int(due.sum())} decoys: finding nobody would mean nothing"
            )


def identifiers_of(corpus: Corpus) -> list[list[str]]:
    """Return the ids of people and what their identifying columns say."""
    columns = [name for name, c in corpus.columns.items() if c.role == "identifier"]
    return [
        [p.participant_id, *(str(p.attributes[c]) for c in columns if p.attributes.get(c))]
        for p in corpus.participants
    ]
