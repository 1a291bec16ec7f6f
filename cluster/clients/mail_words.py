"""What each kind of mail says, as text and as HTML. One wording makes both."""

from collections.abc import Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.errors import Invalid
from domain.mail import VALUES, Mail, MailItem, MailKind

_TEMPLATES = Path(__file__).with_name("mail_templates")
_DOMAIN = "medcontracthub"
_WHOLE_LINES = policy.EmailPolicy(max_line_length=998)
"""Python encodes a long address that it would have to fold; readers of `List-Unsubscribe` don't
expect that. RFC 5322 lets a line have this many letters.
"""


@dataclass(frozen=True, slots=True)
class Wording:
    """Sentences with the mail's values in braces. `action` stands on the button of `link`."""

    subject: str
    says: tuple[str, ...]
    action: str
    closes: str


WORDINGS: Mapping[MailKind, Wording] = {
    "verify_address": Wording(
        subject="Confirm your address for MedContractHub",
        says=(
            "Hello {name},",
            "someone, hopefully you, signed up for MedContractHub with this address. "
            "Confirm it to go on. The link holds for {hours} hours and works once.",
        ),
        action="Confirm this address",
        closes="If it was not you, do nothing: without the confirmation there is no account.",
    ),
    "reset_password": Wording(
        subject="Choose a new password for MedContractHub",
        says=(
            "Hello {name},",
            "someone, hopefully you, asked for a new password. "
            "The link holds for {minutes} minutes and works once.",
        ),
        action="Choose a new password",
        closes="If it was not you, do nothing: your password stays as it is.",
    ),
    "invitation": Wording(
        subject="{inviter} invites you to {company} on MedContractHub",
        says=(
            "Hello,",
            "{inviter} invites you to work with {company} on MedContractHub, as {role}. "
            "The invitation holds for {days} days.",
        ),
        action="Accept the invitation",
        closes="If you do not know them, do nothing: nobody joins without accepting.",
    ),
    "signed_in_elsewhere": Wording(
        subject="Your MedContractHub account was used from a new browser",
        says=(
            "Hello {name},",
            "someone signed in to your account at {at} with {browser}.",
        ),
        action="See your sessions",
        closes="If it was not you, end that session there and choose a new password.",
    ),
    "passkey_added": Wording(
        subject="A passkey was added to your MedContractHub account",
        says=(
            "Hello {name},",
            "at {at} someone added the passkey {passkey} to your account with {browser}. "
            "It signs in without your password.",
        ),
        action="See your passkeys",
        closes="If it was not you, remove it there and choose a new password.",
    ),
    "notification": Wording(
        subject="{what}: {title}",
        says=("Hello {name},", "{what}, for {company}: {title}."),
        action="Open it",
        closes="Your settings say to tell you of this at once.",
    ),
    "digest": Wording(
        subject="{count} for {company} on MedContractHub",
        says=("Hello {name},", "new for {company} since the last of these mails: {count}."),
        action="See all notifications",
        closes="You get this once a day, if there is something to tell.",
    ),
}


class Words:
    """Makes a mail's message. The templates are read when first used."""

    def __init__(self, sender: str) -> None:
        self._sender = sender
        loader = FileSystemLoader(_TEMPLATES)
        options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
        self._text = Environment(loader=loader, autoescape=False, **options)  # type: ignore[arg-type]  # noqa: S701 - plain text
        self._html = Environment(loader=loader, autoescape=True, **options)  # type: ignore[arg-type]

    def compose(self, mail: Mail) -> EmailMessage:
        """Raises `Invalid` where a value is missing or the address is none."""
        wording = WORDINGS[mail.kind]
        if missing := VALUES[mail.kind] - set(mail.values):
            raise Invalid(what=f"a mail {mail.kind}", reason=f"lacks {', '.join(sorted(missing))}")
        values = {name: _one_line(value) for name, value in mail.values.items()}
        facts = {
            "says": [each.format_map(values) for each in wording.says],
            "action": wording.action,
            "link": values["link"],
            "closes": wording.closes,
            "items": [_plain(item) for item in mail.items],
            "unsubscribe": mail.unsubscribe,
        }
        message = EmailMessage(_WHOLE_LINES)
        message["Subject"] = wording.subject.format_map(values)
        message["From"] = self._sender
        message["To"] = _address(mail.to)
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = _message_id(mail)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot shall answer.
        if mail.unsubscribe:
            message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self._text.get_template("mail.txt").render(facts))
        message.add_alternative(self._html.get_template("mail.html").render(facts), subtype="html")
        return message


def _message_id(mail: Mail) -> str:
    return f"<{mail.mail_id}@{_DOMAIN}>" if mail.mail_id else make_msgid(domain=_DOMAIN)


def _plain(item: MailItem) -> MailItem:
    return MailItem(_one_line(item.what), _one_line(item.title), item.link)


def _one_line(value: str) -> str:
    """People choose names: none of them makes a header, or a paragraph, of its own."""
    return " ".join(value.split())


def _address(told: str) -> str:
    local, at, domain = told.rpartition("@")
    if not at or not local or not domain or any(c.isspace() or c in ',;<>"\\' for c in told):
        raise Invalid(what="an address", reason="it is not name@domain")
    return told
