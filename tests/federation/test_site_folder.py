from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.dp.accounting import Budget
from mindveil.dp.composition import Cost
from mindveil.errors import RefusedError
from mindveil.federation.refusals import SiteRefusal, place_of
from mindveil.federation.site_folder import SiteFolder

ONE = Cost.of(Budget(epsilon=1.0, delta=1e-6, accountant="gaussian"))
STUDY, OTHER = "a" * 64, "b" * 64


def folder_in(path: Path, limit: float | None = None) -> SiteFolder:
    folder = SiteFolder(path=path / "state", site="north", limit=limit)
    with folder.held():
        return folder


def test_a_study_is_paid_once_and_its_answers_are_kept(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    assert folder.answered(STUDY) == ()
    assert folder.spent_on_others(STUDY) == ()
    for _ in range(3):
        folder.pay(STUDY, ONE)
    folder.note(STUDY, "0")
    folder.note(STUDY, "2")
    folder.pay(OTHER, ONE)
    assert folder.answered(STUDY) == ("0", "2")
    assert folder.answered(OTHER) == ()
    assert folder.spent_on_others(STUDY) == (ONE,)
    assert len(folder.spent_on_others("c" * 64)) == 2


def test_what_the_ledger_does_not_leave_is_not_paid(tmp_path: Path) -> None:
    folder = folder_in(tmp_path, limit=1.2)
    folder.pay(STUDY, ONE)
    with pytest.raises(RefusedError, match="would have spent"):
        folder.pay(OTHER, ONE)
    assert len(folder.spent_on_others(OTHER)) == 1


def test_a_list_of_answers_that_was_lost_or_damaged_is_refused(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    folder.pay(STUDY, ONE)
    path = folder.path / f"answers-{STUDY}.json"
    for damage in ("{", "{}", "[1]", ""):
        path.write_text(damage, encoding="utf-8")
        with pytest.raises(RefusedError, match="is damaged"):
            folder.answered(STUDY)
    path.unlink()
    with pytest.raises(SiteRefusal, match="no longer knows"):
        folder.pay(STUDY, ONE)


def test_a_step_is_taken_once_whoever_asks_again(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    folder.once("a" * 64)
    folder.once("b" * 64)
    for again in ("a" * 64, "b" * 64):
        with pytest.raises(SiteRefusal, match="has taken this step"):
            folder_in(tmp_path).once(again)


def test_the_log_holds_what_is_allowed_and_nothing_else(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told: dict[str, str | int] = {"kind": "update", "round": 2, "person": "zebra", "words": "w"}
    folder.log(told)
    folder.log({"outcome": "refused", "reason": 'a "quoted"\nline'})
    first, second = (folder.path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert set(json.loads(first)) == {"when", "site", "kind", "round"}
    assert json.loads(second)["reason"] == 'a "quoted"\nline'


def test_everything_in_the_folder_is_the_owners(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    folder.pay(STUDY, ONE)
    folder.log({"kind": "hello"})
    folder.held_out(("p",), 0.5)
    folder.once("a" * 64)
    for path in (folder.path, *folder.path.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_the_same_people_are_held_out_whatever_else_is_asked(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    (folder.path / "held-out.key").write_bytes(bytes(range(32)))
    ids = tuple(f"p{i}" for i in range(2000))
    fifth = folder.held_out(ids, 0.2)
    assert abs(len(fifth) - 400) < 4 * (2000 * 0.2 * 0.8) ** 0.5
    assert folder.held_out(ids[::-1], 0.2) == fifth
    assert folder.held_out(ids[:50], 0.2) == fifth & set(ids[:50])
    assert fifth < folder.held_out(ids, 0.4)
    assert folder.held_out(ids, 0.0) == frozenset()
    # Another site has another key: nobody can work out from an id who is held out.
    other = folder_in(tmp_path / "other").held_out(ids, 0.2)
    assert len(fifth & other) < 0.5 * len(fifth)


def test_one_message_is_answered_after_another(tmp_path: Path) -> None:
    folder, order = folder_in(tmp_path), []
    inside = threading.Event()

    def second() -> None:
        inside.wait(5)
        with folder.held():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with folder.held():
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text("0123456789", min_size=1, max_size=3), max_size=6))
def test_answers_come_back_in_their_order(
    tmp_path_factory: pytest.TempPathFactory, noted: list[str]
) -> None:
    folder = folder_in(tmp_path_factory.mktemp("folder"))
    for answer in noted:
        folder.note(STUDY, answer)
    assert folder.answered(STUDY) == tuple(noted)


def test_the_place_of_a_fault_is_told_and_not_its_text() -> None:
    with pytest.raises(ValueError, match="quokka") as raised:
        raise ValueError("quokka")
    assert place_of(raised.value).startswith("ValueError in test_site_folder.py:")
    assert "quokka" not in place_of(raised.value)
