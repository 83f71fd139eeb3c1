"""A fitted generator of people: an encoding and a model of its coded table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mindveil.corpus.description import read_json
from mindveil.corpus.model import Corpus
from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.store.files import write_json
from mindveil.synthesise.base import TableModel
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.encoding_measures import with_measures
from mindveil.synthesise.model_file import load_model, save_model

ENCODING_FILE = "encoding.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleModel:
    """Draws corpora of people who do not exist.

    The model draws rows of the coded table; the encoding says what they mean and keeps them
    consistent: skip logic, visits, totals that follow from their items. Measures of words, voice
    and face, where there are any, come as files of the workshop.
    """

    encoding: Encoding
    model: TableModel

    def __post_init__(self) -> None:
        if self.encoding.codebook != self.model.codebook:
            raise InputError(
                "the model was fitted to another codebook; load the two that belong together"
            )

    @property
    def guarantee(self) -> Guarantee | None:
        """What was promised of everything that was looked at, if anything was."""
        return self.model.guarantee

    def sample(self, people: int | None, rng: np.random.Generator) -> Corpus:
        """Return so many synthetic people; ``None``: as many as the release should hold.

        Raises:
            InputError: fewer than one person is asked for.
        """
        count = self.model.people if people is None else people
        if count < 1:
            raise InputError(f"people = {count}: ask for 1 or more")
        codes = self.model.draw(count, rng)
        drawn = self.encoding.decode(codes, rng)
        if not self.encoding.layout.slots:
            return drawn
        return with_measures(drawn, self.encoding, codes, rng)

    def save(self, folder: Path) -> None:
        """Write the model and its encoding into a folder: three files, none with a person in it."""
        save_model(self.model, folder)
        write_json(folder / ENCODING_FILE, self.encoding.to_json())


def load_people(folder: Path) -> PeopleModel:
    """Read a generator of people back.

    Raises:
        InputError: a file is missing, damaged, or belongs to another model.
    """
    stored, findings = read_json(folder, ENCODING_FILE)
    if stored is None:
        raise InputError(str(findings[0]))
    return PeopleModel(encoding=Encoding.from_json(stored), model=load_model(folder))
