"""Names for a release that say nothing about the people behind them.

Random codes are the default: nobody can derive them, which is what HIPAA Safe Harbor asks for.
Keyed codes (HMAC-SHA256 under a key of at least 256 bits that is kept apart from the data; EDPB
Guidelines 01/2025, ENISA 2019) let the holder of the key make the same codes again; they are
derived from identifiers, so Safe Harbor is not met by them. There is no unkeyed hash: SHA-256 of
an eight-digit record number falls in four minutes on one core. Codes hide ids, not
quasi-identifiers.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mindveil.errors import InputError, RefusedError

KEY_BYTES = 32
KEY_FILE = "MINDVEIL_KEY_FILE"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_NONCE = 12


def random_codes(ids: Sequence[str], rng: np.random.Generator) -> dict[str, str]:
    """Return a code of 10 signs for each id: no order, no collision, nothing to derive.

    >>> codes = random_codes(["P1", "P2"], np.random.default_rng(1))
    >>> sorted(codes), len(set(codes.values())), len(codes["P1"])
    (['P1', 'P2'], 2, 10)
    """
    codes: dict[str, str] = {}
    used: set[str] = set()
    for name in ids:
        code = _draw(rng)
        while code in used:
            code = _draw(rng)
        used.add(code)
        codes[name] = code
    return codes


def keyed_codes(ids: Sequence[str], key: bytes, project: str, modality: str) -> dict[str, str]:
    """Return HMAC-SHA256(key of the project, modality, id) as 16 signs of base 32.

    The key of a project is derived with HKDF (RFC 5869), so codes of two projects cannot be
    linked, and each part is preceded by its length, so no two triples run together.
    """
    own = _derive(key, b"pseudonyms", project)
    codes = {}
    for name in ids:
        content = b"".join(_framed(part) for part in (project, modality, name))
        mac = hmac.new(own, content, "sha256").digest()
        codes[name] = base64.b32encode(mac[:10]).decode()
    if len(set(codes.values())) != len(codes):
        raise RefusedError("two ids have the same keyed code; use another key")
    return codes


def new_key(path: Path) -> None:
    """Write a fresh 256-bit key to a file that only its owner can read."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"{path} exists already; a key is never overwritten") from None
    with os.fdopen(handle, "w", encoding="ascii") as page:
        page.write(secrets.token_hex(KEY_BYTES) + "\n")


def load_key(path: Path) -> bytes:
    """Read a key file: hexadecimal or base 64, 256 bits or more, mode 0600.

    Raises:
        InputError: there is no such file, or it holds no key.
        RefusedError: others could read the file.
    """
    if not path.is_file():
        raise InputError(
            f"key file {path} does not exist; make one with mindveil.anonymise.pseudonyms.new_key"
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise RefusedError(f"key file {path} can be read by others; run: chmod 600 {path}")
    text = path.read_text(encoding="ascii", errors="replace").strip()
    key = _decoded(text)
    if key is None or len(key) < KEY_BYTES:
        raise InputError(
            f"key file {path} holds no key of {KEY_BYTES} bytes in hexadecimal or base 64"
        )
    return key


def key_from_environment() -> bytes:
    """Read the key file that ``MINDVEIL_KEY_FILE`` names; a key never stands in a study file."""
    named = os.environ.get(KEY_FILE, "")
    if not named:
        raise InputError(f"a key is needed: set {KEY_FILE} to the path of a key file (mode 0600)")
    return load_key(Path(named))


def seal_table(table: Mapping[str, str], key: bytes, project: str) -> bytes:
    """Return a re-identification table under AES-256-GCM, bound to its project."""
    nonce = secrets.token_bytes(_NONCE)
    content = json.dumps(dict(table), sort_keys=True).encode()
    cipher = AESGCM(_derive(key, b"table", project))
    return nonce + cipher.encrypt(nonce, content, project.encode())


def open_table(sealed: bytes, key: bytes, project: str) -> dict[str, str]:
    """Return a sealed table.

    Raises:
        RefusedError: another key, another project, or a file that was changed.
    """
    cipher = AESGCM(_derive(key, b"table", project))
    try:
        content = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], project.encode())
    except (InvalidTag, ValueError):
        raise RefusedError(
            "the table cannot be opened: wrong key, wrong project, or the file was changed"
        ) from None
    found: dict[str, str] = json.loads(content)
    return found


def _draw(rng: np.random.Generator) -> str:
    return "".join(_ALPHABET[i] for i in rng.integers(len(_ALPHABET), size=_LENGTH))


def _derive(key: bytes, purpose: bytes, project: str) -> bytes:
    if len(key) < KEY_BYTES:
        raise RefusedError(f"a key of {len(key)} bytes is too short; {KEY_BYTES} are needed")
    info = b"mindveil/" + purpose + b"/" + _framed(project)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _framed(part: str) -> bytes:
    content = part.encode()
    return len(content).to_bytes(4, "big") + content


def _decoded(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
