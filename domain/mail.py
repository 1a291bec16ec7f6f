"""Mails that the hub sends, as what they tell: their words are templates of the sender's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

MailKind = Literal["verify_address", "reset_password", "invitation", "signed_in_elsewhere"]

VALUES: Mapping[MailKind, frozenset[str]] = {
    "verify_address": frozenset({"name", "link", "hours"}),
    "reset_password": frozenset({"name", "link", "minutes"}),
    "invitation": frozenset({"inviter", "company", "role", "link", "days"}),
    "signed_in_elsewhere": frozenset({"name", "at", "browser", "link"}),
}
"""The values that each kind carries. Links are whole addresses; `hours`, `minutes` and `days` say
how long they hold; `at` is UTC in ISO 8601.
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """`tenant_id` is the company on whose behalf it is sent; of what concerns a person alone, the
    person's own id, which is no company's.
    """

    kind: MailKind
    to: str
    tenant_id: UUID
    values: Mapping[str, str]
