"""Members: invited, joined, changed, removed. What changes reaches their sessions at once."""

from uuid import UUID, uuid4

from cluster.stores.attempts import MAILS
from deployments.identity import Identity
from domain.access import Principal, Role
from domain.company import (
    COMPANIES,
    ChangeProfile,
    ChangeRole,
    Command,
    CompanyProfileChanged,
    Consent,
    Invite,
    Join,
    Remove,
    Withdraw,
    company_stream,
)
from domain.consent import Purpose
from domain.decider import execute
from domain.errors import Forbidden
from domain.events import Cause
from domain.mail import Mail
from domain.person import Person
from domain.profile import CompanyProfile

INVITED_DAYS = "14"


async def invite(identity: Identity, by: Principal, email: str, role: Role, cause: Cause) -> None:
    """Raises `Forbidden` for a role that `by` may not give, `LimitExceeded`, `Unavailable`."""
    await identity.attempts.count(MAILS, email)
    invitation_id = uuid4()
    command = Invite(by, invitation_id, role)
    secret = await identity.companies.prepare_invitation(by.tenant_id, invitation_id, email, role)
    await _execute(identity, by.tenant_id, command, cause)
    profile = (await identity.profiles.get(by.tenant_id)).profile
    inviter = await identity.persons.by_id(UUID(by.user_id))
    values = {
        "inviter": inviter.name if inviter else profile.name,
        "company": profile.name,
        "role": role,
        "link": f"{identity.public_url}/join/{secret}",
        "days": INVITED_DAYS,
    }
    await identity.mail.send(Mail("invitation", email, by.tenant_id, values))


async def withdraw(identity: Identity, by: Principal, invitation_id: UUID, cause: Cause) -> None:
    await _execute(identity, by.tenant_id, Withdraw(by, invitation_id), cause)


async def join(identity: Identity, person: Person, secret: str, cause: Cause) -> UUID:
    """Returns the company's tenant. Raises `NotFound`, and `Forbidden` for whom it is not meant."""
    tenant_id, invitation = await identity.companies.invitation(secret)
    if invitation.email != person.email:
        raise Forbidden(who=person.email, what="use an invitation to another address")
    command = Join(person.person_id, invitation.invitation_id)
    await _execute(identity, tenant_id, command, cause)
    return tenant_id


async def change_role(
    identity: Identity, by: Principal, person_id: UUID, role: Role, cause: Cause
) -> None:
    """In every session of that person, at once. Repeating it mends what an outage left undone."""
    await _execute(identity, by.tenant_id, ChangeRole(by, person_id, role), cause)
    await identity.sessions.tell(person_id, by.tenant_id, role)


async def remove(identity: Identity, by: Principal, person_id: UUID, cause: Cause) -> None:
    """Raises `NotFound` for who is no member (any more)."""
    await _execute(identity, by.tenant_id, Remove(by, person_id), cause)
    await identity.sessions.tell(person_id, by.tenant_id, None)


async def change_profile(
    identity: Identity, by: Principal, before: CompanyProfile, after: CompanyProfile, cause: Cause
) -> None:
    """The company's notices are matched again by `match_profiles`."""
    digest = await identity.companies.keep(by.tenant_id, after)
    fields = type(after).model_fields
    changed = tuple(name for name in fields if getattr(before, name) != getattr(after, name))
    if changed:
        event = CompanyProfileChanged(
            digest=digest, changed=changed, naics=after.naics, psc=after.psc
        )
        await _execute(identity, by.tenant_id, ChangeProfile(by, event), cause)


async def consent(
    identity: Identity, by: Principal, purpose: Purpose, given: bool, cause: Cause
) -> None:
    """Holds for what is sent from now on. What was sent is not called back by withdrawing."""
    await _execute(identity, by.tenant_id, Consent(by, purpose, given), cause)


async def _execute(identity: Identity, tenant_id: UUID, command: Command, cause: Cause) -> None:
    await execute(identity.events, COMPANIES, company_stream(tenant_id), command, cause=cause)
