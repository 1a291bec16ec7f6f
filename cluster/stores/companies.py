"""Companies and who belongs to them: the read models beside the `Company` streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from cluster.stores.consents import project_consent
from cluster.stores.postgres import Connection, Pool, as_holder, as_tenant, fetch_rows
from domain.access import LOCAL_TENANT, LOCAL_USER, Role
from domain.company import (
    CompanyFounded,
    CompanyProfileChanged,
    InvitationWithdrawn,
    MemberInvited,
    MemberJoined,
    MemberRemoved,
    MemberRoleChanged,
)
from domain.consent import ConsentChanged
from domain.errors import NotFound
from domain.events import Written
from domain.profile import CompanyProfile
from domain.secrets import digest_of, new_secret

INVITED_DAYS = 14

_KEEP = """
insert into company_document (tenant_id, digest, body) values ($1, $2, $3) on conflict do nothing
"""
_JOIN = """
insert into membership (tenant_id, person_id, role, joined_at) values ($1, $2, $3, $4)
on conflict (tenant_id, person_id) do update set role = excluded.role
"""
_ROLE = "update membership set role = $3 where (tenant_id, person_id) = ($1, $2)"
_LEAVE = "delete from membership where (tenant_id, person_id) = ($1, $2)"
_STATE = "update invitation set state = $3 where (tenant_id, invitation_id) = ($1, $2)"
# A body that was erased since changes nothing.
_PROFILE = """
insert into company_profile as old (tenant_id, version, profile)
select tenant_id, 1, body::jsonb from company_document where (tenant_id, digest) = ($1, $2)
on conflict (tenant_id) do update
set version = old.version + 1, profile = excluded.profile, updated_at = now()
where old.profile <> excluded.profile
"""
_NAME = """
insert into company (tenant_id, name)
select tenant_id, body::jsonb ->> 'name' from company_document where (tenant_id, digest) = ($1, $2)
on conflict (tenant_id) do update set name = excluded.name
"""

_MEMBERS = """
select person_id, name, email, role, joined_at from membership join person using (person_id)
where tenant_id = $1 order by joined_at, person_id
"""
_ROLE_OF = "select role from membership where (tenant_id, person_id) = ($1, $2)"
_OF_PERSON = """
select tenant_id, name, role from membership join company using (tenant_id)
where person_id = $1 order by joined_at, tenant_id
"""
_INVITE = """
insert into invitation (tenant_id, invitation_id, digest, email, role, expires_at)
values ($1, $2, $3, $4, $5, now() + make_interval(days => $6))
"""
_OPEN = """
select invitation_id, email, role, expires_at, company.name as company
from invitation join company using (tenant_id)
where tenant_id = $1 and state = 'open' and expires_at > now()
"""
_INVITED = f"{_OPEN} and digest = $2"
_INVITATIONS = f"{_OPEN} order by expires_at"
_RECIPIENTS = "select person_id from membership where tenant_id = $1"


@dataclass(frozen=True, slots=True)
class Member:
    person_id: UUID
    name: str
    email: str
    role: Role
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Belongs:
    """A company of a person's."""

    tenant_id: UUID
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Invitation:
    invitation_id: UUID
    email: str
    role: Role
    expires_at: datetime
    company: str


class PostgresCompanies:
    """Every call raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, tenant_id: UUID, profile: CompanyProfile) -> str:
        """Before the event that tells its digest, which this returns. Repeating it is harmless."""
        body = profile.model_dump_json()
        digest = sha256(body.encode()).hexdigest()
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_KEEP, tenant_id, digest, body)
        return digest

    async def members(self, tenant_id: UUID) -> list[Member]:
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_MEMBERS, tenant_id)
        return [Member(**{**dict(row), "role": Role(row["role"])}) for row in rows]

    async def role(self, tenant_id: UUID, person_id: UUID) -> Role | None:
        """None for who does not belong to it."""
        async with as_tenant(self._pool, tenant_id) as connection:
            role = await connection.fetchval(_ROLE_OF, tenant_id, person_id)
        return Role(role) if role else None

    async def of_person(self, person_id: UUID) -> list[Belongs]:
        """In the order in which they joined."""
        async with as_holder(self._pool, "person_id", str(person_id)) as connection:
            rows = await connection.fetch(_OF_PERSON, person_id)
        return [Belongs(row["tenant_id"], row["name"], Role(row["role"])) for row in rows]

    async def prepare_invitation(
        self, tenant_id: UUID, invitation_id: UUID, email: str, role: Role
    ) -> str:
        """Returns the secret of its link, which holds once the event is appended."""
        secret = f"{tenant_id.hex}.{new_secret()}"
        facts = (digest_of(secret), email, role, INVITED_DAYS)
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_INVITE, tenant_id, invitation_id, *facts)
        return secret

    async def invitation(self, secret: str) -> tuple[UUID, Invitation]:
        """The company's tenant and what is offered. Raises `NotFound` for one that is not open."""
        try:
            tenant_id = UUID(secret.partition(".")[0])
        except ValueError as error:
            raise NotFound(what="open invitation", key="of this link") from error
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_INVITED, tenant_id, digest_of(secret))
        if row is None:
            raise NotFound(what="open invitation", key="of this link")
        return tenant_id, _invitation(row)

    async def invitations(self, tenant_id: UUID) -> list[Invitation]:
        """Those that are open."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_INVITATIONS, tenant_id)
        return [_invitation(row) for row in rows]


class PostgresRecipients:
    """Whom of a company to tell. Needs `mch_relay`. Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, tenant_id: UUID) -> Sequence[str]:
        if tenant_id == LOCAL_TENANT:
            return (LOCAL_USER,)
        rows = await fetch_rows(self._pool, _RECIPIENTS, tenant_id)
        return [str(row["person_id"]) for row in rows]


async def project_company(connection: Connection, written: Sequence[Written]) -> None:
    """Implements `Projection` for `Company` streams."""
    for one in written:
        if isinstance(one.event, ConsentChanged):
            await project_consent(connection, one, one.event)
        else:
            await _project(connection, one)


async def _project(connection: Connection, one: Written) -> None:
    tenant_id = one.stream.tenant_id
    match one.event:
        case CompanyFounded(founder=founder, profile_digest=digest):
            await connection.execute(_JOIN, tenant_id, founder, Role.OWNER, one.recorded_at)
            await _take_profile(connection, tenant_id, digest)
        case CompanyProfileChanged(digest=digest):
            await _take_profile(connection, tenant_id, digest)
        case MemberInvited(invitation_id=invitation_id):
            await connection.execute(_STATE, tenant_id, invitation_id, "open")
        case InvitationWithdrawn(invitation_id=invitation_id):
            await connection.execute(_STATE, tenant_id, invitation_id, "withdrawn")
        case MemberJoined(person_id=person_id, role=role, invitation_id=invitation_id):
            await connection.execute(_JOIN, tenant_id, person_id, role, one.recorded_at)
            await connection.execute(_STATE, tenant_id, invitation_id, "accepted")
        case MemberRoleChanged(person_id=person_id, role=role):
            await connection.execute(_ROLE, tenant_id, person_id, role)
        case MemberRemoved(person_id=person_id):
            await connection.execute(_LEAVE, tenant_id, person_id)


async def _take_profile(connection: Connection, tenant_id: UUID, digest: str) -> None:
    await connection.execute(_PROFILE, tenant_id, digest)
    await connection.execute(_NAME, tenant_id, digest)


def _invitation(row: Any) -> Invitation:
    return Invitation(**{**dict(row), "role": Role(row["role"])})
