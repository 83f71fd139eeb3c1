"""From sentences to spelled turns, and where mentions stand in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.phrases import mark
from mindveil.corpus.sample.speech import (
    FAVOURITES,
    Habits,
    colour,
    compose,
    draw_habits,
    favourite,
    overhear,
    plain,
    write,
)

SURFACE = {"town": "Oban", "occupation": "estate agent", "doctor": "Iyer", "self_first": "Claire"}
HEARD = {k: v.lower() for k, v in SURFACE.items()}
MANNER = replace(plain(draw_persona(1, 1).manner), expand_rate=0.0, link_rate=0.0)
SILENT = Habits(little=dict.fromkeys(FAVOURITES, ("um",)), swaps=())


@pytest.mark.parametrize(
    ("turn", "text", "mentions"),
    [
        ("i slept. it helped", "I slept. It helped.", ()),
        ("did you paint? it's lighter", "Did you paint? It's lighter.", ()),
        (
            f"we live in {mark('town')}, near the sea",
            "We live in Oban, near the sea.",
            (("town", 11, 15),),
        ),
        (f"I'm a {mark('occupation')}", "I'm an estate agent.", (("occupation", 7, 19),)),
        (f"{mark('self_first')} here", "Claire here.", (("self_first", 0, 6),)),
    ],
)
def test_a_typed_turn_has_capitals_points_and_known_mentions(
    turn: str, text: str, mentions: tuple[tuple[str, int, int], ...]
) -> None:
    spoken = write(turn, SURFACE)
    assert (spoken.text, spoken.mentions) == (text, mentions)


@pytest.mark.parametrize(
    ("turn", "text", "mentions"),
    [
        ("I slept. It's a wash-out, at the café", "i slept it's a wash out at the cafe", ()),
        (f"my GP, Dr {mark('doctor')}, says", "my gp doctor iyer says", (("doctor", 13, 17),)),
        (
            f"I'm a {mark('occupation')}, you know",
            "i'm an estate agent you know",
            (("occupation", 7, 19),),
        ),
    ],
)
def test_an_asr_turn_is_lower_case_without_punctuation(
    turn: str, text: str, mentions: tuple[tuple[str, int, int], ...]
) -> None:
    spoken = overhear(turn, HEARD)
    assert (spoken.text, spoken.mentions) == (text, mentions)


@given(
    st.lists(
        st.sampled_from(["well", "so,", "a", "it's. and", *(mark(m) for m in SURFACE)]),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_every_mention_stands_where_it_is_said_to(words: list[str], automatic: bool) -> None:  # noqa: FBT001
    surface = HEARD if automatic else SURFACE
    spoken = (overhear if automatic else write)(" ".join(words), surface)
    assert len(spoken.mentions) == sum(len(w) == 1 and w != "a" for w in words)
    for mention, start, end in spoken.mentions:
        assert spoken.text[start:end].lower() == surface[mention].lower()


def test_contractions_are_written_out_by_those_who_do() -> None:
    rng = np.random.default_rng(0)
    formal = replace(MANNER, expand_rate=1.0)
    assert colour("I'm sure it's fine", SILENT, formal, rng) == "I am sure it is fine"
    assert colour("it's been hard", SILENT, formal, rng) == "it's been hard"
    assert colour("I'm sure it's fine", SILENT, MANNER, rng) == "I'm sure it's fine"


def test_a_filler_comes_after_a_comma_and_an_own_word_replaces_a_whole_one() -> None:
    rng = np.random.default_rng(0)
    hesitant = replace(MANNER, filler_rate=1.0)
    assert colour("calm, no rows", SILENT, hesitant, rng) == "calm, um, no rows"
    own = replace(SILENT, swaps=(("friend", "pal"),))
    said = {colour("a friend, friends", own, MANNER, np.random.default_rng(i)) for i in range(20)}
    assert said == {"a friend, friends", "a pal, friends"}


def test_sentences_are_linked_or_stopped_as_the_persona_does() -> None:
    rng = np.random.default_rng(0)
    assert compose(["one", "two"], SILENT, MANNER, rng) == "one. two"
    linking = replace(MANNER, link_rate=1.0, opener_rate=1.0, saying_rate=1.0)
    assert compose(["one", "two"], SILENT, linking, rng) == "um, one, um two, um"


def test_first_favourites_are_used_most() -> None:
    habits = draw_habits(np.random.default_rng(3))
    rng = np.random.default_rng(4)
    said = [favourite(habits, "openers", rng) for _ in range(2000)]
    counts = [said.count(word) for word in habits.little["openers"]]
    assert sum(counts) == 2000
    assert counts[0] > counts[2] > counts[-1] > 0
