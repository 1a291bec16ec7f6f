"""`mch tokens`: service accounts for jobs and other services, and the keys that sign for them."""

from typing import Annotated
from uuid import UUID

import typer

from cluster.home import Home
from cluster.servers.signing import rotate_signing_keys
from cluster.settings import Profile, Settings
from deployments.cli.audit import record_operator
from deployments.cli.trouble import Trouble
from deployments.issuers import OwnIssuer
from domain.access import LOCAL_TENANT, PERMISSIONS, Permission, Role

tokens = typer.Typer(no_args_is_help=True, help="Tokens of service accounts.")

_GRANTABLE = {each.name.lower(): each for each in PERMISSIONS[Role.SERVICE]}


@tokens.command()
def issue(
    name: Annotated[str, typer.Argument(help="of the job or service, as in `nightly-export`")],
    permission: Annotated[list[str], typer.Option(help=f"any of {', '.join(sorted(_GRANTABLE))}")],
    tenant: Annotated[UUID, typer.Option(help="whose service account it is")] = LOCAL_TENANT,
    hours: Annotated[float, typer.Option(min=0.01, max=24)] = 1.0,
) -> None:
    """Print a bearer token. It holds until it expires: nothing revokes it but a new key."""
    record_operator("issue a service token", f"tenant:{tenant} service:{name}")
    token = OwnIssuer(Settings().tokens).sign(
        name, tenant, [_permission(each) for each in permission], lifetime_s=int(hours * 3_600)
    )
    typer.echo(token)


@tokens.command()
def rotate() -> None:
    """Sign with a new key from the next start on. Tokens of the last key hold until they expire."""
    settings = Settings()
    if settings.profile is not Profile.EMBEDDED:
        raise Trouble("in a cluster, put a new key first in MCH_TOKENS__SIGNING_KEYS")
    record_operator("rotate the signing keys")
    key_id = rotate_signing_keys(Home(settings.home))
    typer.echo(f"key {key_id} signs once the hub is started again")


def _permission(name: str) -> Permission:
    if name not in _GRANTABLE:
        raise Trouble(f"no service may {name!r}; any of {', '.join(sorted(_GRANTABLE))}")
    return _GRANTABLE[name]
