"""Every sentence of the report that is not a figure, in words that need no statistics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mindveil.evidence.verdict import Decision, State

MEANINGS: Mapping[Decision, str] = {
    "RELEASE": "Every condition of the policy was met in the attacks that were run.",
    "CONTROLLED": "No condition was missed, but something limits it to people under agreement.",
    "DO NOT RELEASE": "At least one condition of the policy is missed for sure.",
    "INCONCLUSIVE": "Too few people, or something could not be measured: nobody can tell yet.",
}

STATES: Mapping[State, str] = {
    "missed": "Missed",
    "unknown": "Cannot tell",
    "caps": "Controlled access at most",
    "met": "Met",
}
"""Worst first: the order in which findings are listed."""

LEVELS: Mapping[str, str] = {
    "met": "under the limit",
    "missed": "over the limit",
    "unknown": "cannot tell",
    "hole": "no figure",
    "withheld": "withheld",
    "absent": "not run",
    "moot": "does not apply",
}

MARGINS: Mapping[str, str] = {
    "met": "kept",
    "missed": "lost",
    "unknown": "cannot tell",
    "none": "no comparison",
    "reference": "the original",
}

MEASURED = "measured"

SAME: Mapping[str, str] = {
    "met": "still the same",
    "missed": "not the same",
    "unknown": "cannot tell",
    "none": MEASURED,
    "reference": "the original",
}
"""How a figure of a released questionnaire stands to its tolerance."""

ADDS: Mapping[str, str] = {
    "met": "better with it",
    "missed": "worse with it",
    "unknown": "cannot tell",
}

FIDELITY: Mapping[str, str] = {
    "congruence": "The lowest of all factors",
    "margins-tv": "0 is none; share of people who would have to answer otherwise",
    "margins-tv-worst": "0 is none; share of people who would have to answer otherwise",
    "detectability": "By a machine that looks at all answers together; no limit is set",
}
"""What must be known of a figure of a whole questionnaire."""

ADDITION_RULE = (
    "AUROC of a detector from real people and the release together; gain: above the same real "
    "people alone"
)

TASKS: Mapping[str, str] = {
    "rest": "No question is on both sides: what is kept is how answers hang together",
    "screener": "The score holds the very items that predict it, so that good figures are no "
    "detection",
}
"""What must be known of a question about answers before its figures are read."""

UNITS: Mapping[str, str] = {
    "person": "one person, with everything that he or she contributed",
    "client": "one whole client of a federation, with all its people; the largest advantage is "
    "about one person",
}

LABELS: Mapping[str, str] = {
    "proved": "proved: whole-number sums and noise from the operating system, so that the "
    "mathematics holds to the letter",
    "accounted": "accounted: the mathematics holds, but the noise could be drawn again, or was "
    "added to rounded numbers",
    "empirical": "empirical: measured by attacks, not promised",
}

CEILING = (
    "{}: the most by which anybody, whatever he knows, can tell people who took part from people "
    "who did not (true minus false positive rate)"
)

SIGNALS: Mapping[str, str] = {
    "recognition": "Share of recordings whose emotion or expression is told rightly, class by "
    "class, in people never seen",
    "retention": "Correlation with the original, between people; 1 is kept, 0 is lost",
    "intelligibility": "Share of words that a speech recogniser gets wrong",
}

CONTEXTS: Mapping[str, str] = {
    "open": "open access: anybody may download it",
    "registered": "registered access: people who have signed up",
    "controlled": "controlled access: approved people under an agreement",
    "internal": "internal use: inside the institution",
}

SHAPES: Mapping[Decision, str] = {
    "RELEASE": "circle",
    "CONTROLLED": "diamond",
    "DO NOT RELEASE": "square",
    "INCONCLUSIVE": "triangle",
}
"""A decision is told by shape and word, never by colour alone."""

TEXT: Mapping[str, str] = {
    "eyebrow": "Evidence for a release decision",
    "synthetic": "Synthetic people",
    "synthetic_note": "Nobody here exists: the figures are evidence about no real release.",
    "policy": "The policy of this study",
    "worst": "Right person found, strongest attacker",
    "worst_other": "Strongest attack, gain above its control",
    "worst_none": "No attack gave a figure that may be shown.",
    "reduction": "Risk taken away",
    "reduction_note": "of what the strongest attack gains on the original",
    "reduction_self": "This is the unprotected original that the others are compared with.",
    "reduction_none": "Not known: see the conditions.",
    "utility": "Clinical use kept",
    "utility_none": "Not measured.",
    "utility_change": "Change against the original:",
    "conditions": "Conditions",
    "no_conditions": "No condition could be checked.",
    "steps_none": "no protection: the data as they were collected",
    "frontier": "Risk against clinical use",
    "axis_across": "Right person found by the strongest attacker",
    "axis_gain": "What the strongest attack gains over its control",
    "frontier_gains": "A synthetic record is nobody's, so that nobody can be found by one: all "
    "releases are drawn by what the strongest attack gains over its control.",
    "frontier_none": "No release has both a risk and a figure of detection or severity, so there "
    "is nothing to draw. What is left of voices and faces stands in the pages for researchers.",
    "frontier_caption": "Each mark is a release. Further left is safer, further up is more useful; "
    "the shaded corner lies left of the limit of {limit}{least}. Lines are 95% intervals: a "
    "release passes only if its whole line fits in the corner, in this and in every other "
    "attack. A hollow mark has a better release beside it: no riskier, no less useful, and "
    "better for sure in one of the two. Low risks are drawn stretched.",
    "frontier_table": "The figures of the picture",
    "weakest": "The weakest link",
    "weakest_joined": "How often the right person is found by an attacker who holds everything, one "
    "kind of recording alone, or everything but one; background is age, sex and the like. The line "
    "is the limit. Answers are those of an earlier visit: who knows the very answers of one day may "
    "find more, which other attacks ask.",
    "weakest_single": "How often the right person is found by each kind of recording, each attack "
    "alone: in this study no attacker joined them. The line is the limit.",
    "people": "Person by person",
    "people_lead": "A fair mean can hide somebody who is found every time. Circle: the person in "
    "the middle. Diamond: the 5% at most risk begin here. Square: the worst. The line is the limit; "
    "low risks are drawn stretched. Surely named: people whom an attacker can name and knows that he "
    "is right. Most unusual: how often those who differ most from the others are found.",
    "people_caption": "People's own chances to be named, by the attack that threatens most of them",
    "researchers": "For researchers",
    "researchers_lead": "Everything behind the decision. Underlined numbers lead to their row in "
    "the scorecard; row numbers are those that a spreadsheet shows for scorecard.csv.",
    "releases": "Release by release",
    "attacks": "What attackers achieve",
    "attacks_lead": "Each row is one question that an attacker asks of a release. A cell shows "
    "what the strongest attacker of that kind achieved, and the bar shows its 95% interval; the "
    "upright line is the limit of the policy. Low risks are drawn stretched. A cell is under "
    "the limit only if its whole interval is.",
    "attacks_caption": "What the strongest attacker achieves on each release",
    "attacks_records": "Whose record is it?",
    "attacks_records_rule": "of releases whose records are people's",
    "attacks_nobody": "Who is behind the synthetic people?",
    "attacks_nobody_rule": "of synthetic releases; on the original, of a verbatim copy",
    "attacks_none": "No attack was part of this study.",
    "utility_section": "What the data still tell",
    "utility_lead": "How well a screening aid works when it learns from the release and is "
    "tested on people it never saw. Kept, lost or cannot tell compares it with the same aid "
    "that learned from the original, on the same people. These are figures of tools that "
    "support screening; they diagnose nobody.",
    "utility_caption": "How well each clinical question can be answered from each release",
    "utility_none_section": "No clinical question was part of this study.",
    "fidelity": "Does it still measure the same?",
    "fidelity_lead": "A synthetic or altered questionnaire is of use only if it measures what the "
    "real one did. Each row is one figure, computed from the release alone and set against the "
    "very people it was made from. It is still the same only if the whole interval of the change "
    "lies within the tolerance. Beside it stands what another sample of as many real people would "
    "show: nobody needs a release that is nearer to these people than people are to each other.",
    "fidelity_caption": "Consistency, correlations, prevalence and factors in each release",
    "additions": "What it adds to real people",
    "additions_lead": "Whether a detector that learns from real people becomes better when the "
    "release is added, for a site that has many people of its own or few.",
    "additions_caption": "What each release adds to real people",
    "signals": "What can still be heard and seen",
    "signals_lead": "What became of the recordings themselves: the measures that clinicians read "
    "off voices and faces, and the emotions and words in them. A protection can keep a fair mean "
    "and lose what matters, so each measure and each class stands alone.",
    "signals_caption": "What is left of voices and faces in each release",
    "untested": "What was not tested",
    "untested_lead": "A release is only as safe as the attacks that were tried. This study did "
    "not look at the following.",
    "failed": "Attempted, but without a figure",
    "resolution": "How small a risk could this study have seen?",
    "resolution_lead": "Even an attack that finds nobody does not show that the risk is zero: "
    "with few people, a small risk stays invisible.",
    "reading": "How to read the figures",
    "guarantees": "Formal guarantees",
    "guarantees_none": "None of these releases carries a formal guarantee such as differential "
    "privacy. What this report says about risk rests on the attacks that were run.",
    "guarantees_lead": "Differential privacy bounds what any attacker can learn about one "
    "person's taking part, whatever else they know. It does not stop anybody from learning what "
    "is true of people like her. The figures are those of one release of the study; what is "
    "written for sharing is paid for anew, and has a card of its own.",
    "mechanisms": "What was measured of the people, with noise",
    "provenance": "Where these figures come from",
    "scorecard": "The full scorecard",
    "scorecard_lead": "Every row of scorecard.csv in the run folder under its row number, grouped "
    "by what was asked; rounded, and withheld where fewer than 10 people stand behind it. Remarks "
    "stand below each table.",
    "scorecard_cut": "This page would be too large with every row: of those that are missing, the "
    "row number is shown when you point at a figure.",
    "print_note": "Parts that were closed on the screen are not printed. Every row is in "
    "scorecard.csv in the run folder.",
    "foot": "This page is evidence about the attacks that were run on these people. It does not "
    "state that any data are anonymous or comply with a law; that is for the people who are "
    "responsible for them to decide. It holds no script, loads nothing and sends nothing.",
}

MONTHS: tuple[str, ...] = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

NEVER_TESTED: tuple[str, ...] = (
    "Attacks that nobody has thought of yet, and attackers who know more than was assumed here.",
    "The computers on which the data are kept: a break-in, a lost disk, a careless colleague.",
    (
        "Whether the law sees the data as personal data. Codes in place of names do not settle "
        "that: age, job, illness and answers together still point at people."
    ),
)

READING: Mapping[str, str] = {
    "The verdict": (
        "It follows from rules that were fixed before the study ran. RELEASE: every condition "
        "is met. CONTROLLED: only under an access agreement. DO NOT RELEASE: a condition is "
        "missed for sure. INCONCLUSIVE: the figures are too uncertain to tell. It is evidence, "
        "never a certificate, and it ends on its expiry date because attacks improve."
    ),
    "Right person found": (
        "The attacker holds something of a person from another source and picks the record "
        "that looks most alike. The figure is how often that is right. A limit of 9% means "
        "right in about 1 of 11 cases; it is the threshold that the European Medicines "
        "Agency and Health Canada use for published trial data."
    ),
    "Three attackers": (
        "The ignorant attacker does not know that the data were changed. The lazy-informed one "
        "knows the method and changes copies of their own in the same way. The semi-informed one "
        "also practises on protected data of other people. The strongest of them counts."
    ),
    "The interval": (
        "95% [a to b]: the figure was measured on some people; with other people it would come "
        "out differently, and the interval says by how much. n is the number of people. "
        "Verdicts look at the worse end of the interval, never at the figure alone."
    ),
    "Guessing and control": (
        "Guessing is what luck alone reaches. The control is the same attack on people who are "
        "not in the release: whatever it “finds” there is coincidence."
    ),
    "Gain above the control": (
        "What is left of an attack's success once coincidence is taken off: 0% is no better "
        "than the control, 100% is always right. Some attacks are judged by it, with a limit "
        "of its own."
    ),
    "Singling out": (
        "The attacker describes somebody so that nobody else in the release fits. Whoever can be "
        "described so can be looked up elsewhere, even where no name was left."
    ),
    "Risk taken away": (
        "How much smaller the strongest attacker's gain is than on the unprotected original. "
        "100% means nothing is left of it; 0% means the protection did not help."
    ),
    "AUROC and CCC": (
        "AUROC: how well a screening aid ranks people with and without a positive screen; 0.5 "
        "is guessing, 1 is perfect. CCC: how closely predicted and true questionnaire totals "
        "agree; 0 is guessing, 1 is perfect."
    ),
    "Synthetic releases": (
        "Nobody in a synthetic release exists, so that no record can be matched with a person. "
        "Attackers ask instead who was behind it. The control is the same attack on people of "
        "whom the release was not made."
    ),
    "Epsilon": (
        "What a private release spends on each person: smaller is safer. Read it by the largest "
        "advantage that it permits anybody; 0% would be no better than a coin."
    ),
    "Withheld figures": (
        "What rests on fewer than 10 people is not shown, because a small group can be "
        "recognised in a table."
    ),
}


def day(when: date) -> str:
    """Return a date the same way in every country and on every machine.

    >>> day(date(2026, 3, 2))
    '2 March 2026'
    """
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"
