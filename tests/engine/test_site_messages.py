"""Messages between sites: what goes in comes out, damage does not, and the order of an exchange."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save

from mindveil.engine import site_messages
from mindveil.engine.site_messages import Answer, SiteMessage, exchange, spoken
from mindveil.errors import InputError, RefusedError

FACTS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=6,
    ),
    max_size=4,
)
ARRAYS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=6),
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    | hnp.arrays(np.uint64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)),
    max_size=3,
)


@given(facts=FACTS, arrays=ARRAYS)
def test_what_is_written_is_read(facts, arrays):
    message = SiteMessage(kind="update", facts=facts, arrays=arrays)
    read = SiteMessage.from_bytes(message.to_bytes())
    assert read.kind == "update"
    assert read.facts == facts
    assert set(read.arrays) == set(arrays)
    for name, array in arrays.items():
        assert read.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(read.arrays[name], array)
    assert read.to_bytes() == message.to_bytes()


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), cut=st.booleans())
def test_every_damaged_bit_and_every_cut_is_refused(place, bit, cut):
    whole = SiteMessage(kind="update", facts={"n": 1}, arrays={"sum": np.ones(3)}).to_bytes()
    damaged = bytearray(whole)
    place %= len(whole)
    damaged[place] ^= 1 << bit
    with pytest.raises(InputError, match="message between sites"):
        SiteMessage.from_bytes(whole[:place] if cut else bytes(damaged))


def sealed(said: bytes, tensors: bytes) -> bytes:
    body = len(said).to_bytes(4, "little") + said + tensors
    return b"mindveil site message 1\n" + hashlib.sha256(body).digest() + body


NO_TENSORS = save({})


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "a"},
        {"kind": "A b", "facts": {}},
        {"kind": 3, "facts": {}},
        {"kind": "a", "facts": []},
        {"kind": "a", "facts": {}, "more": 1},
        [],
    ],
)
def test_a_sealed_message_of_the_wrong_shape_is_refused(said):
    good = sealed(json.dumps({"kind": "a", "facts": {}}).encode(), NO_TENSORS)
    assert SiteMessage.from_bytes(good) == SiteMessage(kind="a")
    with pytest.raises(InputError):
        SiteMessage.from_bytes(sealed(json.dumps(said).encode(), NO_TENSORS))


def test_sealed_nonsense_is_refused():
    with pytest.raises(InputError, match="cannot be read"):
        SiteMessage.from_bytes(sealed(b"{", NO_TENSORS))
    with pytest.raises(InputError, match="cannot be read"):
        SiteMessage.from_bytes(sealed(b'{"kind": "a", "facts": {}}', b"\xff" * 20))
    with pytest.raises(InputError, match="cannot be read"):
        SiteMessage.from_bytes(sealed(b"[" * 100_000, NO_TENSORS))
    body = (1 << 30).to_bytes(4, "little") + b"{}" + NO_TENSORS
    head = b"mindveil site message 1\n" + hashlib.sha256(body).digest()
    with pytest.raises(InputError, match="a length that it does not have"):
        SiteMessage.from_bytes(head + body)


@pytest.mark.parametrize(
    "message",
    [
        SiteMessage(kind="Not so"),
        SiteMessage(kind="a", arrays={"x": np.ones(2, dtype=np.float32)}),
        SiteMessage(kind="a", facts={"x": float("nan")}),
        SiteMessage(kind="a", facts={"x": object()}),
    ],
)
def test_what_cannot_be_said_is_not_written(message):
    with pytest.raises(InputError):
        message.to_bytes()


def test_size_is_bounded_on_both_ways(monkeypatch):
    whole = SiteMessage(kind="a", arrays={"x": np.ones(100)}).to_bytes()
    monkeypatch.setattr(site_messages, "MAX_BYTES", 500)
    with pytest.raises(InputError, match="the most are 500"):
        SiteMessage(kind="a", arrays={"x": np.ones(100)}).to_bytes()
    with pytest.raises(InputError, match="the most are 500"):
        SiteMessage.from_bytes(whole)
    monkeypatch.setattr(site_messages, "MAX_FACT_BYTES", 60)
    with pytest.raises(InputError, match="60"):
        SiteMessage(kind="a", facts={"x": "y" * 100}).to_bytes()


class Adding:
    """Adds its number to what was kept, and refuses at five."""

    def __init__(self, number):
        self.number = number

    def handle(self, request, memory):
        total = self.number + (0 if memory is None else memory.facts["total"])
        if total >= 5:
            raise RefusedError("five is enough")
        said = SiteMessage(kind="total", facts={"total": total})
        return Answer(reply=said, memory=said)


class Asking:
    def __init__(self, names, rounds):
        self.names, self.rounds, self.heard = names, rounds, []

    def next_requests(self, replies):
        self.heard.append({n: (r.kind, *r.facts.values()) for n, r in replies.items()})
        done = len(self.heard) > self.rounds
        return None if done else dict.fromkeys(self.names, SiteMessage(kind="more"))


def test_an_exchange_keeps_memories_apart_and_goes_on_after_a_refusal():
    asking = Asking(("one", "two", "gone"), 3)
    exchange(asking, {"one": Adding(1), "two": Adding(2), "silent": Adding(3)})
    gone = ("absent", "site gone takes no part")
    assert asking.heard == [
        {},
        {"one": ("total", 1), "two": ("total", 2), "gone": gone},
        {"one": ("total", 2), "two": ("total", 4), "gone": gone},
        {"one": ("total", 3), "two": ("refused", "five is enough"), "gone": gone},
    ]


@pytest.mark.parametrize("kind", ["refused", "failed", "absent"])
def test_a_site_cannot_speak_for_the_transport(kind):
    with pytest.raises(InputError, match="raise the error"):
        spoken(SiteMessage(kind=kind))
