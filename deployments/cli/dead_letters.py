"""`mch dead-letters`: what consumer groups set aside, and what becomes of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from cluster.settings import Settings
from cluster.stores.dead_letters import (
    DeadLetter,
    drop_dead_letters,
    list_dead_letters,
    retry_dead_letters,
    show_dead_letter,
)
from cluster.stores.letters import Letter
from cluster.stores.postgres import Pool, open_pool
from deployments.cli.audit import record_operator
from deployments.cli.trouble import Trouble

dead_letters = typer.Typer(no_args_is_help=True, help="Events that a post could not handle.")

Number = Annotated[int, typer.Argument(help="as `mch dead-letters list` tells")]
Numbers = Annotated[list[int], typer.Argument(help="as `mch dead-letters list` tells")]
Act = Callable[[Pool, list[int]], Awaitable[list[int]]]


@dead_letters.command("list")
def list_letters(
    post: Annotated[str | None, typer.Option(help="of this post alone")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 100,
) -> None:
    """One line a letter, the oldest first."""
    for letter in asyncio.run(_listed(post, limit)):
        typer.echo(_line(letter))


@dead_letters.command()
def show(number: Number) -> None:
    """The letter with its headers and content."""
    told, letter = asyncio.run(_shown(number))
    typer.echo(_line(told))
    for name, value in letter.headers:
        typer.echo(f"{name}: {value.decode(errors='backslashreplace')}")
    typer.echo(letter.value.decode(errors="backslashreplace"))


@dead_letters.command()
def retry(numbers: Numbers) -> None:
    """Have their posts handle them again, within seconds. Later events may have come before."""
    record_operator("retry dead letters", _subject(numbers))
    asyncio.run(_move(retry_dead_letters, numbers, "is sent again"))


@dead_letters.command()
def drop(numbers: Numbers) -> None:
    """Leave them unhandled, and list them no more."""
    record_operator("drop dead letters", _subject(numbers))
    asyncio.run(_move(drop_dead_letters, numbers, "is dropped"))


def _subject(numbers: list[int]) -> str:
    return " ".join(f"dead-letter:{number}" for number in numbers)


async def _listed(post: str | None, limit: int) -> list[DeadLetter]:
    async with _open() as pool:
        return await list_dead_letters(pool, consumer=post, limit=limit)


async def _shown(number: int) -> tuple[DeadLetter, Letter]:
    async with _open() as pool:
        return await show_dead_letter(pool, number)


async def _move(act: Act, numbers: list[int], what: str) -> None:
    async with _open() as pool:
        moved = await act(pool, numbers)
    for number in moved:
        typer.echo(f"{number} {what}")
    if left := sorted(set(numbers) - set(moved)):
        raise Trouble(f"no such dead letter waits: {', '.join(map(str, left))}")


@asynccontextmanager
async def _open() -> AsyncIterator[Pool]:
    async with open_pool(Settings().postgres, "mch_relay", size=1) as pool:
        yield pool


def _line(letter: DeadLetter) -> str:
    place = f"{letter.topic}/{letter.partition}@{letter.kafka_offset}"
    what = f"{letter.event_type or 'unreadable'} at position {letter.position or '?'}"
    state = f"{letter.state} x{letter.count}"
    return f"{letter.id:>6}  {letter.consumer}  {state}  {what}  {place}  {letter.error}"
