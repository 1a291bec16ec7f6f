"""`mch tokens`: service accounts for jobs and other services, and the keys that sign for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer

from cluster.home import Home
from cluster.servers.signing import rotate_signing_keys
from cluster.settings import Profile, Settings
from cluster.stores.postgres import open_pool
from cluster.stores.redis import open_redis
from cluster.stores.service_accounts import LONGEST_DAYS, StoredServiceAccounts
from deployments.cli.audit import record_operator
from deployments.cli.trouble import Trouble
from deployments.issuers import OwnIssuer
from domain.access import LOCAL_TENANT, PERMISSIONS, Permission, Principal, Role

tokens = typer.Typer(no_args_is_help=True, help="Tokens of service accounts.")

_GRANTABLE = {each.name.lower(): each for each in PERMISSIONS[Role.SERVICE]}


@tokens.command()
def issue(
    name: Annotated[str, typer.Argument(help="of the job or service, as in `nightly-export`")],
    permission: Annotated[list[str], typer.Option(help=f"any of {', '.join(sorted(_GRANTABLE))}")],
    tenant: Annotated[UUID, typer.Option(help="whose service account it is")] = LOCAL_TENANT,
    hours: Annotated[float, typer.Option(min=0.01, max=24)] = 1.0,
) -> None:
    """Print a bearer token. Its account is made where it is not there yet, for a year; revoking
    that ends all its tokens.
    """
    record_operator("issue a service token", f"tenant:{tenant} service:{name}")
    wanted = [_permission(each) for each in permission]
    asyncio.run(_ensure(tenant, name, wanted))
    token = OwnIssuer(Settings().tokens).sign(name, tenant, wanted, lifetime_s=int(hours * 3_600))
    typer.echo(token)


@tokens.command()
def revoke(
    name: Annotated[str, typer.Argument(help="of the service account")],
    tenant: Annotated[UUID, typer.Option(help="whose service account it is")] = LOCAL_TENANT,
) -> None:
    """End a service account and all its tokens, from the next request on. It does not come back."""
    record_operator("revoke a service account", f"tenant:{tenant} service:{name}")
    asyncio.run(_revoke(tenant, name))
    typer.echo(f"service account {name} is revoked")


@tokens.command()
def rotate() -> None:
    """Sign with a new key from the next start on. Tokens of the last key hold until they expire."""
    settings = Settings()
    if settings.profile is not Profile.EMBEDDED:
        raise Trouble("in a cluster, put a new key first in MCH_TOKENS__SIGNING_KEYS")
    record_operator("rotate the signing keys")
    key_id = rotate_signing_keys(Home(settings.home))
    typer.echo(f"key {key_id} signs once the hub is started again")


async def _ensure(tenant_id: UUID, name: str, wanted: list[Permission]) -> None:
    """Raises `Trouble` where the account there is may less than is wanted."""
    async with _accounts() as accounts:
        held = {each.name for each in await accounts.of(tenant_id)}
        if name not in held:
            by = Principal(tenant_id, "operator", PERMISSIONS[Role.SERVICE], "command line")
            await accounts.make(by, name, wanted, LONGEST_DAYS)
        account = await accounts.get(tenant_id, name)
        if beyond := set(wanted) - set(account.permissions):
            raise Trouble(f"service account {name} may not {', '.join(sorted(beyond))}")


async def _revoke(tenant_id: UUID, name: str) -> None:
    async with _accounts() as accounts:
        await accounts.revoke(tenant_id, name)


@asynccontextmanager
async def _accounts() -> AsyncIterator[StoredServiceAccounts]:
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_app", size=1) as pool,
        open_redis(settings.redis) as redis,
    ):
        yield StoredServiceAccounts(pool, redis)


def _permission(name: str) -> Permission:
    if name not in _GRANTABLE:
        raise Trouble(f"no service may {name!r}; any of {', '.join(sorted(_GRANTABLE))}")
    return _GRANTABLE[name]
