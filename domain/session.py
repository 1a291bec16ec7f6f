"""A signed-in browser: for whom it asks, how long it holds, and what it may do."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import AwareDatetime

from domain.access import PERMISSIONS, Permission, Principal, Role

HOLDS_FOR = timedelta(hours=12)
HOLDS_FOR_REMEMBERED = timedelta(days=30)
CODE_WITHIN = timedelta(minutes=10)
"""Between the password and the second factor."""
CHECKED_EVERY = timedelta(minutes=1)
"""A change of membership reaches sessions at once; this bounds it where that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`session_id` names it and is no secret. Without a tenant, the person belongs to none.

    While it `awaits_code`, it proves nothing yet. `by_provider`: the provider of that company let
    it in, which proves nothing to other companies, nor to the person's own account.
    """

    session_id: str
    person_id: UUID
    tenant_id: UUID | None
    role: Role | None
    awaits_code: bool
    is_remembered: bool
    browser: str
    address: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    checked_at: AwareDatetime
    by_provider: bool = False


def principal_of(session: Session) -> Principal:
    """Who belongs to no company is alone in a tenant of their own, where nothing is.

    Admins set the provider: so by it nobody is more than they are.
    """
    own = frozenset({Permission.OWN_ACCOUNT})
    permissions = own
    if session.tenant_id is not None and session.role is not None:
        permissions = PERMISSIONS[session.role]
    if session.by_provider:
        permissions = (permissions & PERMISSIONS[Role.ADMIN]) - own
    return Principal(
        session.tenant_id or session.person_id,
        str(session.person_id),
        permissions,
        f"session:{session.session_id}",
    )
