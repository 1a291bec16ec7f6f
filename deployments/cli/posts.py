"""`mch posts`: what operators ask of the posts. Posts hear of it within seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from cluster.settings import Settings
from cluster.stores.postgres import open_pool
from cluster.stores.posts import PostgresPosts, PostStatus, Wanted
from deployments.cli.audit import record_operator
from deployments.cli.trouble import Trouble

posts = typer.Typer(no_args_is_help=True, help="The posts, and what is asked of them.")

Name = Annotated[str, typer.Argument(help="as `mch posts list` tells")]


@posts.command("list")
def list_posts() -> None:
    """One line a post: its state, what is wanted of it, how many messages it handled."""
    for status in asyncio.run(_statuses()):
        typer.echo(_line(status))


@posts.command()
def restart(name: Name) -> None:
    """Begin anew, within seconds."""
    record_operator("restart a post", f"post:{name}")
    asyncio.run(_restart(name))
    typer.echo(f"{name} restarts")


@posts.command()
def pause(name: Name) -> None:
    """Finish what is in hand, then wait."""
    _ask(name, "pause")


@posts.command()
def drain(name: Name) -> None:
    """Work until nothing is left, then wait."""
    _ask(name, "drain")


@posts.command()
def resume(name: Name) -> None:
    """Work again."""
    _ask(name, "run")


def _ask(name: str, wanted: Wanted) -> None:
    record_operator(f"ask a post to {wanted}", f"post:{name}")
    asyncio.run(_want(name, wanted))
    typer.echo(f"{name}: {wanted}")


async def _statuses() -> list[PostStatus]:
    async with _open() as known:
        return await known.statuses()


async def _want(name: str, wanted: Wanted) -> None:
    async with _open() as known:
        await _check(known, name)
        await known.want(name, wanted)


async def _restart(name: str) -> None:
    async with _open() as known:
        await _check(known, name)
        await known.restart(name)


async def _check(known: PostgresPosts, name: str) -> None:
    names = [status.name for status in await known.statuses()]
    if name not in names:
        raise Trouble(f"no post {name!r}; there are: {', '.join(names) or 'none yet'}")


@asynccontextmanager
async def _open() -> AsyncIterator[PostgresPosts]:
    async with open_pool(Settings().postgres, "mch_relay", size=1) as pool:
        yield PostgresPosts(pool)


def _line(status: PostStatus) -> str:
    told = status.told
    state = told.get("state", "has not started")
    trouble = told.get("trouble") or status.reason or ""
    return f"{status.name:<24}{state:<12}{status.wanted:<8}{told.get('handled', 0):>10}  {trouble}"
