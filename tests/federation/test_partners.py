"""The list of a federation: the same to everybody who reads it, or a sentence that says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mindveil.engine.flower_certificates import write_node_key
from mindveil.engine.flower_policy import fingerprint
from mindveil.errors import InputError
from mindveil.federation.partners import load_partners, one_line


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: write_node_key(folder / name) for name in ("north", "south")}


def listed(folder: Path, **sites: str) -> Path:
    path = folder / "federation.toml"
    lines = [f'{name} = """{key}"""\n' for name, key in sites.items()]
    path.write_text("[sites]\n" + "".join(lines), encoding="utf-8")
    return path


def test_keys_on_one_line_or_many_in_any_order_are_the_same_list(
    tmp_path: Path, keys: dict[str, str]
) -> None:
    many = load_partners(listed(tmp_path, north=keys["north"], south=keys["south"]))
    assert many == keys
    assert list(many) == ["north", "south"]
    one = load_partners(
        listed(tmp_path, south=one_line(keys["south"]), north=f"\r\n{one_line(keys['north'])}")
    )
    assert list(one.items()) == list(many.items())
    assert fingerprint(one) == fingerprint(keys)


def curve(kind: ec.EllipticCurve) -> str:
    layout = serialization.PublicFormat.SubjectPublicKeyInfo
    public = ec.generate_private_key(kind).public_key()
    return public.public_bytes(serialization.Encoding.PEM, layout).decode()


@pytest.mark.parametrize("key", ["", "north", "AAAA", "ä", curve(ec.SECP256R1())])
def test_what_is_no_key_of_a_node_is_refused_by_name(
    tmp_path: Path, keys: dict[str, str], key: str
) -> None:
    with pytest.raises(InputError, match=r"sites\.south is not the public key of a node"):
        load_partners(listed(tmp_path, north=keys["north"], south=key))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "key 'sites' is missing"),
        ("[sites]\nnorth = 'x'\n", "two sites or more"),
        ("[sites]\nnorth = 'x'\nsouth = 'y'\n[extra]\n", "unknown key 'extra'"),
        ("[sites]\nnorth = 'x'\n\"../south\" = 'y'\n", "'../south' cannot be the name of a site"),
        ("[sites]\nnorth = 'x'\nsouth = 3\n", "sites.south: a public key is a text"),
        ("[sites\n", "not valid TOML"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "federation.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(sentence)):
        load_partners(path)


def test_two_sites_never_share_a_key_and_a_list_has_to_be_there(
    tmp_path: Path, keys: dict[str, str]
) -> None:
    with pytest.raises(InputError, match="north and south have the same public key"):
        load_partners(listed(tmp_path, north=keys["north"], south=one_line(keys["north"])))
    with pytest.raises(InputError, match=r"nowhere\.toml does not exist"):
        load_partners(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes(b"[sites]\nn\xf6rd = 'x'\n")
    with pytest.raises(InputError, match="not UTF-8"):
        load_partners(tmp_path / "latin.toml")
