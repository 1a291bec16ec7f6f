"""Personal data: every place that holds it, whose it is, how long it stays, and what erases it.

`docs/personal_data.md` tells people the same. A test compares the tables with the database: a
column that nobody has thought about fails it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Whose(StrEnum):
    PERSON = "a person with an account"
    INVITED = "someone who was invited or began to sign up"
    COMPANY = "a company"
    CONTACT = "someone whom a public notice names"


@dataclass(frozen=True, slots=True)
class Held:
    """`place` is `table.column`, or `store:what` outside of Postgres."""

    place: str
    whose: Whose
    kept: str
    erased_by: str


_ACCOUNT = "as long as the account"
_COMPANY = "as long as the company"
_PERSON = "mch erase person"
_ALL = "mch erase company"
_EITHER = f"{_PERSON}; {_ALL}"

PERSONAL: tuple[Held, ...] = (
    Held("person.email", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("person.name", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("person.password_hash", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("person.totp_secret", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("person.totp_offered", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("recovery_code.digest", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("passkey.name", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("passkey.credential_id", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("passkey.public_key", Whose.PERSON, _ACCOUNT, _PERSON),
    Held("sign_up.email", Whose.INVITED, "until the link is over", _PERSON),
    Held("sign_up.name", Whose.INVITED, "until the link is over", _PERSON),
    Held("sign_up.password_hash", Whose.INVITED, "until the link is over", _PERSON),
    Held("sign_up.company", Whose.INVITED, "until the link is over", _PERSON),
    Held("invitation.email", Whose.INVITED, "until the link is over", _EITHER),
    Held("sign_in_link.subject", Whose.PERSON, _COMPANY, _EITHER),
    Held("sign_in_provider.name", Whose.COMPANY, _COMPANY, _ALL),
    Held("sign_in_provider.issuer", Whose.COMPANY, _COMPANY, _ALL),
    Held("sign_in_provider.client_id", Whose.COMPANY, _COMPANY, _ALL),
    Held("company.name", Whose.COMPANY, _COMPANY, _ALL),
    Held("company_document.body", Whose.COMPANY, _COMPANY, _ALL),
    Held("company_profile.profile", Whose.COMPANY, _COMPANY, _ALL),
    Held("api_key.name", Whose.COMPANY, _COMPANY, _ALL),
    Held("document.name", Whose.COMPANY, _COMPANY, _ALL),
    Held("document_page.reason", Whose.COMPANY, _COMPANY, _ALL),
    Held("document_page.body", Whose.COMPANY, _COMPANY, _ALL),
    Held("upload.name", Whose.COMPANY, "a day", _ALL),
    Held("document_chunk.body", Whose.COMPANY, _COMPANY, _ALL),
    Held("requirement.requirement", Whose.COMPANY, _COMPANY, _ALL),
    Held("extraction.facts", Whose.COMPANY, _COMPANY, _ALL),
    Held("extraction.items", Whose.COMPANY, _COMPANY, _ALL),
    Held("matrix_text.body", Whose.COMPANY, _COMPANY, _ALL),
    Held("idempotent_answer.body", Whose.COMPANY, "24 hours", _EITHER),
    Held("audit_detail.details", Whose.PERSON, _COMPANY, _EITHER),
    Held("mail_wish.zone", Whose.PERSON, _COMPANY, _EITHER),
    Held("notice_contact.details", Whose.CONTACT, "as long as the notice is public", "the source"),
    Held("redis:session", Whose.PERSON, "30 days at most", _PERSON),
    Held("redis:feed", Whose.COMPANY, "a week", _ALL),
    Held("redis:rate", Whose.PERSON, "a minute", "time"),
    Held("s3:<tenant>/", Whose.COMPANY, _COMPANY, _ALL),
    Held("vectors:<tenant>", Whose.COMPANY, _COMPANY, _ALL),
    Held("mails:sink", Whose.PERSON, "the newest 500", _PERSON),
    Held("backups", Whose.PERSON, "as long as the backup", "the end of the backup"),
)

PSEUDONYMS: Mapping[str, str] = {
    "event": "keys, codes, digests: who erased it, erased what they stand for",
    "audit_entry": "keys and salted digests",
    "membership": "ids and roles",
    "consent": "an id and codes",
    "notification": "ids",
    "notification_letter": "ids and times",
    "opportunity_match": "ids and codes",
    "password_reset": "an id and a digest",
    "service_account": "names of programs, and the id of who made them",
    "document_notice": "ids",
    "attachment": "ids, public links, states",
    "document_version": "ids",
    "work": "ids and states",
    "matrix": "ids",
    "matrix_row": "ids, states, digests",
    "matrix_change": "ids, states, digests",
    "matrix_link": "ids",
}
"""Tables with ids of people or companies, and nothing that tells who they are."""

IMPERSONAL: frozenset[str] = frozenset(
    {
        *("event_position", "checkpoint", "topic_head", "consumer_progress", "lease", "poll_mark"),
        *("post", "dead_letter", "migration", "text", "opportunity"),
        *("notice_source", "notice_rejected", "sync_state", "api_quota", "vector_alias"),
        *("solicitation_notice", "audit_head", "audit_verified", "notice_file"),
    }
)
"""Tables about the hub itself, or about what is public."""


SECRETS: Mapping[str, frozenset[str]] = {
    "person": frozenset({"password_hash", "totp_secret", "totp_offered", "totp_step"}),
    "recovery_code": frozenset({"digest"}),
    "passkey": frozenset({"credential_id", "public_key", "sign_count"}),
    "sign_up": frozenset({"digest", "password_hash"}),
    "invitation": frozenset({"digest"}),
    "api_key": frozenset({"digest"}),
    "audit_detail": frozenset({"salt"}),
    "sign_in_provider": frozenset({"client_secret"}),
    # Among the answers is the one that showed a key.
    "idempotent_answer": frozenset({"digest", "headers", "body"}),
}
"""Columns that nobody is handed with their data: what proves who someone is, and its digests."""


def tables_of(whose: Literal["person", "company"]) -> frozenset[str]:
    """The tables in Postgres from which such a one is erased: what an export holds, too."""
    command = _PERSON if whose == "person" else _ALL
    return frozenset(
        held.place.partition(".")[0]
        for held in PERSONAL
        if "." in held.place and command in held.erased_by
    )


def tables_thought_of() -> frozenset[str]:
    """All that this module speaks of, in Postgres."""
    held = {each.place.partition(".")[0] for each in PERSONAL if "." in each.place}
    return frozenset(held | set(PSEUDONYMS) | IMPERSONAL)
