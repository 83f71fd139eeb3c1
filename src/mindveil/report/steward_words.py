"""The words of the steward's page: as few as will do."""

from __future__ import annotations

from collections.abc import Mapping

from mindveil.evidence.policy import Kind

TITLE = "May it go out?"
BEST = "Best candidate"
NEAREST = "Comes nearest"
WHY = "Why"
WEAKEST = "Weakest link"
PROTECT = "Protect next"
UNTESTED = "Not tested"
UNTIL = "Valid until"
REPEAT = "Then run the study again: attacks improve."
ALL = "All releases"
NOTHING_NEXT = "Nothing: all matching stays under the limit."
ADDS = "{}, which adds"
SEVERAL = "{} first; several recordings give the same away."
NO_ATTACK = "No attack gave a figure."
NO_FIGURE = "No condition could be decided by a figure."

SHORT: Mapping[Kind, str] = {
    "match": "Right person found",
    "advantage": "Learned beyond guessing",
    "names": "People with a readable name or number",
    "promise": "The formal promise is refuted",
    "leaks": "Files that say who somebody is",
    "risk-reduction": "Risk taken away",
    "unmeasured": "Could not be measured",
    "contamination": "People with a duplicate",
    "people-exposed": "People who can be named with certainty",
    "group-risk": "Right person found, worst group",
    "group-use": "Clinical use lost, worst group",
    "unusual-people": "Most unusual people found",
    "light-attackers": "Only light attackers were tried",
    "power": "An attack had no power",
    "strongest-attacker": "The strongest attacker gave no figure",
    "audit": "A promise was not tested",
    "groups-told": "Gives away what kind of people taught it",
    "use-wanted": "Clinical use",
    "use-kept": "Change of clinical use",
    "use-above-chance": "Clinical use beyond guessing",
    "coverage": "Share of people decided on",
    "faithfulness": "Measures the same",
}
"""What a condition is about, in a few words."""

UNUSUAL_CUT = "Risk taken away from the most unusual people"

AT_LEAST: frozenset[Kind] = frozenset({"risk-reduction", "use-wanted", "coverage"})
"""Conditions whose limit is the least that is wanted."""
LOSSES: frozenset[Kind] = frozenset({"use-kept", "group-use"})
"""Conditions whose limit is the loss that is allowed."""
UNLIMITED: frozenset[Kind] = frozenset(
    {"faithfulness", "people-exposed", "contamination", "use-above-chance"}
)
"""Conditions whose limit is not held against the figure as it is printed."""

ACCESS: Mapping[str, str] = {
    "open": "open access (anybody)",
    "registered": "registered access (people who sign up)",
    "controlled": "controlled access (approved people under an agreement)",
    "internal": "internal use (inside the institution)",
}

YES = "Yes, for {}."
UNDER = "Not for {}; yes for controlled access (approved people under an agreement)."
UNDER_ONLY = "Only for controlled access (approved people under an agreement)."
NO = "Not for {}, nor for approved people under an agreement."
NO_ALONE = "No."
NO_BUT = "No. {} would do."
UNKNOWN = "Nobody can tell yet."
UNKNOWN_BUT = "Nobody can tell yet for {}. {} would do."
UNDER_AGREEMENT = " for controlled access"
NEEDED_MORE = "About {:,} people would be needed to tell of {}; this study had {:,}."
NEEDED = "About {:,} people would be needed to tell; this study had {:,}."
