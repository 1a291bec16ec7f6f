"""`mch generations`: the versions of each projection that replays have left, and their end."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from cluster.settings import Settings
from cluster.stores.analytics import open_analytics
from cluster.stores.postgres import open_pool
from cluster.stores.vectors import open_vectors
from deployments.cli.audit import record_operator
from deployments.cli.replay import Projection
from deployments.cli.trouble import Trouble
from domain.errors import NotFound
from domain.ports import VectorCollections
from domain.vectors import OPPORTUNITIES

generations = typer.Typer(no_args_is_help=True, help="Versions of the projections.")

Name = Annotated[str, typer.Argument(help="as `mch generations list` tells")]


@generations.command("list")
def list_generations() -> None:
    """One line a version, with what it is: live, kept, or still building."""
    for projection, name, state in asyncio.run(_listed()):
        typer.echo(f"{projection:<10}  {name:<24}  {state}")


@generations.command()
def drop(projection: Projection, name: Name) -> None:
    """Delete one that a replay has replaced, or that a crashed replay left. Never the live one."""
    record_operator("drop a generation", f"projection:{projection} generation:{name}")
    match projection:
        case Projection.ANALYTICS:
            asyncio.run(_drop_analytics(name))
        case Projection.VECTORS:
            asyncio.run(_drop_vectors(name))
    typer.echo(f"{name} is dropped")


async def _listed() -> list[tuple[Projection, str, str]]:
    settings = Settings()
    async with open_analytics(settings.clickhouse) as analytics:
        versions = await analytics.generations.all()
    listed: list[tuple[Projection, str, str]] = [
        (Projection.ANALYTICS, str(one.number), one.state) for one in versions
    ]
    async with _collections(settings) as collections:
        live = await collections.target(OPPORTUNITIES)
        names = _of_notices(await collections.names())
    kept = [(Projection.VECTORS, name, "live" if name == live else "not live") for name in names]
    return [*listed, *kept]


async def _drop_analytics(name: str) -> None:
    if not name.isdecimal():
        raise Trouble(f"generations of the analytics are numbers, not {name!r}")
    async with open_analytics(Settings().clickhouse) as analytics:
        await analytics.generations.drop(int(name))


async def _drop_vectors(name: str) -> None:
    async with _collections(Settings()) as collections:
        if name not in _of_notices(await collections.names()):
            raise NotFound(what="version of the vectors", key=name)
        await collections.drop(name)


def _of_notices(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(f"{OPPORTUNITIES}_"))


@asynccontextmanager
async def _collections(settings: Settings) -> AsyncIterator[VectorCollections]:
    async with (
        open_pool(settings.postgres, "mch_app", size=1) as pool,
        open_vectors(settings, pool) as vectors,
    ):
        yield vectors.collections
