"""`mch import`, `mch sync`, `mch export`, `mch events`: notices in, opportunities out."""

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cluster.settings import Settings
from cluster.stores.opportunity_export import FIELDS, open_export
from cluster.stores.poll_marks import PostgresPollMarks
from cluster.stores.postgres import open_pool
from deployments.cli.audit import record_operator
from deployments.cli.tail import tail_events
from deployments.cli.trouble import Trouble
from domain.clock import utc_now

if TYPE_CHECKING:
    from pipelines.import_notices import ImportProgress, ImportResult

events = typer.Typer(no_args_is_help=True, help="The events as they are published.")

_REJECTED_SHOWN = 20


class Subject(StrEnum):
    OPPORTUNITIES = "opportunities"


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


def import_notices(file: Annotated[Path, typer.Argument(help="bulk CSV, or v2 answers")]) -> None:
    """Import SAM.gov's bulk CSV or recorded answers of its search. Again: nothing happens."""
    from pipelines.import_notices import import_file  # noqa: PLC0415 - seconds

    if not file.is_file():
        raise Trouble(f"{file}: there is no such file")
    record_operator("import notices", f"file:{file.name}")
    with _progress() as progress:
        task = progress.add_task(file.name, total=None, rows=0)

        def follow(now: "ImportProgress") -> None:
            progress.update(task, completed=now.done_bytes, total=now.total_bytes, rows=now.rows)

        result = asyncio.run(import_file(Settings(), file, follow))
    typer.echo(_summary(result))
    for rejected in result.rejected[:_REJECTED_SHOWN]:
        typer.echo(f"rejected {rejected.row}: {rejected.reason}", err=True)
    if result.rejected:
        raise Trouble(f"{len(result.rejected)} of {result.rows} rows were rejected")


def sync() -> None:
    """Ask for one run of sync_notices now."""
    record_operator("ask for a sync")
    asyncio.run(_hurry_sync())
    typer.echo("sync_notices is due now; `mch status` tells how it fares")


async def _hurry_sync() -> None:
    async with open_pool(Settings().postgres, "mch_relay", size=1) as pool:
        await PostgresPollMarks(pool).hurry("sync_notices", utc_now())


def export(
    subject: Subject,
    form: Annotated[Format, typer.Option("--format")] = Format.JSONL,
) -> None:
    """Write every opportunity to stdout, in the order of notice ids."""
    asyncio.run(_export(form))


async def _export(form: Format) -> None:
    async with open_export(Settings().postgres) as rows:
        await {Format.JSONL: _write_jsonl, Format.CSV: _write_csv}[form](rows)


async def _write_jsonl(rows: AsyncIterator[dict[str, Any]]) -> None:
    async for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


async def _write_csv(rows: AsyncIterator[dict[str, Any]]) -> None:
    out = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
    out.writeheader()
    async for row in rows:
        out.writerow(row)


@events.command("tail")
def tail(
    from_start: Annotated[
        bool, typer.Option(help="all that is published, then what comes")
    ] = False,
) -> None:
    """Print events as they are published, one JSON object a line, until interrupted."""
    show: Callable[[dict[str, Any]], None] = lambda event: typer.echo(json.dumps(event))  # noqa: E731
    asyncio.run(tail_events(Settings().kafka, show, from_start=from_start))


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _summary(result: "ImportResult") -> str:
    counts = {
        "rows": result.rows,
        "discovered": result.discovered,
        "amended": result.amended,
        "unchanged": result.unchanged,
        "closed": result.closed,
        "awarded": result.awarded,
        "rejected": len(result.rejected),
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items())
