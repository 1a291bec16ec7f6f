"""Mails that the hub sends, as what they tell: their words are templates of the sender's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

MailKind = Literal[
    "verify_address",
    "reset_password",
    "invitation",
    "signed_in_elsewhere",
    "passkey_added",
    "notification",
    "digest",
]

VALUES: Mapping[MailKind, frozenset[str]] = {
    "verify_address": frozenset({"name", "link", "hours"}),
    "reset_password": frozenset({"name", "link", "minutes"}),
    "invitation": frozenset({"inviter", "company", "role", "link", "days"}),
    "signed_in_elsewhere": frozenset({"name", "at", "browser", "link"}),
    "passkey_added": frozenset({"name", "passkey", "at", "browser", "link"}),
    "notification": frozenset({"name", "company", "what", "title", "link"}),
    "digest": frozenset({"name", "company", "count", "link"}),
}
"""The values that each kind carries. Links are whole addresses; `hours`, `minutes` and `days` say
how long they hold; `at` is UTC in ISO 8601.
"""


@dataclass(frozen=True, slots=True)
class MailItem:
    """One of several things that a mail tells of, each with a whole address."""

    what: str
    title: str
    link: str


@dataclass(frozen=True, slots=True)
class Mail:
    """`tenant_id` is the company on whose behalf it is sent; of what concerns a person alone, the
    person's own id, which is no company's.

    `mail_id` is the same whenever the same mail is sent again. `unsubscribe` is an address that
    ends mail of this kind, by one click (RFC 8058).
    """

    kind: MailKind
    to: str
    tenant_id: UUID
    values: Mapping[str, str]
    items: tuple[MailItem, ...] = ()
    mail_id: UUID | None = None
    unsubscribe: str | None = None
