"""Who is who in a federation: the server's certificate, and the key of every node.

A federation needs three proofs. The sites must know that they speak to their coordinator: it
shows a certificate that an authority of this federation alone has signed. The coordinator must
know that a node is the site it says: every message of a node is signed with its own key, whose
public half was registered. And a site must know its own parts: the process that runs its code
speaks to its node over TLS with a certificate of the site's own.

The authority's private key is used once and written nowhere, so nobody can sign a second
server. Node keys are P-384, as Flower wants them; private keys are files of mode 0600.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mindveil.errors import InputError
from mindveil.store.files import write_bytes

LOOPBACK = ("127.0.0.1", "localhost")
_EARLY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """Three files: whom to trust (given to others), the certificate, and its private key."""

    authority: Path
    certificate: Path
    key: Path


def write_server_identity(
    folder: Path, hosts: Sequence[str] = LOOPBACK, days: int = 90
) -> ServerIdentity:
    """Write a certificate for the names and addresses under which a server is reached.

    Raises:
        InputError: no host is named, or the certificate would not last a day.
    """
    if not hosts or days < 1:
        raise InputError(
            f"a server certificate for {len(hosts)} hosts and {days} days is of no use; "
            "name at least one host and one day"
        )
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    issuer = _name("Mindveil federation")
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    authority = (
        _draft(issuer, issuer, authority_key.public_key(), ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        _draft(_name(hosts[0]), issuer, server_key.public_key(), ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_address(h) for h in hosts]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    identity = ServerIdentity(
        authority=folder / "authority.pem",
        certificate=folder / "server.pem",
        key=folder / "server.key",
    )
    write_bytes(identity.authority, authority.public_bytes(serialization.Encoding.PEM))
    write_bytes(identity.certificate, server.public_bytes(serialization.Encoding.PEM))
    write_bytes(identity.key, _private_bytes(server_key, serialization.PrivateFormat.PKCS8))
    return identity


def write_node_key(path: Path) -> str:
    """Write a new private key of a node; return its public half (PEM), which is no secret.

    Raises:
        InputError: there is a key already, which others may have registered.
    """
    if path.exists():
        raise InputError(
            f"{path}: this node has a key already; its partners know it by this key, so use it, "
            "or remove the file and register the new key everywhere"
        )
    key = ec.generate_private_key(ec.SECP384R1())
    write_bytes(path, _private_bytes(key, serialization.PrivateFormat.OpenSSH))
    return public_half(path)


def public_half(path: Path) -> str:
    """Return the public key (PEM) that belongs to the private key of a node.

    Raises:
        InputError: the file is missing, open to others, or holds no P-384 key.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no node key here; make one first")
    if path.stat().st_mode & 0o077:
        raise InputError(f"{path}: a node key must be readable by its owner only; chmod 600 it")
    try:
        key = serialization.load_ssh_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise InputError(f"{path}: this is not the private key of a node") from fault
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP384R1):
        raise InputError(f"{path}: a node key is a P-384 key, and this is another kind")
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: dt.datetime
) -> x509.CertificateBuilder:
    begins = dt.datetime.now(dt.UTC) - _EARLY
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _address(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _private_bytes(key: ec.EllipticCurvePrivateKey, layout: serialization.PrivateFormat) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, layout, serialization.NoEncryption())
