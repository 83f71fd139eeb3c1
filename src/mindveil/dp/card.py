"""The DP card: what a differentially private release promises, in plain data and in words.

The items are those that NIST SP 800-226, "Guidelines for evaluating differential privacy
guarantees" (2025), asks for: unit, neighbours, parameters, mechanisms and accountant, what was
taken as public, where the noise came from, what earlier releases add, and what is not promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mindveil.dp.composition import Spent
from mindveil.release import Guarantee
from mindveil.store.files import Json

_UNITS = {
    "person": "one person with everything that he or she contributed",
    "client": "one whole client of a federation with all its people; the largest advantage is "
    "about one person of it",
}

_NEIGHBOURS = {
    "add-remove": "two corpora that differ by one person being in or out; the number of people "
    "is not public",
    "replace": "two corpora of the same size that differ in one person's data",
}

_LABELS = {
    "proved": "proved: whole-number contributions, clipped again after rounding, exact sums, "
    "whole-number noise, an accountant that holds for it",
    "accounted": "accounted: the mathematics holds, but the noise can be repeated or was added "
    "to floating-point sums, so that the promise is not met to the letter",
    "empirical": "empirical: measured by attacks, not promised",
}

_CAVEATS = (
    (
        "It limits what is learnt about a person because he or she took part; it does not stop "
        "anybody from learning what is true of people like him or her."
    ),
    (
        "It holds for the released data and models alone, not for the original files, backups or "
        "logs, and not against somebody who reads the memory of this machine or times its work."
    ),
    (
        "What was taken as public is not protected: a level or bound that was chosen by looking "
        "at these people must be paid for."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a guarantee does not say about itself.

    ``public`` says what was taken as known to everybody (codebook, bounds, clipping), ``noise``
    whether the noise came from the operating system, ``caveats`` what is special to the release.
    """

    release: str
    os_entropy: bool
    public: Sequence[str] = ()
    caveats: Sequence[str] = ()
    spent: Spent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A guarantee with everything that is needed to judge it."""

    guarantee: Guarantee
    circumstances: Circumstances

    def items(self) -> tuple[tuple[str, str], ...]:
        """Return (item, sentence) pairs in the order in which they should be read.

        >>> promise = Guarantee(epsilon=1.0, delta=1e-5, advantage=0.107)
        >>> about = Circumstances(release="dass", os_entropy=True)
        >>> Card(guarantee=promise, circumstances=about).items()[3]
        ('Largest advantage', 'true minus false positive rate of any membership attack <= 10.7 %')
        """
        promise, about = self.guarantee, self.circumstances
        return (
            ("Unit of privacy", _UNITS[promise.unit]),
            ("Neighbours", _NEIGHBOURS[promise.neighbour].replace("person", promise.unit)),
            ("Promise", f"epsilon {promise.epsilon:.4g}, delta {promise.delta:.2g}"),
            ("Largest advantage", _advantage(promise.advantage)),
            ("Mechanisms", "; ".join(promise.mechanisms) or "not stated"),
            ("Accountant", promise.accountant or "not stated"),
            ("Label", _LABELS[promise.label]),
            ("Noise", _noise(os_entropy=about.os_entropy)),
            ("Taken as public", "; ".join(about.public) or "nothing"),
            ("All releases so far", _composed(about.spent)),
            *(("Caveat", text) for text in (*about.caveats, *_CAVEATS)),
        )

    def to_json(self) -> Json:
        """Return the card as plain data, words and figures."""
        promise = asdict(self.guarantee)
        promise["mechanisms"] = list(self.guarantee.mechanisms)
        spent = self.circumstances.spent
        return {
            "release": self.circumstances.release,
            "guarantee": promise,
            "os_entropy": self.circumstances.os_entropy,
            "public": list(self.circumstances.public),
            "spent": None if spent is None else asdict(spent),
            "words": [list(item) for item in self.items()],
        }

    def text(self) -> str:
        """Return the card as lines of text."""
        head = f"Differential privacy card: {self.circumstances.release}"
        return "\n".join([head, *(f"{item}: {words}" for item, words in self.items())]) + "\n"


def _advantage(advantage: float) -> str:
    return f"true minus false positive rate of any membership attack <= {100 * advantage:.1f} %"


def _noise(*, os_entropy: bool) -> str:
    if os_entropy:
        return "entropy of the operating system; it cannot be drawn again"
    return "drawn from a seed so that the run can be repeated: whoever knows the seed removes it"


def _composed(spent: Spent | None) -> str:
    if spent is None:
        return "no ledger was kept: earlier releases about these people are not counted"
    return (
        f"epsilon {spent.epsilon:.4g}, delta {spent.delta:.2g} over {spent.releases} "
        f"release{'s' if spent.releases != 1 else ''} from this corpus"
    )
