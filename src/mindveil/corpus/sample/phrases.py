"""The grammar of interview speech: templates, words that mean the same, and personal taste.

A template is text with ``{slots}`` and ``<choices|like|this>``, nested as needed. Every choice
and every list of synonyms has a weight an option that differs from persona to persona: that is
what makes the same author recognisable without a single name. ``[go/went]`` is a verb, of which
one sentence takes all in the same tense. ``{@key}`` is a mention of an identifier and becomes one
private character, so that later edits of the text cannot split it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

import numpy as np

from mindveil.errors import InputError

WORD_TASTE = 1.8
"""How much personas differ in which synonym they use; 0 is not at all."""
WHEN_TASTE = 0.4
"""The same for how often and how long: nobody says "constantly" every time."""
CHOICE_TASTE = 0.5
"""The same for choices inside a template."""
PHRASE_TASTE = 0.3
"""The same for whole templates."""

MENTIONS: tuple[str, ...] = (
    *("self", "self_first", "self_full", "partner_first", "child_first", "friend_first"),
    *("friend_full", "doctor", "manager_first", "manager_full", "town", "birthplace"),
    *("employer", "occupation", "school", "age", "birth_date", "nationality"),
    *("phone", "email", "address", "record"),
)
_FIRST_MARK = 0xE000
_GRADED = frozenset({"often", "nightly"})
"""Synonyms that go by how bad things are."""
_WHEN = _GRADED | {"since", "span"}
LEVELS: tuple[str, ...] = ("none", "mild", "moderate", "severe")
_TOKEN = re.compile(r"\{@?[a-z_0-9]+\}|\[[^\]/]+/[^\]/]+\]|[<|>]|[^\[{<|>]+")
PAST = 0.3
"""Chance that a sentence which could be in either tense is in the past one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place filled from the rules or from the life of the persona."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A verb in two tenses."""

    present: str
    past: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Options of which one is said; ``first`` is the index of the first one's weight."""

    first: int
    options: tuple[tuple[Node, ...], ...]


Node = str | Slot | Verb | Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One phrase; ``index`` is that of its own weight."""

    index: int
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Every phrase by section and list, every set of synonyms, and how strongly each is weighed.

    ``strengths`` has one entry an option of anything that may be chosen.
    """

    phrases: Mapping[tuple[str, str], tuple[Template, ...]]
    words: Mapping[str, Choice]
    strengths: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """One persona's weights, in the order of ``Grammar.strengths``, and the facts of a life."""

    weights: tuple[float, ...]
    facts: Mapping[str, tuple[str, ...]]


def mark(mention: str) -> str:
    """Return the private character that stands for a mention until the text is final.

    >>> unmark(mark("town"))
    'town'
    """
    return chr(_FIRST_MARK + MENTIONS.index(mention))


def unmark(character: str) -> str | None:
    """Return the mention that a character stands for, or None for ordinary text."""
    index = ord(character) - _FIRST_MARK
    return MENTIONS[index] if 0 <= index < len(MENTIONS) else None


def read_bank(name: str) -> dict[str, Mapping[str, object]]:
    """Return one of the phrase files beside this module."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def grammar() -> Grammar:
    """Return the grammar of all phrase files, parsed once."""
    strengths: list[float] = []
    phrases: dict[tuple[str, str], tuple[Template, ...]] = {}
    for bank in ("symptoms", "life", "identifiers", "interviewer"):
        for section, lists in read_bank(bank).items():
            for key, lines in lists.items():
                if isinstance(lines, list):
                    phrases[section, key] = _templates(lines, strengths)
    words = {}
    for rule, options in read_bank("manner")["words"].items():
        first = len(strengths)
        lines = cast("list[str]", options)
        strength = WHEN_TASTE if rule.partition("_")[0] in _WHEN else WORD_TASTE
        strengths.extend([strength] * len(lines))
        words[rule] = Choice(first=first, options=tuple((line,) for line in lines))
    return Grammar(phrases=phrases, words=words, strengths=tuple(strengths))


def _templates(lines: list[str], strengths: list[float]) -> tuple[Template, ...]:
    made = []
    for line in lines:
        index = len(strengths)
        strengths.append(PHRASE_TASTE)
        made.append(Template(index=index, nodes=parse(line, strengths)))
    return tuple(made)


def parse(line: str, strengths: list[float]) -> tuple[Node, ...]:
    """Return the nodes of a template, adding one strength an option to ``strengths``.

    >>> parse("I <slept|dozed> well", [])
    ('I ', Choice(first=0, options=(('slept',), ('dozed',))), ' well')
    """
    tokens = _TOKEN.findall(line)
    if "".join(tokens) != line or line.count("<") != line.count(">"):
        raise InputError(f"phrase bank: {line!r} has an unbalanced bracket; mend the phrase")
    nodes, rest = _sequence(tokens, strengths)
    if rest:
        raise InputError(f"phrase bank: {line!r} has a stray '|' or '>'; mend the phrase")
    return nodes


def _sequence(tokens: list[str], strengths: list[float]) -> tuple[tuple[Node, ...], list[str]]:
    """Read nodes until the enclosing choice ends or offers its next option."""
    nodes: list[Node] = []
    while tokens and tokens[0] not in {"|", ">"}:
        token, tokens = tokens[0], tokens[1:]
        if token == "<":
            choice, tokens = _choice(tokens, strengths)
            nodes.append(choice)
        elif token.startswith("{@"):
            nodes.append(mark(token[2:-1]))
        elif token.startswith("{"):
            nodes.append(Slot(name=token[1:-1]))
        elif token.startswith("["):
            present, past = token[1:-1].split("/")
            nodes.append(Verb(present=present, past=past))
        else:
            nodes.append(token)
    return tuple(nodes), tokens


def _choice(tokens: list[str], strengths: list[float]) -> tuple[Choice, list[str]]:
    options = []
    while True:
        option, tokens = _sequence(tokens, strengths)
        options.append(option)
        ended, tokens = tokens[0] == ">", tokens[1:]
        if ended:
            break
    first = len(strengths)
    strengths.extend([CHOICE_TASTE] * len(options))
    return Choice(first=first, options=tuple(options)), tokens


def acquire_taste(facts: Mapping[str, tuple[str, ...]], rng: np.random.Generator) -> Taste:
    """Draw a persona's weights: log-normal, as wide as each option's strength says."""
    strengths = np.array(grammar().strengths)
    weights = np.exp(strengths * rng.standard_normal(len(strengths)))
    return Taste(weights=tuple(weights.tolist()), facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """What one sentence keeps to: how bad it is (0-3), and the tense."""

    level: int
    past: bool


def say(template: Template, taste: Taste, level: int, rng: np.random.Generator) -> str:
    """Return one wording of a template, as this persona would put it at this level (0-3)."""
    mood = Mood(level=level, past=bool(rng.random() < PAST))
    return _word(template.nodes, taste, mood, rng)


def _word(nodes: tuple[Node, ...], taste: Taste, mood: Mood, rng: np.random.Generator) -> str:
    said = []
    for node in nodes:
        if isinstance(node, str):
            said.append(node)
        elif isinstance(node, Slot):
            said.append(_fill(node.name, taste, mood, rng))
        elif isinstance(node, Verb):
            said.append(node.past if mood.past else node.present)
        else:
            said.append(_choose(node, taste, mood, rng))
    return "".join(said)


def _fill(name: str, taste: Taste, mood: Mood, rng: np.random.Generator) -> str:
    if name in taste.facts:
        facts = taste.facts[name]
        return facts[int(rng.integers(len(facts)))]
    rule = f"{name}_{max(mood.level, 1)}" if name in _GRADED else name
    return _choose(grammar().words[rule], taste, mood, rng)


def _choose(choice: Choice, taste: Taste, mood: Mood, rng: np.random.Generator) -> str:
    weights = taste.weights[choice.first : choice.first + len(choice.options)]
    return _word(choice.options[weighted(weights, rng)], taste, mood, rng)


def weighted(weights: tuple[float, ...], rng: np.random.Generator) -> int:
    """Return an index, each as likely as its weight."""
    left = rng.random() * sum(weights)
    for index, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return index
    return len(weights) - 1
