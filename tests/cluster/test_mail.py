"""Mails as they leave: their way over SMTP, and the sink that keeps them."""

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from aiosmtplib import SMTPException
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cluster.clients.mail import PATIENCE, SmtpMail
from cluster.servers.mail import MailSink
from cluster.servers.mail_sink.box import KEPT, MailBox
from cluster.servers.process import spawn, stop
from cluster.settings_mail import MailSettings
from domain.errors import Invalid, NotFound, Unavailable
from domain.mail import MailItem
from tests.mails import LINK, mail, parts


class Postbox:
    """What a server does with mails, and whom it lets in."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.logins: list[bytes] = []
        self.was_encrypted: list[bool] = []
        self.refuses: str | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        message = BytesParser(policy=policy.default).parsebytes(envelope.original_content or b"")
        self.mails.append((envelope.rcpt_tos, message))
        assert server.transport
        self.was_encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: Any
    ) -> AuthResult:
        assert isinstance(told, LoginPassword)
        self.logins.append(told.password)
        return AuthResult(success=told.password == b"secret")


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself: with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@asynccontextmanager
async def _serving(postbox: Postbox, certificate: Path, tls: str) -> AsyncIterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if tls != "none":
        context.load_cert_chain(certificate)

    def answer() -> SMTP:
        return SMTP(
            postbox,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            authenticator=postbox.authenticate,
            auth_require_tls=tls == "starttls",
        )

    server = await asyncio.get_running_loop().create_server(
        answer, "127.0.0.1", 0, ssl=context if tls == "tls" else None
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


def _settings(port: int, tls: str, certificate: Path | None, **more: Any) -> MailSettings:
    told = {"host": "127.0.0.1", "port": port, "tls": tls, "ca_file": certificate, "timeout_s": 3}
    return MailSettings.model_validate(told | more)


@pytest.mark.parametrize("tls", ["starttls", "tls", "none"])
async def test_a_mail_is_taken_over(postbox: Postbox, certificate: Path, tls: str) -> None:
    async with _serving(postbox, certificate, tls) as port:
        who = {"username": "hub", "password": "secret"} if tls == "starttls" else {}
        await SmtpMail(_settings(port, tls, certificate, **who)).send(mail())
    ((to, message),) = postbox.mails
    assert to == ["a@example.com"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert LINK in parts(message)[0]
    assert postbox.was_encrypted == [tls != "none"]
    assert postbox.logins == ([b"secret"] if who else [])


async def test_a_digest_leaves_with_its_own_id_and_one_click_to_end_it(postbox: Postbox) -> None:
    address = f"https://hub.example.com/unsubscribe/{'x' * 200}"
    mail_id = UUID(int=5)
    items = tuple(MailItem("New match", f"<{n}>", f"https://hub.example.com/{n}") for n in "ab")
    told = replace(mail("digest"), items=items, mail_id=mail_id, unsubscribe=address)
    async with _serving(postbox, Path(), "none") as port:
        for _ in range(2):
            await SmtpMail(_settings(port, "none", None)).send(told)
    for _, message in postbox.mails:
        assert message["Message-ID"] == f"<{mail_id}@medcontracthub>"
        assert message["List-Unsubscribe"] == f"<{address}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        text, html = parts(message)
        assert "- New match: <a>" in text
        assert "&lt;b&gt;" in html
        assert address in text
        assert address in html


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    postbox: Postbox, certificate: Path, tls: str
) -> None:
    async with _serving(postbox, certificate, tls) as port:
        with pytest.raises(Unavailable, match="mail"):
            await SmtpMail(_settings(port, tls, None)).send(mail())
    assert postbox.mails == []


async def test_a_server_without_starttls_gets_no_mail_in_clear(
    postbox: Postbox, certificate: Path
) -> None:
    async with _serving(postbox, certificate, "none") as port:
        with pytest.raises(Unavailable, match="mail"):
            await SmtpMail(_settings(port, "starttls", certificate)).send(mail())
    assert postbox.mails == []


async def test_a_wrong_password_is_an_outage_that_does_not_tell_it(
    postbox: Postbox, certificate: Path
) -> None:
    who = {"username": "hub", "password": "hunter2"}
    async with _serving(postbox, certificate, "starttls") as port:
        with pytest.raises(Unavailable) as raised:
            await SmtpMail(_settings(port, "starttls", certificate, **who)).send(mail())
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"), [("550 unknown", Invalid), ("450 mailbox full", Unavailable)]
)
async def test_an_address_is_refused_for_good_or_for_now(
    postbox: Postbox, certificate: Path, answer: str, error: type[Exception]
) -> None:
    postbox.refuses = answer
    async with _serving(postbox, certificate, "none") as port:
        with pytest.raises(error):
            await SmtpMail(_settings(port, "none", None)).send(mail())


async def test_a_server_that_is_away_is_left_alone_after_a_while() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        client = SmtpMail(_settings(probe.getsockname()[1], "none", None))
        for _ in range(PATIENCE.failures):
            with pytest.raises(Unavailable, match="mail is unavailable: SMTP"):
                await client.send(mail())
        with pytest.raises(Unavailable, match="not asked"):
            await client.send(mail())


async def test_without_a_host_nothing_is_sent_and_that_is_told() -> None:
    with pytest.raises(Unavailable, match="MCH_MAIL__HOST"):
        await SmtpMail(MailSettings()).send(mail())


def test_no_secret_goes_through_the_net_in_clear() -> None:
    with pytest.raises(ValueError, match="this machine alone"):
        MailSettings(host="mail.example.com", tls="none")


async def test_the_sink_keeps_what_is_sent(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = MailSink(tmp_path / "mail", port)
    launch = sink.prepare()
    process = await spawn(launch, tmp_path, tmp_path / "log")
    try:
        await _until_it_answers(sink)
        await SmtpMail(_settings(port, "none", None)).send(mail(to="ä@example.com"))
    finally:
        await stop(process, launch.stop_signal, within_s=5.0)
    (kept,) = MailBox(tmp_path / "mail").newest(9)
    assert (kept.to, kept.links) == ("ä@example.com", (LINK,))
    assert "verify" in kept.text
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "mail").iterdir())


async def _until_it_answers(sink: MailSink) -> None:
    for _ in range(200):
        try:
            return await sink.ask()
        except SMTPException:
            await asyncio.sleep(0.1)
    raise TimeoutError


def test_a_box_shows_the_newest_first_and_forgets_the_oldest(tmp_path: Path) -> None:
    box = MailBox(tmp_path)
    for number in range(KEPT + 3):
        box.put(f"To: a@b\nSubject: {number}\n\nhello".encode())
    assert [one.subject for one in box.newest(2)] == [str(KEPT + 2), str(KEPT + 1)]
    assert len(list(tmp_path.iterdir())) == KEPT


@pytest.mark.parametrize("mail_id", ["../../etc/passwd", "0" * 19 + "-" + "0" * 8, ""])
def test_what_is_no_mail_is_not_read(tmp_path: Path, mail_id: str) -> None:
    with pytest.raises(NotFound):
        MailBox(tmp_path).get(mail_id)
