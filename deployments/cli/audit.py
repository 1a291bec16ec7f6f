"""`mch audit`: the audit log, verified and exported; and how commands of operators come into it."""

import asyncio
import getpass
import json
import re
import sys
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from cluster.settings import Settings
from cluster.stores.audit import PostgresAudit, chains, read_chain, verify_chain
from cluster.stores.postgres import open_pool
from deployments.cli.trouble import Trouble
from domain.audit import OPERATORS, Act, Entry, Head

audit = typer.Typer(no_args_is_help=True, help="Who did what to what, when, from where.")

_SPELLED = re.compile(r"(\d{1,18}):([0-9a-f]{64})")

Tenant = Annotated[UUID, typer.Option(help="whose chain; else that of this hub's operators")]


@audit.command()
def verify(
    noted: Annotated[
        list[str], typer.Option("--noted", help="TENANT=SEQUENCE:HASH, as an earlier run told")
    ] = [],  # noqa: B006 - typer's default, never changed
) -> None:
    """Walk every chain, and tell where each ends: note it elsewhere. Exits 1 where one is broken.

    Only a head that was noted elsewhere shows that a chain was not written anew as a whole.
    """
    heads = dict(_noted(each) for each in noted)
    broken = asyncio.run(_verify(heads))
    if broken:
        raise Trouble(f"the audit log is broken: {'; '.join(broken)}")


@audit.command()
def export(tenant: Tenant = OPERATORS) -> None:
    """Write a chain to stdout, the oldest entry first, one JSON object a line."""
    asyncio.run(_export(tenant))


def record_operator(action: str, subject: str = "") -> None:
    """Before a command of an operator does anything. Raises `Unavailable`."""
    asyncio.run(_record(action, subject))


async def _record(action: str, subject: str) -> None:
    act = Act(
        tenant_id=OPERATORS,
        actor="operator",
        credential="command line",
        action=action,
        subject=subject,
        correlation_id=uuid4(),
        details={"login": getpass.getuser()},
    )
    async with open_pool(Settings().postgres, "mch_app", size=1) as pool:
        await PostgresAudit(pool).record(act)


async def _verify(noted: dict[UUID, Head]) -> list[str]:
    broken = []
    async with open_pool(Settings().postgres, "mch_relay", size=1) as pool:
        known = await chains(pool)
        for tenant_id in sorted(known.keys() | noted.keys(), key=str):
            head = known.get(tenant_id, Head())
            found = await verify_chain(pool, tenant_id, head, noted.get(tenant_id))
            if found:
                broken.append(f"{tenant_id} at entry {found.sequence}: {found.why}")
            else:
                typer.echo(f"{tenant_id}={head}")
    return broken


async def _export(tenant_id: UUID) -> None:
    async with open_pool(Settings().postgres, "mch_relay", size=1) as pool:
        async for entry in read_chain(pool, tenant_id):
            sys.stdout.write(json.dumps(_told(entry)) + "\n")


def _told(entry: Entry) -> dict[str, Any]:
    """All that is needed to verify it elsewhere."""
    act = entry.act
    return {
        "sequence": entry.sequence,
        "at": entry.at.isoformat(timespec="microseconds"),
        "tenant_id": str(act.tenant_id),
        "actor": act.actor,
        "credential": act.credential,
        "action": act.action,
        "subject": act.subject,
        "correlation_id": str(act.correlation_id),
        "details": None if entry.is_erased else dict(act.details),
        "salt": entry.salt.hex(),
        "details_digest": entry.details_digest.hex(),
        "previous": entry.previous.hex(),
        "hash": entry.hash.hex(),
    }


def _noted(told: str) -> tuple[UUID, Head]:
    tenant, _, head = told.partition("=")
    spelled = _SPELLED.fullmatch(head)
    try:
        tenant_id = UUID(tenant)
    except ValueError:
        spelled = None
    if spelled is None:
        raise Trouble(f"{told!r} is not TENANT=SEQUENCE:HASH")
    return tenant_id, Head(int(spelled[1]), bytes.fromhex(spelled[2]))
