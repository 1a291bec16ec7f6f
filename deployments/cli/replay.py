"""`mch replay`: builds a projection anew beside the live one, from position 0, and swaps."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

import typer
from rich.console import Console

from deployments.cli.audit import record_operator


class Projection(StrEnum):
    ANALYTICS = "analytics"
    VECTORS = "vectors"


def replay(projection: Projection) -> None:
    """Build a projection anew from the whole log, then put it in the live one's place.

    Nobody is notified. The one that it replaces is kept.
    """
    record_operator("replay a projection", f"projection:{projection}")
    with Console(stderr=True).status("replays the log") as status:
        match projection:
            case Projection.ANALYTICS:
                told = asyncio.run(_analytics(status.update))
            case Projection.VECTORS:
                told = asyncio.run(_vectors(status.update))
    typer.echo(told)


async def _analytics(show: Callable[[str], None]) -> str:
    from pipelines.replay_analytics import replay_from_settings  # noqa: PLC0415 - seconds

    done = await replay_from_settings(lambda read, of: show(f"{read} of {of} events"))
    return (
        f"analytics are generation {done.generation} now, as of position {done.position}; "
        f"generation {done.replaced} is kept"
    )


async def _vectors(show: Callable[[str], None]) -> str:
    from pipelines.replay_vectors import replay_from_settings  # noqa: PLC0415 - seconds

    done = await replay_from_settings(lambda position: show(f"position {position}"))
    kept = f"{done.replaced} is kept" if done.replaced else "there was none before"
    return f"vectors are {done.collection} now, as of position {done.position}; {kept}"
