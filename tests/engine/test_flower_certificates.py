"""Certificates and keys: a real TLS handshake, private files, and what is no node key."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import stat
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from mindveil.engine.flower_certificates import (
    public_half,
    write_node_key,
    write_server_identity,
)
from mindveil.errors import InputError


def shake_hands(server, authority, host):
    """Return the error of the client, or None."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.key)
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(authority)
    ours, theirs = socket.socketpair()

    def serve():
        try:
            context.wrap_socket(theirs, server_side=True).close()
        except (ssl.SSLError, OSError):
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    fault = None
    try:
        with trust.wrap_socket(ours, server_hostname=host):
            pass
    except ssl.SSLError as error:
        fault = error
    finally:
        ours.close()
        thread.join()
    return fault


def test_a_client_believes_the_server_of_its_own_federation_only(tmp_path):
    first = write_server_identity(tmp_path / "first", ("127.0.0.1", "link.example"))
    second = write_server_identity(tmp_path / "second")
    assert shake_hands(first, first.authority, "127.0.0.1") is None
    assert shake_hands(first, first.authority, "link.example") is None
    assert isinstance(shake_hands(first, second.authority, "127.0.0.1"), ssl.SSLError)
    assert isinstance(shake_hands(first, first.authority, "other.example"), ssl.SSLError)


def test_the_authority_leaves_no_key_and_the_rest_is_private(tmp_path):
    identity = write_server_identity(tmp_path / "link", days=2)
    files = sorted(p.name for p in (tmp_path / "link").iterdir())
    assert files == ["authority.pem", "server.key", "server.pem"]
    assert stat.S_IMODE(identity.key.stat().st_mode) == 0o600
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    lasts = certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=1) < lasts <= dt.timedelta(days=2)
    authority = x509.load_pem_x509_certificate(identity.authority.read_bytes())
    certificate.verify_directly_issued_by(authority)
    key = serialization.load_pem_private_key(identity.key.read_bytes(), None)
    assert key.public_key() == certificate.public_key() != authority.public_key()


@pytest.mark.parametrize(("hosts", "days"), [((), 1), (("localhost",), 0)])
def test_a_certificate_for_nothing_is_refused(tmp_path, hosts, days):
    with pytest.raises(InputError, match="of no use"):
        write_server_identity(tmp_path, hosts, days)


def test_a_node_key_is_private_and_known_by_its_public_half(tmp_path):
    told = write_node_key(tmp_path / "node")
    assert stat.S_IMODE((tmp_path / "node").stat().st_mode) == 0o600
    assert public_half(tmp_path / "node") == told
    public = serialization.load_pem_public_key(told.encode())
    assert isinstance(public.curve, ec.SECP384R1)
    assert write_node_key(tmp_path / "other") != told
    with pytest.raises(InputError, match="has a key already"):
        write_node_key(tmp_path / "node")


def open_ssh(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    ("written", "mode", "sentence"),
    [
        (None, 0o600, "there is no node key here"),
        (b"nothing", 0o600, "not the private key of a node"),
        (open_ssh(ed25519.Ed25519PrivateKey.generate()), 0o600, "P-384"),
        (open_ssh(ec.generate_private_key(ec.SECP256R1())), 0o600, "P-384"),
        (open_ssh(ec.generate_private_key(ec.SECP384R1())), 0o644, "chmod 600"),
    ],
)
def test_what_is_no_node_key_is_refused(tmp_path, written, mode, sentence):
    path = tmp_path / "node"
    if written is not None:
        path.write_bytes(written)
        path.chmod(mode)
    with pytest.raises(InputError, match=sentence):
        public_half(path)
