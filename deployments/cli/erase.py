"""`mch erase`: a person or a company, everywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer

from cluster.clients.mail import SmtpMail
from cluster.home import Home
from cluster.servers.mail_sink.box import MailBox
from cluster.settings import Settings
from cluster.stores.blob_store import open_blob_store
from cluster.stores.erasure import Erasure
from cluster.stores.postgres import open_pool
from cluster.stores.redis import open_redis
from cluster.stores.vectors import open_vectors
from deployments.cli.audit import record_operator
from deployments.erasing import Belongings, erase_company, erase_person
from deployments.identity import Identity, build_identity

erase = typer.Typer(no_args_is_help=True, help="Erase a person or a company, everywhere.")

Yes = Annotated[bool, typer.Option("--yes", help="do not ask")]


@erase.command()
def person(person_id: UUID, yes: Yes = False) -> None:
    """The account and all that tells who it was. Backups keep it for as long as they are kept."""
    _ask(f"Erase person {person_id} for good?", yes=yes)
    record_operator("erase a person", f"person:{person_id}")
    asyncio.run(_person(person_id))
    typer.echo(f"person {person_id} is erased")


@erase.command()
def company(tenant_id: UUID, yes: Yes = False) -> None:
    """All that belongs to it. Its members keep their accounts."""
    _ask(f"Erase company {tenant_id} for good?", yes=yes)
    record_operator("erase a company", f"tenant:{tenant_id}")
    tables, files = asyncio.run(_company(tenant_id))
    typer.echo(f"company {tenant_id} is erased: {', '.join(tables) or 'no table'}, {files} files")


def _ask(question: str, *, yes: bool) -> None:
    if not yes:
        typer.confirm(question, abort=True)


async def _person(person_id: UUID) -> None:
    settings = Settings()
    async with _open(settings) as (identity, erasure, _):
        sink = MailBox(Home(settings.home).data("mail"))
        await erase_person(identity, erasure, person_id, sink)


async def _company(tenant_id: UUID) -> tuple[list[str], int]:
    async with _open(Settings()) as (identity, erasure, belongings):
        return await erase_company(identity, erasure, belongings, tenant_id)


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[tuple[Identity, Erasure, Belongings]]:
    async with (
        open_pool(settings.postgres, "mch_app", size=2) as app,
        open_pool(settings.postgres, "mch_relay", size=1) as relay,
        open_redis(settings.redis) as redis,
        open_vectors(settings, app) as vectors,
    ):
        identity = build_identity(app, redis, SmtpMail(settings.mail), settings)
        belongings = Belongings(open_blob_store(settings.s3), vectors.collections)
        yield identity, Erasure(app, relay, redis), belongings
