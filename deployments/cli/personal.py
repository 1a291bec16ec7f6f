"""`mch personal-data`: what the hub holds of a person or a company, as an archive for them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from cluster.clients.mail import SmtpMail
from cluster.settings import Settings
from cluster.stores.blob_store import open_blob_store
from cluster.stores.personal_rows import PersonalRows
from cluster.stores.postgres import open_pool
from cluster.stores.redis import open_redis
from deployments.cli.audit import record_operator
from deployments.cli.trouble import Trouble
from deployments.identity import Identity, build_identity
from deployments.taking_along import TakingAlong

personal = typer.Typer(no_args_is_help=True, help="Hand people and companies their data.")

Out = Annotated[Path, typer.Argument(help="the ZIP file to write; its folder holds pieces too")]


@personal.command()
def person(person_id: UUID, out: Out) -> None:
    """Every row that tells of the person."""
    record_operator("export a person", f"person:{person_id}")

    async def write(taking: TakingAlong, identity: Identity) -> None:
        if await identity.persons.by_id(person_id) is None:
            raise Trouble(f"there is no person {person_id}")
        await taking.person(identity, person_id, out)

    asyncio.run(_with_stores(write))
    typer.echo(f"person {person_id} is in {out}")


@personal.command()
def company(tenant_id: UUID, out: Out) -> None:
    """Every row that belongs to the company, and its files."""
    record_operator("export a company", f"tenant:{tenant_id}")

    async def write(taking: TakingAlong, identity: Identity) -> None:
        await taking.company(tenant_id, out)

    asyncio.run(_with_stores(write))
    typer.echo(f"company {tenant_id} is in {out}")


async def _with_stores(write: Callable[[TakingAlong, Identity], Awaitable[None]]) -> None:
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_app", size=2) as pool,
        open_redis(settings.redis) as redis,
    ):
        identity = build_identity(pool, redis, SmtpMail(settings.mail), settings)
        await write(TakingAlong(PersonalRows(pool), open_blob_store(settings.s3)), identity)
