from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.paths import fault_of, inside
from mindveil.errors import RefusedError

ESCAPES = [
    "../secret",
    "..",
    "a/../../secret",
    "a/..",
    "sub-01/ses-01/../../../etc/passwd",
    ".. /secret",
    "... /secret",
    "/etc/passwd",
    "//server/share/file",
    "~/secret",
    "~root/secret",
    "\\secret",
    "..\\secret",
    "a\\..\\..\\secret",
    "\\\\server\\share\\file",
    "\\\\?\\C:\\secret",
    "C:\\secret",
    "C:/secret",
    "C:secret",
    "file:///etc/passwd",
    "a/b.tsv:stream",
    "a\x00b",
    "a\nb",
    "a\x1b[2Jb",
    "",
    "   ",
    "a//b",
    "a/ /b",
    "%2e%2e/secret",
    "..%2fsecret",
    "a%5c..%5csecret",
    "a%00.tsv",
    "\uff0e\uff0e/secret",
    "\u2024\u2024/secret",
    "\u2025/secret",
    "a\uff0f..\uff0fsecret",
    "..\u2215secret",
    "..\u2044secret",
    "..\u29f8secret",
    "\uff3csecret",
    "C\uff1asecret",
    "CON",
    "sub-01/nul.tsv",
    "com1.txt",
    "LPT9",
    "name.",
    "name ",
    "a/name./b",
    "x" * 256,
    "a/" + "\u00e9" * 128,
]


@pytest.mark.parametrize("path", ESCAPES, ids=lambda p: repr(p)[:24])
def test_paths_that_leave_the_folder_are_refused_without_repeating_them(tmp_path, path):
    with pytest.raises(RefusedError) as refused:
        inside(tmp_path, path)
    assert "secret" not in str(refused.value)
    assert refused.value.exit_code == 4


def test_there_are_more_than_twenty_vectors_and_none_twice():
    assert len(set(ESCAPES)) == len(ESCAPES) >= 20


@pytest.mark.parametrize(
    "path", ["a", "a/b.tsv", "./a", "sub-01/ses-01/text/x.tsv", "sub-CON/a..b", "...a", "é/ü.tsv"]
)
def test_paths_below_the_folder_pass(tmp_path, path):
    assert inside(tmp_path, path) == tmp_path.resolve() / path


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_followed(tmp_path):
    root = tmp_path / "corpus"
    (root / "real").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to("..")
    (root / "within").symlink_to("real")
    for path in ("out", "out/file", "up", "up/secret", "within/../../secret"):
        with pytest.raises(RefusedError):
            inside(root, path)
    assert inside(root, "within/file") == root.resolve() / "real" / "file"


def test_a_root_that_is_itself_a_link_is_fine(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "corpus").symlink_to("real")
    assert inside(tmp_path / "corpus", "a") == (tmp_path / "real" / "a").resolve()


def test_links_that_chase_each_other_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(RefusedError):
        inside(tmp_path, "a/file")


def test_a_folder_with_a_similar_name_is_not_inside(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus-of-others").mkdir()
    (tmp_path / "corpus" / "link").symlink_to(tmp_path / "corpus-of-others")
    with pytest.raises(RefusedError, match="link"):
        inside(tmp_path / "corpus", "link/file")


@given(st.text(alphabet="./\\~:ab \u2025\uff0e\uff0f%2e\x00", max_size=30))
def test_whatever_passes_lies_below_the_folder(path):
    root = Path("/nowhere/corpus")
    if not fault_of(path):
        assert inside(root, path).is_relative_to(root)
