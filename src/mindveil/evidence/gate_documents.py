"""The gate in the two languages that build servers read: JUnit XML and SARIF 2.1.0.

A condition is a test case: met, or failed with the sentence of the verdict. In SARIF each kind of
condition is a rule and each condition that is not met a result, which points at the line of
scorecard.csv it rests on. No path of this machine and no figure of fewer than ten people is told.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from xml.etree import ElementTree as ET

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.gate import Gate, Gated
from mindveil.evidence.policy import Finding, RowKey, key_of
from mindveil.evidence.scorecard import COLUMNS, Row, csv_text
from mindveil.store.files import Json

Tell = Callable[[str], str]
"""Takes from a sentence the figures of groups that are too small to be told."""

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEAST = 10
_WORSE, _EXPIRED, _VERDICT = "worse-than-before", "expired", "verdict"
_LOST = "attack-lost"
_RULES: Mapping[str, str] = {
    "match": "Attackers must not find the right person more often than the limit.",
    "advantage": "Attackers must not gain more beyond chance than the limit.",
    "names": "No name, address or number may be readable more often than the limit.",
    "promise": "A promise of differential privacy must not be refuted by its audit.",
    "leaks": "No file of the release may tell who somebody is.",
    "risk-reduction": "The gain of the strongest attack must be cut by as much as was wanted.",
    "unmeasured": "Every attack that was asked for must give a figure that can be believed.",
    "contamination": "Nobody may stand on both sides of a split.",
    "people-exposed": "Nobody may be named with certainty where access is not controlled.",
    "group-risk": "No group of people may be found more often than the limit.",
    "group-use": "No group of people may lose more than the margin.",
    "unusual-people": "The most unusual people must be as hidden as everybody.",
    "light-attackers": "Open access asks for attackers who learned on protected data.",
    "power": "An attack must find people in the original for its failure to count.",
    "strongest-attacker": "The strongest attacker of each attack must give a valid result.",
    "audit": "A promise that was to be tested must have been tested.",
    "groups-told": "A detector must not tell the share of a group among those who taught it.",
    "use-wanted": "A task must reach what was wanted of it.",
    "use-kept": "A task must not lose more than the margin against the original.",
    "use-above-chance": "A task must be told from guessing.",
    "coverage": "A detector must decide on as many people as was asked.",
    "faithfulness": "A questionnaire must still measure what it did.",
    _VERDICT: "The verdict must be one that is allowed to pass.",
    _WORSE: "No figure may be surely worse than in the earlier run.",
    _LOST: "Every attack of the earlier run must give a figure again.",
    _EXPIRED: "A verdict holds until its expiry date.",
}
_UNREADABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for."""


def junit(gate: Gate, dossier: Dossier, tell: Tell) -> str:
    """Return the gate as JUnit XML: a suite a release, a test case a condition."""
    root = ET.Element("testsuites", name=_clean(f"mindveil gate: {dossier.study}"))
    for one in gate.releases:
        suite = ET.SubElement(root, "testsuite", name=_clean(one.verdict.release))
        _cases(suite, one, gate, tell)
        _count(suite)
        suite.set("timestamp", f"{dossier.judgement.made.isoformat()}T00:00:00")
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _cases(suite: ET.Element, one: Gated, gate: Gate, tell: Tell) -> None:
    verdict = one.verdict
    lines: list[tuple[str, str, str]] = [
        (_VERDICT, "" if one.stands else verdict.decision, verdict.sentence),
        (_EXPIRED, "expired" if gate.expired else "", _until(gate)),
    ]
    lines += [(f"{_WORSE}: {c.measure}", "worse", c.sentence) for c in one.worse]
    lines += [(f"{_LOST}: {measure}", "lost", lost_sentence(measure)) for measure in one.lost]
    seen: dict[str, int] = {}
    for found in dict.fromkeys((*verdict.deciding, *verdict.findings)):
        title = _title(found)
        seen[title] = seen.get(title, 0) + 1
        name = title if seen[title] == 1 else f"{title} ({seen[title]})"
        lines.append((name, "" if found.state == "met" else found.state, found.sentence))
    for name, wrong, sentence in lines:
        case = ET.SubElement(
            suite, "testcase", classname=_clean(verdict.release), name=_clean(name), time="0"
        )
        if wrong:
            # What the decision was taken in spite of is told, and fails nothing.
            spite = one.stands and wrong in {"missed", "unknown", "caps"}
            kind = {} if spite else {"type": wrong}
            tag = "skipped" if spite else "failure"
            ET.SubElement(case, tag, {"message": _clean(tell(sentence)), **kind})


def _count(suite: ET.Element) -> None:
    cases = list(suite)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(c.find("failure") is not None for c in cases)))
    suite.set("errors", "0")
    suite.set("skipped", str(sum(c.find("skipped") is not None for c in cases)))


def sarif(gate: Gate, dossier: Dossier, tell: Tell) -> dict[str, Json]:
    """Return the gate as a SARIF 2.1.0 log: a rule a kind of condition, a result a failure."""
    lines = line_numbers(dossier.rows)
    results = [r for one in gate.releases for r in _results(one, gate, (lines, tell))]
    driver: dict[str, Json] = {
        "name": "Mindveil",
        "version": dossier.provenance.get("version mindveil", "unknown"),
        "rules": [
            {"id": name, "shortDescription": {"text": said}} for name, said in _RULES.items()
        ],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"mindveil/{dossier.study}"},
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _results(
    one: Gated, gate: Gate, told: tuple[Mapping[RowKey, int], Tell]
) -> list[dict[str, Json]]:
    lines, tell = told
    release = one.verdict.release
    found = [
        _result(release, f.kind, (_level(one, f), tell(f.sentence), f"{f.limit}"), f.row, lines)
        | {"properties": _properties(f)}
        for f in one.held_back
    ]
    found += [
        _result(release, _WORSE, ("error", tell(c.sentence), c.measure), None, lines)
        for c in one.worse
    ]
    found += [
        _result(release, _LOST, ("error", lost_sentence(m), m), None, lines) for m in one.lost
    ]
    if not (one.stands or one.held_back):
        said = (tell(one.verdict.sentence), one.verdict.decision)
        found.append(_result(release, _VERDICT, ("error", *said), None, lines))
    if gate.expired:
        found.append(_result(release, _EXPIRED, ("error", _until(gate), ""), None, lines))
    return found


def _result(
    release: str,
    rule: str,
    said: tuple[str, str, str],
    row: RowKey | None,
    lines: Mapping[RowKey, int],
) -> dict[str, Json]:
    """Return one result; ``said`` is its level, its sentence, and what tells it from others."""
    level, mark = said[0], said[2]
    release, sentence = _clean(release), _clean(said[1])
    where: dict[str, Json] = {"artifactLocation": {"uri": "verdict.json"}}
    if row is not None and row in lines:
        where = {
            "artifactLocation": {"uri": "scorecard.csv"},
            "region": {"startLine": lines[row]},
        }
    print_of = hashlib.sha256(f"{release}\x1f{rule}\x1f{row}\x1f{mark}\x1f".encode())
    if row is None:
        print_of.update(re.sub(r"[-\d.,%]+", "#", sentence).encode())
    return {
        "ruleId": rule,
        "ruleIndex": list(_RULES).index(rule),
        "level": level,
        "message": {"text": f"{release}: {sentence}"},
        "locations": [
            {"physicalLocation": where, "logicalLocations": [{"name": release, "kind": "release"}]}
        ],
        "partialFingerprints": {"condition/v1": print_of.hexdigest()[:32]},
    }


def _level(one: Gated, found: Finding) -> str:
    if one.stands:
        return "note"
    return "error" if found.state == "missed" else "warning"


def _properties(found: Finding) -> dict[str, Json]:
    """Return state, figure and limit; the figure only where it is about enough people."""
    told: dict[str, Json] = {"state": found.state}
    if found.limit is not None:
        told["limit"] = found.limit
    if found.people_needed is not None:
        told["peopleNeeded"] = found.people_needed
    seen = found.figure
    few = found.kind == "people-exposed" and seen and round(seen.value * seen.n) < _LEAST
    if seen is not None and seen.n >= _LEAST and not few:
        told |= {"value": seen.value, "low": seen.low, "high": seen.high, "n": seen.n}
    return told


def line_numbers(rows: Sequence[Row]) -> dict[RowKey, int]:
    """Return at which line of scorecard.csv each figure begins; the head is line 1."""
    at = 2
    found: dict[RowKey, int] = {}
    for row in rows:
        found.setdefault(key_of(row), at)
        at += csv_text([[getattr(row, name) for name in COLUMNS]]).count("\n")
    return found


def lost_sentence(measure: str) -> str:
    """Return that an attack of an earlier run gave no figure this time."""
    return f"{measure} had a figure in the earlier run and has none now."


def _title(found: Finding) -> str:
    row = found.row
    if row is None:
        return found.kind
    parts = (row.measure, row.metric, row.modality, row.attacker)
    return f"{found.kind}: {', '.join(part for part in parts if part)}"


def _until(gate: Gate) -> str:
    held = "expired on" if gate.expired else "holds until"
    return f"The verdict {held} {gate.expires.isoformat()}."


def _clean(text: str) -> str:
    return _UNREADABLE.sub("", text)
