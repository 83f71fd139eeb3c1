"""How well identifiers are found in text, as written and as a speech recogniser writes it.

    python benchmarks/text_deid.py [DATA] [--presidio SCRIPT_PYTHON]

Prints, for public sets with gold spans: recall by type (an identifier counts only if every letter
of it is covered), the share of other words touched, and the cost per 1,000 words; for transcripts
without gold: the share of words touched; and how many durations and frequencies are kept.
DATA is the folder of real data (default: ../shared/data beside the checkout). With ``--presidio``
the same texts go through Presidio, installed in an environment of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.anonymise.text_model import KEY
from mindveil.anonymise.text_recognisers import find_identifiers
from mindveil.anonymise.text_spans import DIRECT, merge_spans
from mindveil.features import weights

DATA = Path(__file__).parents[2] / "shared" / "data"
WORD_MARKS = "'’"
DIRECT_GOLD = {
    "PERSON": "person",
    "NAME": "person",
    "STREET_ADDRESS": "address",
    "ZIP_CODE": "postcode",
    "PHONE_NUMBER": "phone",
    "FAX_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "DOMAIN_NAME": "url",
    "IP_ADDRESS": "ip",
    "CREDIT_CARD": "account",
    "IBAN_CODE": "account",
    "ACCOUNT_NUMBER": "account",
    "US_SSN": "record",
    "SOCIAL_SECURITY_NUMBER": "record",
    "US_DRIVER_LICENSE": "record",
    "MEDICAL_RECORD_NUMBER": "record",
    "HEALTH_PLAN_BENEFICIARY_NUMBER": "record",
    "CERTIFICATE_LICENSE_NUMBER": "record",
    "UNIQUE_IDENTIFIER": "record",
}
TITLE = re.compile(r"^(?:Dr|Mr|Mrs|Ms|Prof)\.? ")
"""A title names nobody, though this set counts it as part of the name."""
QUASI_GOLD = {
    "GPE": "place",
    "GEOGRAPHIC_LOCATION": "place",
    "ORGANIZATION": "organisation",
    "DATE_TIME": "date",
    "DATE": "date",
    "AGE": "age",
    "NRP": "nationality",
}
TIMES = """three weeks|every night|last year|yesterday|twice a week|for the past two weeks|a couple of months
|most days|nearly every day|about ten minutes|five times a day|once in a while|since last summer|two years ago
|all day long|more than half the days|for six months|every other day|in the last month|four or five hours a night
|a few days ago|next week|tonight|this morning|the whole weekend|three or four drinks a week|10 times|6 months
|20 minutes|two or three times a month|since i was a child|for years|every single morning|the other day
|once a fortnight|seven days a week|twenty four seven|half an hour|an hour and a half|all the time|on weekends
|on monday|every friday night|over christmas|around midnight|at three in the morning|for eleven years
|a year and a half|day after day|the last two nights|in two weeks' time|the week before last|ten years
|between two and three weeks|forty minutes a day|12 hours|3 to 4 times a week|several times a day|a month ago
|90 days sober|16 years of drinking""".replace("\n", "").split("|")


@dataclass(slots=True)
class Sample:
    """One text and the stretches of it that identify somebody, by kind."""

    text: str
    gold: list[tuple[int, int, str]] = field(default_factory=list)


def presidio_set(path: Path) -> list[Sample]:
    """Read the template sentences of microsoft/presidio-research."""
    kinds = DIRECT_GOLD | QUASI_GOLD
    return [
        Sample(
            row["full_text"],
            [
                (s["start_position"], s["end_position"], kinds[s["entity_type"]])
                for s in row["spans"]
                if s["entity_type"] in kinds
            ],
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]


def asq_set(path: Path) -> list[Sample]:
    """Read the clinical queries of asq-phi, finding each value in its query."""
    kinds = DIRECT_GOLD | QUASI_GOLD
    samples: list[Sample] = []
    for block in path.read_text(encoding="utf-8").split("===QUERY===")[1:]:
        text, _, tags = block.partition("===PHI_TAGS===")
        sample = Sample(text.strip())
        for line in filter(None, (part.strip() for part in tags.splitlines())):
            tag = json.loads(line)
            value = TITLE.sub("", tag["value"])
            at = sample.text.find(value)
            while at >= 0:
                sample.gold.append((at, at + len(value), kinds[tag["identifier_type"]]))
                at = sample.text.find(value, at + 1)
        samples.append(sample)
    return samples


def heard(sample: Sample) -> Sample:
    """Return the text as a recogniser would write it: lower case, no marks, @ and dots spoken."""
    text: list[str] = []
    places: list[int] = []
    length = 0
    for at, letter in enumerate(sample.text):
        places.append(length)
        around = sample.text[max(0, at - 1) : at + 2]
        inside = len(around) == 3 and around[0].isalnum() and around[2].isalnum()
        if letter.isalnum():
            said = letter.lower()
        elif letter in WORD_MARKS and inside:
            said = "'"
        elif letter == "@":
            said = " at "
        elif (
            letter == "."
            and sample.text[at - 2 : at].isalnum()
            and sample.text[at + 1 : at + 3].isalpha()
        ):
            said = " dot "
        else:
            said = "" if "".join(text[-3:]).endswith(" ") else " "
        text.append(said)
        length += len(said)
    places.append(length)
    return Sample("".join(text), [(places[a], places[b], kind) for a, b, kind in sample.gold])


def words(text: str) -> list[tuple[int, int]]:
    """Return the stretches between spaces that hold a letter or digit."""
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        if any(c.isalnum() for c in word):
            found.append((at, at + len(word)))
        at += len(word)
    return found


@dataclass(slots=True)
class Tally:
    """What was found of the gold, and how much else was touched."""

    hit: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gold: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    touched: int = 0
    others: int = 0
    misses: list[tuple[str, str, str]] = field(default_factory=list)
    extras: list[tuple[str, str]] = field(default_factory=list)

    def add(self, sample: Sample, found: Iterable[tuple[int, int]]) -> None:
        """Count one text."""
        covered = set().union(*(range(a, b) for a, b in found)) if found else set()
        real = set().union(*(range(a, b) for a, b, _ in sample.gold)) if sample.gold else set()
        for a, b, kind in sample.gold:
            letters = {i for i in range(a, b) if sample.text[i].isalnum()}
            self.gold[kind] += 1
            self.hit[kind] += letters <= covered
            if not letters <= covered:
                self.misses.append((kind, sample.text[a:b], sample.text[max(0, a - 30) : b + 20]))
        for a, b in words(sample.text):
            if not real & set(range(a, b)):
                self.others += 1
                self.touched += bool(covered & set(range(a, b)))
                if covered & set(range(a, b)):
                    self.extras.append((sample.text[a:b], sample.text[max(0, a - 30) : b + 20]))

    def recall(self, kinds: Iterable[str]) -> float:
        """Return the share found of these kinds together."""
        kinds = set(kinds)
        total = sum(self.gold[k] for k in kinds if k in self.gold)
        return sum(self.hit[k] for k in kinds if k in self.hit) / total if total else float("nan")

    def line(self) -> str:
        """Return recall by kind."""
        return "  ".join(f"{k} {self.hit[k] / n:.3f} ({n})" for k, n in sorted(self.gold.items()))


def ours(samples: Sequence[Sample]) -> dict[str, Tally]:
    """Run the recognisers, each text a conversation of its own."""
    tallies = {"direct only": Tally(), "all": Tally()}
    for sample in samples:
        found = find_identifiers([sample.text])[0]
        for label, types in (("direct only", DIRECT), ("all", None)):
            tallies[label].add(sample, [(s.start, s.end) for s in merge_spans(found, types)])
    return tallies


def presidio(samples: Sequence[Sample], python: str) -> tuple[Tally, float]:
    """Run Presidio in its own environment over the same texts; returns CPU seconds too."""
    script = Path(__file__).parent / "peers" / "presidio.py"
    texts = json.dumps([s.text for s in samples])
    done = subprocess.run(
        [python, str(script)],
        input=texts,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"SPACY_MODEL": str(weights.locate(KEY)), "PYTHONPATH": ""},
    )
    answer = json.loads(done.stdout)
    tally = Tally()
    for sample, spans in zip(samples, answer["spans"], strict=True):
        tally.add(sample, [(a, b) for a, b, _ in spans])
    return tally, answer["seconds"]


def report(name: str, samples: Sequence[Sample], python: str | None) -> None:
    """Print all that is measured on one set with gold."""
    for style, cases in (("as written", samples), ("as heard", [heard(s) for s in samples])):
        for label, tally in ours(cases).items():
            print(
                f"{name}, {style}, {label}: direct {tally.recall(DIRECT_GOLD.values()):.3f}, quasi"
                f" {tally.recall(QUASI_GOLD.values()):.3f}, other words touched {tally.touched / tally.others:.4f}"
            )
            print("   ", tally.line())
        if python:
            tally, seconds = presidio(cases, python)
            count = sum(len(words(s.text)) for s in cases)
            print(
                f"{name}, {style}, Presidio: direct {tally.recall(DIRECT_GOLD.values()):.3f}, quasi"
                f" {tally.recall(QUASI_GOLD.values()):.3f}, other words touched {tally.touched / tally.others:.4f},"
                f" {1000 * seconds / count:.3f} CPU-s per 1,000 words"
            )
            print("   ", tally.line())


def transcripts(path: Path) -> list[list[str]]:
    """Read the AnnoMI conversations, turn by turn."""
    talks: dict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            talks[row["transcript_id"]].append(row["utterance_text"])
    return list(talks.values())


def report_transcripts(talks: Sequence[Sequence[str]]) -> None:
    """Print how much of real conversations is touched, and what that costs."""
    for style in ("as written", "as heard"):
        turns = [
            [heard(Sample(t)).text if style == "as heard" else t for t in talk] for talk in talks
        ]
        count = sum(len(words(t)) for talk in turns for t in talk)
        begin = time.process_time()
        found = [find_identifiers(talk) for talk in turns]
        seconds = time.process_time() - begin
        for label, types in (("direct", DIRECT), ("all", None)):
            touched = sum(
                any(s.start < b and a < s.end for s in merge_spans(spans, types))
                for talk, result in zip(turns, found, strict=True)
                for text, spans in zip(talk, result, strict=True)
                for a, b in words(text)
            )
            print(f"AnnoMI, {style}, {label}: {touched / count:.4f} of {count} words touched")
        print(f"AnnoMI, {style}: {1000 * seconds / count:.3f} CPU-s per 1,000 words")


def kept() -> tuple[int, int]:
    """Return how many durations and frequencies are left alone, of how many."""
    frames = ("i've felt like this {}", "{} i can't sleep", "it happens {} or so", "{}")
    cases = [frame.format(phrase) for phrase in TIMES for frame in frames]
    return sum(not find_identifiers([case])[0] for case in cases), len(cases)


def main() -> None:
    """Print the whole table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", nargs="?", type=Path, default=DATA)
    options.add_argument("--presidio", help="python of an environment with presidio-analyzer")
    chosen = options.parse_args()
    whole, of = kept()
    print(f"durations and frequencies kept: {whole} of {of}")
    report_transcripts(transcripts(chosen.data / "annomi" / "AnnoMI-simple.csv"))
    pii = chosen.data / "pii"
    report("presidio-research", presidio_set(pii / "presidio_synth_v2.json"), chosen.presidio)
    report("asq-phi", asq_set(pii / "asq_phi.txt"), chosen.presidio)


if __name__ == "__main__":
    main()
