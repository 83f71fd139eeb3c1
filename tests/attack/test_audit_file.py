"""Files about a model: what is read, person by person, and one sentence for each bad file."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.audit_file import audited, read_audit
from mindveil.errors import InputError

GOOD = """person,member,label,log_odds,shadow_01,shadow_01_inside,shadow_02,shadow_02_inside
ann,1,1,2,1,1,3,0
ann,1,1,4,1,1,5,0
bob,0,0,-1,-2,0,2,1
"""


def written(folder, text, name="audit.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_of_a_person_are_one_person(tmp_path):
    found = read_audit(written(tmp_path, GOOD))
    assert found.people == ("ann", "bob")
    assert found.sure.tolist() == [3, 1]
    assert found.groups.tolist() == [1, 0]
    assert found.member.tolist() == [True, False]
    assert found.shadows.tolist() == [[1, 4], [2, -2]]
    assert found.inside.tolist() == [[True, False], [False, True]]


def test_every_row_is_somebody_else_where_nobody_is_named(tmp_path):
    found = read_audit(written(tmp_path, "member,label,probability\n1,1,0.75\n0,0,0.75\n"))
    assert found.people == ("0", "1")
    assert np.exp(found.sure) == pytest.approx([3, 1 / 3])
    assert found.shadows.shape == (2, 0)


def test_arrays_say_the_same_as_a_table(tmp_path):
    lines = [line.split(",") for line in GOOD.split()]
    arrays = {
        name: np.array(
            [line[i] for line in lines[1:]], dtype=np.str_ if name == "person" else np.float64
        )
        for i, name in enumerate(lines[0])
    }
    np.savez(tmp_path / "audit.npz", **arrays)
    one, two = read_audit(tmp_path / "audit.npz"), read_audit(written(tmp_path, GOOD))
    assert one.people == two.people
    assert one.sure.tolist() == two.sure.tolist()
    assert one.inside.tolist() == two.inside.tolist()


BAD = {
    "": "the file is empty",
    "member,label,log_odds\n": "there is no row",
    "label,log_odds\n1,2\n": "no column member",
    "member,log_odds\n1,2\n": "no column label",
    "member,label\n1,1\n": "log_odds or a column probability",
    "member,label,log_odds,probability\n1,1,0,0.5\n": "and not both",
    "member,label,log_odds,log_odds\n1,1,0,0\n": "same name",
    "member,label,log_odds,age\n1,1,0,40\n": "the column age is none of an audit",
    "member,label,log_odds\n1,1\n": "row 1 has 2 cells, not 3",
    "member,label,log_odds\n1,1,0\n1,1,high\n": "log_odds, row 2: not a number",
    "member,label,log_odds\n1,1,\n": "log_odds, row 1: not a number",
    "member,label,log_odds\n1,1,nan\n": "log_odds, row 1: not a number",
    "member,label,log_odds\n2,1,0\n": "member, row 1: 2 is neither 0 nor 1",
    "member,label,log_odds\n1,0.5,0\n": "label, row 1: 0.5 is neither 0 nor 1",
    "member,label,probability\n1,1,1.5\n": "row 1: 1.5 is no probability",
    "member,label,log_odds,shadow_01\n1,1,0,0\n": "no column shadow_01_inside",
    "member,label,log_odds,shadow_01_inside\n1,1,0,0\n": "none of an audit",
    "person,member,label,log_odds\na,1,1,0\na,0,1,0\n": "1 people have rows among members and",
    "person,member,label,log_odds,shadow_1,shadow_1_inside\na,1,1,0,0,0\na,1,1,0,0,1\n": "inside a shadow",
}


@pytest.mark.parametrize(("text", "sentence"), BAD.items(), ids=BAD.values())
def test_a_bad_table_is_told_in_a_sentence(tmp_path, text, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        read_audit(written(tmp_path, text))
    assert str(caught.value).startswith(f"{tmp_path / 'audit.csv'}: ")
    assert "\n" not in str(caught.value)


def test_files_that_are_none_are_told(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_audit(tmp_path / "audit.csv")
    with pytest.raises(InputError, match=r"give a \.csv or an \.npz file"):
        read_audit(written(tmp_path, GOOD, "audit.xlsx"))
    with pytest.raises(InputError, match="without pickles"):
        read_audit(written(tmp_path, GOOD, "audit.npz"))
    (tmp_path / "audit.csv").write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(InputError, match="not a table in UTF-8"):
        read_audit(tmp_path / "audit.csv")


def test_pickles_and_odd_arrays_are_refused(tmp_path):
    path = tmp_path / "audit.npz"
    np.savez(path, member=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="without pickles"):
        read_audit(path)
    np.savez(path, member=np.ones((2, 2)))
    with pytest.raises(InputError, match="member has 2 axes"):
        read_audit(path)
    np.savez(path, member=np.ones(2), label=np.ones(3))
    with pytest.raises(InputError, match="differ in length"):
        read_audit(path)


def test_arrays_that_do_not_fit_are_refused():
    ones = np.ones(3)
    with pytest.raises(InputError, match="answered 3 rows"):
        audited(ones, np.ones(2), ones > 0)
    with pytest.raises(InputError, match=r"answered \(3, 2\)"):
        audited(ones, ones, ones > 0, None, (np.ones((3, 2)), np.ones((3, 1), dtype=bool)))
