"""A mail of any kind, and what it says."""

from email.message import EmailMessage

from domain.access import PUBLIC
from domain.mail import VALUES, Mail, MailKind

LINK = "https://hub.example.com/verify?token=abc"


def mail(kind: MailKind = "verify_address", to: str = "a@example.com", **values: str) -> Mail:
    told = {name: f"{name}!" for name in VALUES[kind]} | {"link": LINK} | values
    return Mail(kind, to, PUBLIC, told)


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text
    assert html
    return text.get_content(), html.get_content()
