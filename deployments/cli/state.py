"""`mch status`, `mch doctor`, `mch failpoints`: how things are."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

from cluster.failpoints import CATALOGUE
from deployments.cli.checkup import check_all

if TYPE_CHECKING:
    from deployments.cli.inspection import Inspected


def status(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """How each part fares. Exits 1 unless the hub is ready."""
    from deployments.cli.inspection import inspect  # noqa: PLC0415 - seconds

    found = asyncio.run(inspect())
    typer.echo(json.dumps(found.as_json()) if as_json else _as_text(found))
    raise typer.Exit(code=0 if found.ready else 1)


def doctor() -> None:
    """Look for what would keep the hub from running, and say what to do. Exits 1 if so."""
    checks = check_all()
    for check in checks:
        typer.echo(f"{'ok  ' if check.is_well else 'FAIL'}  {check.name:<12}{check.found}")
        if not check.is_well:
            typer.echo(f"      {check.advice}")
    raise typer.Exit(code=0 if all(check.is_well for check in checks) else 1)


def failpoints() -> None:
    """Names for MCH_FAILPOINTS=<name>=crash[@n], and where each one is."""
    for name, place in CATALOGUE.items():
        typer.echo(f"{name:<32}{place}")


def _as_text(found: "Inspected") -> str:
    lines = [f"{'ready' if found.ready else 'not ready'}  {found.address}"]
    for name, part in found.parts.items():
        lag = f"lag {found.lag[name]}" if name in found.lag else ""
        lines.append(
            f"  {name:<22}{part.state:<10}{part.pid or '':<8}{lag:<10}{part.detail}".rstrip()
        )
    lines += [
        f"  opportunities in {store:<12}{'unknown' if count is None else count}"
        for store, count in found.counts.items()
    ]
    return "\n".join(lines)
