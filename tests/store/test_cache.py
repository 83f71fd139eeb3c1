from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mindveil.store.cache import code_digest, digest, module_digest

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(plain)
def test_the_same_content_has_the_same_address(content):
    assert digest({"a": content, "b": 1}) == digest({"b": 1, "a": content})


def test_another_content_has_another_address():
    contents = [0, 1, "1", None, True, [], {}, [1], {"1": 1}, 1.5, "a\x1fb", ["a", "b"]]
    assert len({digest(c) for c in contents}) == len(contents)


def test_the_code_has_a_digest():
    assert len(code_digest()) == 64
    assert module_digest("json") != module_digest("csv")
    assert not module_digest("no_such_module_anywhere")
