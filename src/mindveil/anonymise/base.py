"""The seam of every protection that turns a corpus into a corpus."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from mindveil.corpus.model import Corpus, Modality


@runtime_checkable
class Protection(Protocol):
    """A way to hide people; a frozen dataclass whose fields are the settings in the study file.

    ``changes`` names the modalities that are touched. ``alone`` says that each person is
    treated without looking at the others, so that one pass serves every fold; a protection
    that looks at the group (k-anonymity, a synthesiser) is fitted on released people only.
    """

    name: ClassVar[str]
    changes: ClassVar[AbstractSet[Modality]]
    alone: ClassVar[bool]

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the protected corpus, with participant ids unchanged.

        The release is given pseudonyms of its own afterwards, so that no protection has to.
        """
        ...
