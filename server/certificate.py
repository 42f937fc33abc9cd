"""A certificate for this machine, signed by itself: browsers give pages the microphone over TLS only."""

import ssl
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=397)
"""Apple's devices take no longer ones (support.apple.com/102028)."""

SPARE = timedelta(days=30)
"""Before it ends, a new one takes its place."""

CLOCK_SKEW = timedelta(days=1)
"""That other devices' clocks may be behind ours."""


_SIGNS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
"""What its key does: sign handshakes."""


def new_certificate(names: Sequence[str], now: datetime) -> bytes:
    """A private key and a certificate for these host names and addresses, valid from `now`, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Antiphon")])
    public = key.public_key()
    certificate = (
        x509.CertificateBuilder(subject, subject, public, x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now - CLOCK_SKEW + LIFETIME)
        .add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def still_good(pem: bytes, names: Sequence[str], now: datetime) -> bool:
    """Whether what was made before is whole, covers these names, and will not end soon."""
    try:
        tls_with(pem)
        certificate = x509.load_pem_x509_certificate(pem)
        covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, ssl.SSLError, x509.ExtensionNotFound):
        return False
    in_time = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - SPARE
    return in_time and {_name(one) for one in names} <= set(covered)


def fingerprint(pem: bytes) -> str:
    """Of the certificate, SHA-256, as browsers show it: 12:34:AB:..."""
    digest = sha256(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)).digest()
    return digest.hex(":").upper()


def tls_with(pem: bytes) -> ssl.SSLContext:
    """A server's side of TLS with this key and certificate. Raises `ssl.SSLError` when they are none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.TemporaryDirectory() as folder:  # OpenSSL takes files only; this folder is open to nobody else
        file = Path(folder) / "pem"
        file.write_bytes(pem)
        context.load_cert_chain(file)
    return context


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
