"""Erasing a person or a company everywhere: first out of the way, then out of every store."""

import asyncio
from dataclasses import dataclass
from uuid import UUID, uuid4

from cluster.servers.mail_sink.box import MailBox
from cluster.stores.blob_store import S3BlobStore
from cluster.stores.erasure import Erasure
from deployments.identity import Identity
from deployments.joining import remove
from domain.access import PERMISSIONS, PUBLIC, Principal, Role
from domain.errors import Invalid, NotFound
from domain.events import Cause
from domain.ports import VectorCollections


async def erase_person(
    identity: Identity, erasure: Erasure, person_id: UUID, sink: MailBox | None = None
) -> None:
    """`sink`: where mails stay on this machine. Raises `NotFound`, and `Invalid` for the last owner
    of a company, which goes first.

    Leaving tells the log and ends what the person had open; then nothing tells who it was.
    """
    email = await identity.persons.address_of(person_id)
    if email is None:
        raise NotFound(what="person", key=str(person_id))
    cause = Cause(correlation_id=uuid4(), causation_id=uuid4())
    for belongs in await identity.companies.of_person(person_id):
        own = PERMISSIONS[Role.OWNER]
        by = Principal(belongs.tenant_id, str(person_id), own, "command line")
        await remove(identity, by, person_id, cause)
    await identity.sessions.end_all(person_id)
    if sink is not None:
        await asyncio.to_thread(sink.forget, email)
    await erasure.person(person_id, email)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a company has outside of Postgres and Redis."""

    blobs: S3BlobStore
    vectors: VectorCollections


async def erase_company(
    identity: Identity, erasure: Erasure, belongings: Belongings, tenant_id: UUID
) -> tuple[list[str], int]:
    """Returns the tables that held something, and how many files there were. Members keep their
    accounts; what they and the company's keys had open ends at once.
    """
    if tenant_id == PUBLIC:
        raise Invalid(what="this company", reason="what is public belongs to nobody")
    for made in await identity.keys.of(tenant_id):
        await identity.keys.revoke(tenant_id, made.prefix)
    for member in await identity.companies.members(tenant_id):
        await identity.sessions.tell(member.person_id, tenant_id, None)
    await belongings.vectors.erase(tenant_id)
    tables = await erasure.company(tenant_id)
    return list(tables), await belongings.blobs.erase(tenant_id)
