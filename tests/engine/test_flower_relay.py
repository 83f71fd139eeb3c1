"""The wire between two processes: parcels arrive whole, or not at all."""

from __future__ import annotations

import json
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.engine.flower_relay import Parcel, receive_parcel, send_parcel
from mindveil.errors import InputError


@given(
    head=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
    bodies=st.dictionaries(st.text(max_size=5), st.binary(max_size=50), max_size=3),
)
def test_parcels_arrive_in_order_and_whole(head, bodies):
    here, there = socket.socketpair()
    with here, there:
        for parcel in (Parcel(head=head, bodies=bodies), Parcel(head={"second": True})):
            send_parcel(here, parcel)
        here.shutdown(socket.SHUT_WR)
        assert receive_parcel(there) == Parcel(head=head, bodies=bodies)
        assert receive_parcel(there) == Parcel(head={"second": True})
        assert receive_parcel(there) is None


def test_a_body_greater_than_any_buffer_arrives():
    body = bytes(range(256)) * 40_000
    here, there = socket.socketpair()
    with here, there:
        sender = threading.Thread(
            target=send_parcel, args=(here, Parcel(head={}, bodies={"a": body, "b": b""}))
        )
        sender.start()
        received = receive_parcel(there)
        sender.join()
    assert received is not None
    assert received.bodies == {"a": body, "b": b""}


def headed(sizes: dict[str, int]) -> bytes:
    table = json.dumps({"head": {}, "sizes": sizes}).encode()
    return len(table).to_bytes(4, "little") + table


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (b"\xff\xff\xff\xff", "too long"),
        (b"\x20\x00\x00\x00{", "broke off"),
        (headed({"a": 3}) + b"12", "broke off"),
        (headed({"a": 1 << 40}), "body that is too long"),
        (headed({"a": -1}), "body that is too long"),
    ],
)
def test_what_is_broken_off_or_too_long_is_refused(written, sentence):
    here, there = socket.socketpair()
    with here, there:
        here.sendall(written)
        here.shutdown(socket.SHUT_WR)
        with pytest.raises(InputError, match=sentence):
            receive_parcel(there)


def test_silence_ends_at_the_time_limit():
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(0.05)
        with pytest.raises(TimeoutError):
            receive_parcel(there)
