from __future__ import annotations

import itertools

import pytest

from mindveil.engine.site_messages import SiteMessage, excuse
from mindveil.errors import InputError
from mindveil.federation.attendance import Attendance, Messages

ASKED = SiteMessage(kind="hello")


def there(**more: object) -> Attendance:
    return Attendance(present=("north", "south", "west"), **more)  # type: ignore[arg-type]


def answered(attendance: Attendance, replies: Messages, *, patient: bool = False) -> dict[str, str]:
    def read(name: str, reply: SiteMessage) -> str:
        if "wrong" in reply.facts:
            raise InputError("nonsense")
        return f"{name} said {reply.facts['word']}"

    talk = attendance.ask(dict.fromkeys(attendance.present, ASKED), "agreed", read, patient=patient)
    assert set(next(talk)) == set(attendance.present)
    with pytest.raises(StopIteration) as end:
        talk.send(replies)
    found: dict[str, str] = end.value.value
    return found


YES = SiteMessage(kind="agreed", facts={"word": "yes"})


def test_who_answers_stays_and_who_does_not_is_left_out() -> None:
    attendance = there()
    assert answered(attendance, {"north": YES, "south": excuse("absent", "killed")}) == {
        "north": "north said yes"
    }
    assert attendance.present == ("north",)
    assert attendance.lost == {"south": "absent: killed", "west": "no answer in time"}
    assert attendance.among(("west", "north")) == ("north",)


@pytest.mark.parametrize("patient", [False, True])
def test_nonsense_is_not_borne_with(*, patient: bool) -> None:
    attendance = there()
    wrong = SiteMessage(kind="agreed", facts={"wrong": 1})
    said = {"north": wrong, "south": SiteMessage(kind="told"), "west": excuse("failed", "x:3")}
    assert answered(attendance, said, patient=patient) == {}
    assert attendance.present == ()
    assert attendance.lost["north"] == "nonsense"
    assert "not asked for" in attendance.lost["south"]


def test_a_refusal_in_a_round_of_others_is_borne_with_twice() -> None:
    attendance = there()
    for _ in range(2):
        answered(
            attendance,
            {**dict.fromkeys(there().present, YES), "west": excuse("refused", "a share")},
            patient=True,
        )
        assert "west" in attendance.present
    answered(
        attendance,
        {**dict.fromkeys(there().present, YES), "west": excuse("refused", "a share")},
        patient=True,
    )
    assert attendance.lost == {"west": "refused: a share"}


def test_nobody_is_asked_nothing() -> None:
    with pytest.raises(StopIteration) as end:
        next(there().ask({}, "agreed", lambda _, reply: reply.kind))
    assert end.value.value == {}


def test_what_a_site_says_in_the_record_is_short() -> None:
    attendance = there(clock=itertools.count(0.0, 2.0).__next__)
    answered(attendance, {"north": excuse("refused", "a" * 9999)})
    assert len(str(attendance.to_json()["north"])) == 400
    assert attendance.seconds == 2.0
