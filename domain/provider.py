"""A company's own provider of identity (OpenID Connect): what is set, and whom it may let in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from domain.access import Role
from domain.errors import Invalid, Unauthenticated
from domain.person import as_email

JOINS_AS = (Role.EDITOR, Role.REVIEWER, Role.VIEWER)
"""What a provider can make someone: nobody is put in charge by it."""

MOST_DOMAINS = 20
LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, 2."""
_LONGEST_NAME = 100

_NAME = re.compile(r"[a-z0-9](-?[a-z0-9]){1,39}")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`name` is what members type to be led to it. Whose verified address is of one of `domains`
    may join as `role`; without any, only who was invited.
    """

    tenant_id: UUID
    name: str
    issuer: str
    client_id: str
    domains: tuple[str, ...]
    role: Role

    def lets_join(self, email: str) -> bool:
        return email.rpartition("@")[2] in self.domains


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who a verified id_token says it is. Without an `email` the provider verified none."""

    subject: str
    email: str | None
    name: str


def check_provider(provider: Provider) -> Provider:
    """Raises `Invalid`, with the field at fault as `what`."""
    if not _NAME.fullmatch(provider.name):
        reason = "use 2 to 40 small letters, digits and single hyphens"
        raise Invalid(what="name", reason=reason)
    if not _is_issuer(provider.issuer):
        reason = "it is an address that begins with https://, without ? and #"
        raise Invalid(what="issuer", reason=reason)
    if wrong := [each for each in provider.domains if not _DOMAIN.fullmatch(each)]:
        raise Invalid(what="domains", reason=f"{wrong[0]} is no domain, as in company.com")
    if len(provider.domains) > MOST_DOMAINS:
        raise Invalid(what="domains", reason=f"{MOST_DOMAINS} are the most")
    if provider.role not in JOINS_AS:
        raise Invalid(what="role", reason="who joins by the provider is editor, reviewer or viewer")
    return provider


def _is_issuer(told: str) -> bool:
    """Where it may lie is looked at when it is asked (`cluster.clients.public_only`)."""
    try:
        parts = urlsplit(told)
        port = parts.port
    except ValueError:
        return False
    is_whole = parts.scheme in {"https", "http"} and bool(parts.hostname) and port != 0
    is_plain = not (parts.query or parts.fragment or parts.username or "#" in told or "?" in told)
    return is_whole and is_plain and told.isascii() and told.isprintable() and " " not in told


def claimed_by(claims: Mapping[str, Any]) -> Claimed:
    """Raises `Unauthenticated` for a subject that is none. An address counts only where the
    provider says, as a boolean, that it has verified it.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise Unauthenticated(reason="your company's provider names nobody")
    email = _verified_email(claims)
    told = claims.get("name")
    name = told.strip() if isinstance(told, str) and told.isprintable() else ""
    return Claimed(subject, email, (name or (email or "").partition("@")[0])[:_LONGEST_NAME])


def _verified_email(claims: Mapping[str, Any]) -> str | None:
    told = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(told, str):
        return None
    try:
        return as_email(told)
    except Invalid:  # It is an answer: such an address is none that we could write to.
        return None
