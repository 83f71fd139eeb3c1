"""Who takes part in a federation, as all of them write it down: ``federation.toml``.

An explicit list, the same file at every site and at the coordinator: a name and the public key of
a node for each. Who is not on it is never spoken to. The file holds no secret; that all have the
same one is worth a telephone call (``fingerprint`` names it).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from mindveil.errors import InputError
from mindveil.study_file import read_toml

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class FederationFile(BaseModel):
    """The list as it stands in the file: ``[sites]``, a public key of a node by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sites: dict[Name, str] = Field(min_length=2)


def load_partners(path: Path) -> dict[str, str]:
    """Return the public keys (PEM) of a federation's nodes by site, sorted by name.

    The order of lines in the file means nothing: all compute the same agreement from it.

    Raises:
        InputError: it is missing or no such list, a key is none, or two sites share one.
    """
    if not path.is_file():
        raise InputError(
            f"{path.name} does not exist: a federation is a list of sites with the public keys of "
            'their nodes, [sites] north = "..."'
        )
    raw = read_toml(path)
    try:
        listed = FederationFile.model_validate(raw).sites
    except ValidationError as fault:
        raise InputError(f"{path.name}: {_sentence(fault)}") from None
    found = {name: _pem(path.name, name, listed[name]) for name in sorted(listed)}
    _refuse_shared(path.name, found)
    return found


def one_line(public_key: str) -> str:
    r"""Return a public key without the lines around it, as it is put into the file.

    >>> one_line("-----BEGIN PUBLIC KEY-----\nMHYw\nEAYH\n-----END PUBLIC KEY-----\n")
    'MHYwEAYH'
    """
    lines = public_key.split("\n")
    return "".join(line.strip() for line in lines if not line.startswith("-----"))


def _pem(file: str, name: str, told: str) -> str:
    """Return a public key as nodes write it, however the file breaks its lines."""
    fault = f"{file}: sites.{name} is not the public key of a node; `mindveil site` prints one"
    try:
        found = serialization.load_der_public_key(
            base64.b64decode("".join(one_line(told).split()), validate=True)
        )
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise InputError(fault) from None
    if not isinstance(found, ec.EllipticCurvePublicKey) or not isinstance(
        found.curve, ec.SECP384R1
    ):
        raise InputError(fault)
    layout = serialization.PublicFormat.SubjectPublicKeyInfo
    return found.public_bytes(serialization.Encoding.PEM, layout).decode("ascii")


def _refuse_shared(file: str, keys: Mapping[str, str]) -> None:
    owner: dict[str, str] = {}
    for name, key in keys.items():
        if key in owner:
            raise InputError(
                f"{file}: sites {owner[key]} and {name} have the same public key; give each its own"
            )
        owner[key] = name


def _sentence(fault: ValidationError) -> str:
    first = fault.errors()[0]
    place = [str(part) for part in first["loc"] if part != "[key]"]
    where = ".".join(place)
    match first["type"]:
        case "extra_forbidden":
            return f"unknown key {where!r}; the file holds [sites] and nothing else"
        case "missing":
            return f"key {where!r} is missing; add [sites] with a line for each"
        case "too_short":
            return "sites: a federation has two sites or more; add a line for each"
        case "string_pattern_mismatch":
            return (
                f"{place[-1]!r} cannot be the name of a site; use up to 40 letters, digits, - and _"
            )
        case _:
            return f"{where}: a public key is a text in quotation marks"
