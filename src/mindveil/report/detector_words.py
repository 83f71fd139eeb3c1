"""The sentences of the report about detectors: their twins, their attacks, how they are tested."""

from __future__ import annotations

from collections.abc import Mapping

TWIN = (
    "The same detector without a promise: what attacks on “{}” are measured against. It is not "
    "offered for release."
)
SUMMARY = "Not offered for release: what the attacks on the private detector are measured against."
COMPARED = "for comparison"
WITHOUT = "without a promise"
POWER: Mapping[bool, str] = {
    True: "for comparison: the attack works",
    False: "for comparison: no better than chance",
}
"""Whether an attack finds anything where nothing is promised: only then does its failure show."""

REDUCED = "of what the strongest attack gains on the same detector without a promise"
NO_PROMISE = "This detector promises nothing, and is itself what it would be compared with."
IS_TWIN = "This is what “{}” is compared with."

POLICY = " Of a detector: of the risk of the same detector without a promise."
AXIS = (
    "A detector holds no record that could be matched, and a made-up record is nobody's: all "
    "releases are drawn by what the strongest attack gains over its control. A grey mark is there "
    "for comparison: the same detector without a promise."
)

GROUP = "What does the detector give away about who taught it?"
GROUP_RULE = "of detectors; the attacker holds the detector itself, and knows how it was made"

ANSWERS = "Answers that are handed out"
ANSWERS_LEAD = (
    "A detector may be safe and its answers not. Where what it says of people is handed out beside "
    "it, under codes and without names, somebody who knows what it reads of each person finds the "
    "answer of the right one this often. A release of the detector holds no answers, so that this "
    "does not count for the verdict; and no promise to those who taught it covers answers. Treat "
    "them as you treat the records that they were read from."
)

TESTED = "How the training was tested"
TESTED_LEAD = (
    "These tests ask of the way in which a detector was made whether it does what it says. They "
    "train detectors of their own, on made-up people, on groups or beside a client that lies, and "
    "find out nothing about anybody; what n counts stands beside it. A promise that an audit refutes is a condition missed; and for open access, a share "
    "of a group that is surely told allows controlled access at most."
)
TESTED_CAPTION = "Tests of the training, with what each could have shown"
UNIT: Mapping[str, str] = {
    "model/one-run-audit": "made-up people",
    "model/exposure": "made-up people",
    "model/property-inference": "detectors",
    "updates/poisoning": "people",
}
"""What n counts in a test of the training."""

READING: Mapping[str, str] = {
    "Detectors": (
        "A detector is what was learnt from people: a few numbers, with which others are read. "
        "Attackers hold it and ask whether a person was among those who taught it, and what of "
        "her it gives away. The control is the same attack on people who did not teach it."
    ),
    "Without a promise": (
        "Beside a private detector stands its twin: the same, taught without noise. Attacks must "
        "work there, or their failure on the private one shows little; and the difference in use "
        "is what the promise costs. Nobody is asked to release it."
    ),
    "An audit": (
        "Made-up people are planted in one training by the toss of a coin, and somebody guesses "
        "who was in. So many right guesses show an epsilon of at least so much. An audit only "
        "accuses: a low figure is no proof, and beside it stands the most that it could have shown."
    ),
}
