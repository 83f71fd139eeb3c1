"""The sentences of the report about federations: what a server sees, and from which seat."""

from __future__ import annotations

from collections.abc import Mapping

GROUP = "What do updates give away while the detector is taught?"
GROUP_RULE = (
    "of federations; the attacker is the server that joins updates, from whichever seat tells "
    "him most"
)

SEATS_TITLE = "What the server sees"
SEATS_LEAD = (
    "Clients teach together and keep their people's rows; what reaches the server are updates. "
    "Under masks it sees their sum and not one of them, as long as it keeps to the rules and "
    "enough clients keep silent. Each row is a seat that a server may take, the most harmless "
    "first, and each cell what it gains there. Masks stop the second seat, and leave the first a "
    "sum, which still tells of those who are in it; the others get at single clients without "
    "breaking a mask. What is low in every row is owed to a promise, which is noise, or to many "
    "people in a sum. A promise counts on clients that keep silent, and its card says how many may "
    "tell. A seat is not "
    "asked where there is no mask to get around, or too many clients to single each out. "
    "Releases whose names end in “.undefended” show a server that sees every update as it is."
)
SEATS_CAPTION = "What the server gains on each federation, seat by seat"

SEATS: Mapping[str, tuple[str, str]] = {
    "": (
        "A server that keeps to the rules",
        "It remembers what it sees: sums under masks, every update without.",
    ),
    "one masked message": (
        "One message under its mask",
        "What a single client sent. Masks ought to leave nothing of it.",
    ),
    "all but one collude": (
        "All other clients tell",
        "They tell the server theirs; it takes them from the sum. Masks do not stop that.",
    ),
    "rounds differenced": (
        "All asked, then all but one",
        "The difference of the two sums is the one. Masks do not stop that.",
    ),
    "crafted weights": (
        "Weights made to tell",
        "The server sends weights at which people's updates come apart. Masks do not stop that.",
    ),
}
"""The seats of a server, the most harmless first: what each is called, and what it does."""

SUMS = "Sums of {} clients"
SUMS_QUESTION = "It asks so many clients at a time, all of them in turn."
RULE = "gain above the control, where nothing else is said"
NOT_ASKED = "not asked"
MOST = "the seat that finds most"

READING: Mapping[str, str] = {
    "Federations": (
        "The detector is taught by clients (hospitals, or people) that keep their data. Here they "
        "are simulated: what a server would see is computed to the number. A seat is what a server "
        "does beyond keeping to the rules. The control is the same attack on people who were at "
        "no client."
    ),
}

LEFT = "{} is left of {}"
UNSIGNED = "{} without the client that lies"
