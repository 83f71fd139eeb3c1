"""What well-known columns mean for disclosure, and how to tell the kind of any other.

An identifier names a person alone (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)); a
quasi-identifier narrows the search together with others and may be known to a neighbour; a
sensitive value is what an attacker wants to learn. Source of the three: Article 29 Working Party,
Opinion 05/2014.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable

from mindveil.corpus.model import Column, Kind, Role

_IDENTIFIERS = """
    name firstname forename givenname surname lastname familyname fullname maidenname nickname
    initials email mail emailaddress phone telephone phonenumber mobile cell fax address
    streetaddress street housenumber mrn medicalrecordnumber recordnumber patientid patientnumber
    hospitalnumber nhsnumber nhs ssn socialsecuritynumber nationalid passport driverslicence
    insurancenumber healthplannumber accountnumber licenceplate username userid login handle
    ip ipaddress deviceid url website prolificid workerid workeremail
    dob dateofbirth birthdate birthday interviewdate admissiondate visitdate
"""
_NUMBER_QUASI = """
    age agebl agebaseline yearofbirth birthyear height weight bmi familysize householdsize
    children numberofchildren siblings income householdincome yearsofeducation educationyears
"""
_NOMINAL_QUASI = """
    sex gender education educationlevel degree occupation job profession employment
    employmentstatus workstatus postcode postalcode zip zipcode city town village region state
    county province country countryofbirth nationality citizenship language nativelanguage
    mothertongue engnat religion race ethnicity ethnicgroup married maritalstatus relationship
    relationshipstatus hand handedness urban rural urbanicity agegroup ageband university faculty
    department school yearofstudy site clinic centre center hospital ward therapist clinician
    topic
"""
_SENSITIVE = """
    orientation sexualorientation diagnosis diagnoses comorbidity comorbidities medication
    medications drugs alcohol smoking substanceuse suicideattempt suicideattempts selfharm hiv
    pregnancy abuse trauma criminalrecord unionmember genderidentity
"""

WELL_KNOWN: dict[str, tuple[Role, Kind]] = {
    **dict.fromkeys(_IDENTIFIERS.split(), ("identifier", "text")),
    **dict.fromkeys(_NUMBER_QUASI.split(), ("quasi", "number")),
    **dict.fromkeys(_NOMINAL_QUASI.split(), ("quasi", "nominal")),
    **dict.fromkeys(_SENSITIVE.split(), ("sensitive", "nominal")),
}
"""Role and usual kind of a column by its name in lower case without signs."""

MOST_LEVELS = 50
"""A column with more different texts than this is not a choice from a list."""

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_IS_NUMBER = re.compile(_NUMBER)
_IS_BAND = re.compile(
    rf"\*|{_NUMBER}-{_NUMBER}|[<>]=?\s?{_NUMBER}|{_NUMBER}\+|[\[(]{_NUMBER},\s?{_NUMBER}[\])]"
)


def known(name: str) -> tuple[Role, Kind] | None:
    """Return role and usual kind of a well-known column, whatever its spelling.

    >>> known("E-Mail"), known("Age"), known("shoe_size")
    (('identifier', 'text'), ('quasi', 'number'), None)
    """
    return WELL_KNOWN.get(re.sub(r"[^a-z0-9]", "", name.lower()))


def is_number(text: str) -> bool:
    """Whether a text is one finite decimal number.

    >>> is_number("191.0"), is_number("30-39"), is_number("nan")
    (True, False, False)
    """
    return _IS_NUMBER.fullmatch(text) is not None and math.isfinite(float(text))


def is_generalised(text: str) -> bool:
    """Whether a text is what a release puts in the place of a number: a band, a choice or ``*``.

    >>> [is_generalised(t) for t in ("30-39", "60+", "<18", "1|n/a", "*", "thirty")]
    [True, True, True, True, True, False]
    """
    if _IS_BAND.fullmatch(text):
        return True
    parts = text.split("|")
    return len(parts) > 1 and all(
        p == "n/a" or is_number(p) or _IS_BAND.fullmatch(p) for p in parts
    )


def kind_of(values: Iterable[str]) -> Kind:
    """Tell the kind of a column from its values that are not missing.

    Numbers (bands of numbers beside them allowed) make a number; few different texts make a
    choice; the rest is text.
    """
    different: set[str] = set(values)
    if different and all(is_number(v) or is_generalised(v) for v in different):
        return "number" if any(map(is_number, different)) else "ordinal"
    short = all(len(v) <= 100 for v in different)
    return "nominal" if short and len(different) <= MOST_LEVELS else "text"


def described(role: Role, kind: Kind, values: Collection[str], description: str = "") -> Column:
    """Return a column; the levels of a choice are those that occur, sorted."""
    choice = kind in ("nominal", "ordinal")
    levels = tuple(sorted({v for v in values if v != "*" and "|" not in v})) if choice else ()
    return Column(role=role, kind=kind, levels=levels, description=description, found=bool(levels))
