"""What there is to say about one attack, protection or task: read off its class."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Mapping
from types import MappingProxyType

from mindveil import catalog
from mindveil.cli.figure_words import figures_of

_SHELVES: tuple[tuple[str, Mapping[str, type[object]]], ...] = (
    ("attack on a release", catalog.ATTACKS),
    ("attack on a detector", catalog.MODEL_ATTACKS),
    ("attack on a federation", catalog.UPDATE_ATTACKS),
    ("protection", {n: k for n, k in catalog.PROTECTIONS.items() if "synth" not in n}),
    ("synthesiser", {n: k for n, k in catalog.PROTECTIONS.items() if "synth" in n}),
    ("training of a detector", catalog.TRAINERS),
    ("clinical task", catalog.TASKS),
    ("comparison with the originals", catalog.COMPARISONS),
    ("question about recordings", catalog.SIGNALS),
    ("validity check", {**catalog.VALIDITY, **catalog.CHECKS}),
)

_WHO: Mapping[str, str] = MappingProxyType(
    {
        "ignorant": "does not know how the release was protected, and compares it with originals",
        "lazy-informed": "knows the protection, and treats what he holds in the same way first",
        "semi-informed": "knows the protection, and learns from other people's records that he "
        "protected in the same way",
    }
)
_HOLDS: Mapping[str, str] = MappingProxyType(
    {
        "earlier-sessions": "They hold recordings or texts of known people from another day.",
        "same-records": "They hold the very answers of known people.",
        "all-but-one": "They hold everybody who taught the detector but one.",
        "nothing": "They hold nothing of the people in the release.",
    }
)
_COMMON: Mapping[str, str] = MappingProxyType(
    {
        "clients": "How many clients people are divided among, where no column says where they were seen.",
        "site": "The column of participants.tsv that says where each person was seen.",
        "split": "How people are divided among clients: evenly, unevenly, or each a client of her own.",
        "method": "How it is learnt; the words are explained above.",
        "rounds": "How often every client is asked.",
        "local_steps": "Steps of learning at a client in each round; 0 follows from the rest.",
        "learning_rate": "How far a step goes; 0 follows from the rest.",
        "server_rate": "How far the server follows what clients send; 0 follows from the rest.",
        "clip": "The most that one person (or client) may add; 0 follows from the rest.",
        "combine": "How updates are put together: a mean, or something that a liar moves less.",
        "secure": "Whether the server sees sums of clients only.",
        "threshold": "The least number of clients in a sum; 0 for two thirds.",
        "unit": "Who is promised something: each person, or each whole client.",
        "colluding": "How many clients may tell the server theirs before the promise breaks.",
        "search": "Methods that share the budget with the choice between them.",
        "people": "About how many people there are, as anybody may know.",
        "teachers": "How many teachers people are dealt to.",
        "queries": "How many public rows the teachers are asked about.",
        "answer": "What a teacher says of a row: how severe it is (share), or case or no case (label).",
        "coverage": "The share of people that the detector decides on.",
        "known_answers": "How many answers of each person the attacker knows, one question a number.",
        "target": "The questionnaire and its cut-off, as in phq9>=10.",
        "modality": "What is looked at: text, voice, face, scales, or all together (fused).",
        "level": "How much is hidden; a higher level hides more.",
        "epsilon": "The budget of the promise to each person: smaller protects more.",
        "delta": "The chance that the promise fails; it must be far below one in the number of people.",
        "epochs": "How often training passes through what it learns from.",
        "inputs": "Which columns are read of a person, by public rules.",
        "small_cohort": "Accept a delta that would be refused for so few people.",
        "sure": "How sure the detector has to be of somebody to decide.",
        "hidden": "Units of the hidden layer of a small network; 0 for none.",
        "batch": "People a step at each client; 0 for all of them.",
        "participation": "The share of clients that is asked in each round.",
        "dropout": "The share of asked clients that fails to answer, in a simulation.",
        "trim": "The share that a trimmed mean leaves out at either end.",
        "shadows": "How many models or releases of his own the attacker learns from.",
        "demographics": "Whether the attacker knows age, country and the like as well.",
        "colour": "What a mask is filled with.",
        "voice_encoder": "A voice encoder of your own that joins the bundled ones.",
        "face_encoder": "A face encoder of your own that joins the bundled one.",
    }
)

_SOURCE = re.compile(r"(?:^|(?<=[.)] ))Sources?(?: of [^:.]*)?: .*", re.DOTALL)
_LIMITS = re.compile(r"^Limits: ", re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of the study file: its default as written there, and what it means."""

    name: str
    default: str
    meaning: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Everything that is told about one name; ``who`` is empty but for attacks."""

    name: str
    kind: str
    does: str
    who: str
    source: str
    limits: str
    settings: tuple[Setting, ...]
    figures: tuple[tuple[str, str], ...]

    @property
    def first(self) -> str:
        """The first sentence of what it does."""
        return self.does.partition("\n\n")[0].replace("\n", " ")


def everything() -> dict[str, tuple[str, ...]]:
    """Return all names by kind."""
    return {kind: tuple(shelf) for kind, shelf in _SHELVES}


def describe(name: str, kind: type[object]) -> Explained:
    """Return what there is to say about a class under the name it was asked for."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(kind.__doc__ or ""))
    does, source, limits = [], [], []
    for paragraph in paragraphs:
        if paragraph.startswith("Raises:"):
            continue
        if _LIMITS.match(paragraph):
            limits.append(_flowing(_LIMITS.sub("", paragraph)))
            continue
        flowing = _flowing(paragraph)
        found = _SOURCE.search(flowing)
        if found:
            source.append(found[0].partition(": ")[2])
            flowing = flowing[: found.start()].strip()
        if flowing:
            does.append(flowing)
    own, family = name in _names(), name.partition("/")[0]
    return Explained(
        name=name,
        kind=_kind_of(name) or _kind_of(family) or "class of your own",
        does="\n\n".join(does),
        who=_who(kind, name),
        source=_begun(" ".join(source)),
        limits=_begun(" ".join(limits)),
        settings=tuple(
            Setting(name=field, default=default, meaning=_meaning(field, " ".join(does)))
            for field, default in catalog.settings_of(kind).items()
        ),
        figures=figures_of(name if own else family),
    )


def _names() -> set[str]:
    return {n for _, shelf in _SHELVES for n in shelf}


def _kind_of(name: str) -> str:
    return next((kind for kind, shelf in _SHELVES if name in shelf), "")


def _who(kind: type[object], name: str) -> str:
    """Return who makes an attack, what he holds and how strong a test it is."""
    attackers = getattr(kind, "attackers", ())
    if not attackers:
        return ""
    lines = [f"- {who}: {_WHO[who]}." for who in attackers]
    holds = _HOLDS[str(getattr(kind, "holding", "nothing"))]
    if name == "release/leaks":
        holds = "They hold the codes, names and dates of known people, and open every file."
    return "\n".join([*lines, holds, _tier(kind, name)])


def _tier(kind: type[object], name: str) -> str:
    """Return how strong the test is: a pass at a light tier is not sold as safe."""
    practises = "semi-informed" in getattr(kind, "attackers", ())
    always = name.startswith(("model/", "updates/")) or name.endswith(("/inversion", "/artefact"))
    always |= name.startswith("synthetic/") and not practises
    always |= name in {"synthetic/shadow-membership", "text/residual-identifiers"}
    if name == "synthetic/nearest-record":
        strength = "light: a smoke test"
    elif always:
        strength = "trained"
    elif name == "release/leaks":
        strength = "light: it reads, and learns nothing"
    else:
        strength = "light, and trained where the attacker has learned on protected records"
    if any(setting.endswith("encoder") for setting in catalog.settings_of(kind)):
        strength += "; external with an encoder of your own"
    return f"Strength of the test: {strength}."


def _meaning(field: str, text: str) -> str:
    """Return what a setting is: the sentence about it in a docstring, else what it usually is."""
    named = re.compile(rf"``{field}(?:``| = )")
    about = [s for s in re.split(r"(?<=[.;?])\s+(?=[A-Z`])", text) if named.search(s)]
    own = [s for s in about if s.startswith(f"``{field}``")]
    if field in _COMMON and not own:
        return _COMMON[field]
    said = next(iter([*own, *about]), "").removeprefix(f"``{field}`` is ")
    return _begun(said.replace("``", ""))


def _begun(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def _flowing(paragraph: str) -> str:
    """Return a paragraph as one line."""
    return re.sub(r"\s*\n\s*", " ", paragraph).strip()
