"""The grammar: what a template means, and that every phrase file can be said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.sample import phrases
from mindveil.corpus.sample.identifiers import surfaces
from mindveil.corpus.sample.interview import wake
from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.phrases import (
    LEVELS,
    MENTIONS,
    Choice,
    Node,
    Slot,
    Taste,
    Template,
    Verb,
    grammar,
    mark,
    parse,
    read_bank,
    say,
    unmark,
    weighted,
)
from mindveil.errors import InputError


@pytest.mark.parametrize(
    ("line", "nodes"),
    [
        ("plain words", ("plain words",)),
        ("so {very} tired", ("so ", Slot(name="very"), " tired")),
        ("I [go/went] home", ("I ", Verb(present="go", past="went"), " home")),
        ("in {@town}", ("in ", mark("town"))),
        ("<a|b {bit}>", (Choice(first=0, options=(("a",), ("b ", Slot(name="bit")))),)),
        (
            "<x|<y|z>>",
            (Choice(first=2, options=(("x",), (Choice(first=0, options=(("y",), ("z",))),))),),
        ),
    ],
)
def test_a_template_is_read_as_written(line: str, nodes: tuple[Node, ...]) -> None:
    assert parse(line, []) == nodes


@pytest.mark.parametrize("line", ["<a|b", "a>", "a|b", "{very", "[go went]"])
def test_a_template_with_a_stray_bracket_is_refused(line: str) -> None:
    with pytest.raises(InputError, match="mend the phrase"):
        parse(line, [])


@given(st.sampled_from(MENTIONS))
def test_a_mention_is_one_character_that_comes_back(mention: str) -> None:
    assert len(mark(mention)) == 1
    assert unmark(mark(mention)) == mention


@given(st.characters(max_codepoint=0xD7FF))
def test_ordinary_text_is_no_mention(character: str) -> None:
    assert unmark(character) is None


def test_one_sentence_keeps_one_tense() -> None:
    template = Template(index=0, nodes=parse("I [go/went], I [see/saw], I [do/did]", []))
    taste = Taste(weights=(1.0,), facts={})
    said = {say(template, taste, 0, np.random.default_rng(i)) for i in range(40)}
    assert said == {"I go, I see, I do", "I went, I saw, I did"}


def test_taste_decides_what_is_said() -> None:
    strengths: list[float] = [0.0]
    template = Template(index=0, nodes=parse("<tea|coffee>", strengths))
    only_coffee = Taste(weights=(1.0, 0.0, 1.0), facts={})
    said = {say(template, only_coffee, 0, np.random.default_rng(i)) for i in range(20)}
    assert len(strengths) == 3
    assert said == {"coffee"}


def test_a_weighted_draw_follows_its_weights() -> None:
    rng = np.random.default_rng(0)
    drawn = [weighted((1.0, 0.0, 3.0), rng) for _ in range(4000)]
    assert 1 not in drawn
    assert np.mean(np.array(drawn) == 2) == pytest.approx(0.75, abs=0.03)


def _slots(nodes: tuple[Node, ...]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Slot):
            yield node.name
        elif isinstance(node, Choice):
            for option in node.options:
                yield from _slots(option)


def test_every_slot_of_every_phrase_can_be_filled() -> None:
    known = {*grammar().words, "often", "nightly"}
    known |= set(wake(draw_persona(1, 1), np.random.default_rng(0)).taste.facts)
    asked = {s for ts in grammar().phrases.values() for t in ts for s in _slots(t.nodes)}
    assert asked <= known
    assert {f"{g}_{n}" for g in ("often", "nightly") for n in (1, 2, 3)} <= set(grammar().words)


def test_every_phrase_can_be_said_and_leaves_no_bracket() -> None:
    people = (draw_persona(1, n) for n in range(1, 500))
    persona = next(p for p in people if p.life.partner and p.life.child and p.life.sibling)
    author = wake(persona, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    for (section, key), templates in grammar().phrases.items():
        level = LEVELS.index(key) if key in LEVELS else 0
        for template in templates:
            said = say(template, author.taste, level, rng)
            shown = "".join(surfaces(persona)[unmark(c) or ""] if unmark(c) else c for c in said)
            assert not set("{}<>[]|/") & set(shown), (section, key, template.index)
            assert "  " not in said, (section, key, said)


def test_every_level_of_every_symptom_has_phrases_of_its_own() -> None:
    for topic, lists in read_bank("symptoms").items():
        assert tuple(lists) == LEVELS, topic
        lines = [line for level in LEVELS for line in lists[level]]  # type: ignore[attr-defined]
        assert len(lines) == len(set(lines)), topic


def test_strengths_have_one_entry_an_option() -> None:
    book = grammar()
    last = max(c.first + len(c.options) for c in book.words.values())
    assert last == len(book.strengths)
    assert {phrases.WORD_TASTE, phrases.CHOICE_TASTE, phrases.PHRASE_TASTE} <= set(book.strengths)
