"""An authority of a test's own, certificates it signs, and a front that speaks TLS for a store."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    cert_file: Path
    key_file: Path


class Authority:
    """Writes PEM files into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(f"authority of {folder.name}")
        builder = _builder(self._name, self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(_pem(builder.sign(self._key, hashes.SHA256())))

    def sign(self, name: str) -> Certificate:
        """For 127.0.0.1, or for a client of that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        host = x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))])
        builder = _builder(_named(name), self._name, key.public_key()).add_extension(host, False)
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        made.cert_file.write_bytes(_pem(builder.sign(self._key, hashes.SHA256())))
        made.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        made.key_file.chmod(0o600)
        return made

    def front(self) -> ssl.SSLContext:
        """Of a server that asks clients for a certificate of this authority."""
        mine = self.sign("front")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(mine.cert_file, mine.key_file)
        return context


@asynccontextmanager
async def tls_front(
    context: ssl.SSLContext, port: int, *, asked_with: bytes = b"", answers: bytes = b""
) -> AsyncIterator[int]:
    """Its port: what comes there encrypted goes on to the other port in clear, and back.

    `asked_with` is what a client must send in clear before TLS begins. Nothing else gets through.
    """

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if asked_with and await reader.readexactly(len(asked_with)) == asked_with:
                writer.write(answers)
                await writer.start_tls(context)
            if writer.get_extra_info("ssl_object"):
                there, back = await asyncio.open_connection(LOOPBACK, port)
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
        writer.close()

    at_once = None if asked_with else context
    server = await asyncio.start_server(carry, LOOPBACK, 0, ssl=at_once)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while some := await reader.read(64 * 1024):
            writer.write(some)
            await writer.drain()
    finally:
        writer.close()


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
