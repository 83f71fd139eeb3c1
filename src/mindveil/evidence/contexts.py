"""Kinds of access, and what each of them asks of a release before a study overrules it.

A limit on the probability of finding the right person follows from the least number of people among
whom each must be hidden (the cell): 1 in 11, in 5, in 3.

- ``open``, anybody: 0.09. The European Medicines Agency (EMA/90915/2016, guidance on Policy 0070)
  and Health Canada (Public Release of Clinical Information, 2019) take it for clinical reports that
  anybody may read. Beside it every attack must have been tried by one who learned on data protected
  alike, and have found people in the original.
- ``registered``, whoever gives a name and a purpose: the same 0.09, for nobody vets them. That it is
  known who downloaded stands in for the condition on the strength of attackers.
- ``controlled``, named people under an agreement, where use is watched: 0.20.
- ``internal``, those who work with the participants anyhow: 0.33.

The last two are the cells of 5 and of 3 that custodians use where data are not public (El Emam 2013,
"Guide to the De-Identification of Personal Health Information", chapter "Cell size precedents";
El Emam & Malin 2015, appendix B of "Sharing Clinical Trial Data", Institute of Medicine).

Ours, because no regulator names one: that registered access keeps the limit of the open; the limits
on what is gained beyond chance (membership, inference, singling out); and the share by which the
gain of the strongest attack must be cut: .92 where many may look, one half under an agreement, none
among colleagues.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mindveil.evidence.policy import Limits, Policy
from mindveil.study import Context, PolicyPart

CONTEXTS: tuple[Context, ...] = ("open", "registered", "controlled", "internal")
"""From the strictest to the most lenient."""

LIMITS: Mapping[Context, Limits] = MappingProxyType(
    {
        "open": Limits(max_match=0.09, max_advantage=0.10, min_risk_reduction=0.92),
        "registered": Limits(max_match=0.09, max_advantage=0.10, min_risk_reduction=0.92),
        "controlled": Limits(max_match=0.20, max_advantage=0.20, min_risk_reduction=0.50),
        "internal": Limits(max_match=0.33, max_advantage=0.33, min_risk_reduction=0.0),
    }
)


def limits_of(part: PolicyPart, context: Context) -> Limits:
    """Return what a kind of access asks; whatever the study says itself holds for each of them.

    >>> limits_of(PolicyPart(max_match=0.05), "controlled").max_match
    0.05
    """
    usual = LIMITS[context]
    return Limits(
        max_match=usual.max_match if part.max_match is None else part.max_match,
        max_advantage=usual.max_advantage if part.max_advantage is None else part.max_advantage,
        min_risk_reduction=usual.min_risk_reduction
        if part.min_risk_reduction is None
        else part.min_risk_reduction,
    )


def policy_of(part: PolicyPart, margin: float) -> Policy:
    """Return the policy of a study: the limits of its context, and those of all the others."""
    own = limits_of(part, part.context)
    return Policy(
        context=part.context,
        max_match=own.max_match,
        max_advantage=own.max_advantage,
        min_risk_reduction=own.min_risk_reduction,
        min_utility={k: dict(sorted(v.items())) for k, v in sorted(part.min_utility.items())},
        margin=margin,
        months_valid=part.months_valid,
        others={c: limits_of(part, c) for c in CONTEXTS if c != part.context},
    )
