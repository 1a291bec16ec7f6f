"""Mail over SMTP (RFC 5321, RFC 3207, RFC 8314)."""

import ssl
from email.message import EmailMessage
from email.utils import parseaddr

import aiosmtplib

from cluster.clients.mail_words import Words
from cluster.settings_mail import MailSettings
from domain.breaker import Breaker, Patience
from domain.errors import Invalid, Unavailable
from domain.mail import Mail

SERVICE = "mail"
PATIENCE = Patience(failures=3, first_s=2.0, longest_s=60.0)


class SmtpMail:
    """Implements `domain.ports.SendsMail`: returns once the server has taken the mail over.

    Also raises `Invalid` for an address that it refuses for good. A repetition sends it twice.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._words = Words(settings.sender)
        self._breaker = Breaker(SERVICE, PATIENCE)

    async def send(self, mail: Mail) -> None:
        if not self._settings.host:
            raise Unavailable(service=SERVICE, reason="MCH_MAIL__HOST is not set")
        message = self._words.compose(mail)
        with self._breaker.call():
            await self._hand_over(message)

    async def _hand_over(self, message: EmailMessage) -> None:
        told = self._settings
        try:
            await aiosmtplib.send(
                message,
                sender=parseaddr(told.sender)[1],
                hostname=told.host,
                port=told.port,
                use_tls=told.tls == "tls",
                start_tls=told.tls == "starttls",
                tls_context=_context(told),
                username=told.username or None,
                password=told.password.get_secret_value() or None,
                timeout=told.timeout_s,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refusal(refused) from refused
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(service=SERVICE, reason=_told(error)) from error


def _context(settings: MailSettings) -> ssl.SSLContext | None:
    """Certificates are always checked, by the system's authorities or by the one that is set."""
    if settings.tls == "none":
        return None
    return ssl.create_default_context(cafile=settings.ca_file)


def _refusal(refused: aiosmtplib.SMTPRecipientsRefused) -> Invalid | Unavailable:
    """For good, or for now: 4xx, as a full mailbox or greylisting."""
    codes = [each.code for each in refused.recipients]
    if all(500 <= code < 600 for code in codes):
        return Invalid(what="an address", reason="its mail server does not know it")
    return Unavailable(service=SERVICE, reason=f"the recipient was put off ({codes})")


def _told(error: Exception) -> str:
    """Without what servers repeat to us: it may hold an address."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"
