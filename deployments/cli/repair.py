"""`mch repair`: mends what a restore into a fresh server leaves behind."""

import asyncio

import typer

from cluster.settings import Settings
from cluster.stores.log_repair import repair_log
from cluster.tls import client_context

repair = typer.Typer(no_args_is_help=True, help="Mend what a restore leaves behind.")


@repair.command("log")
def mend_log() -> None:
    """Let the relay go on in a database that was restored into a fresh server. Safe to repeat."""
    postgres = Settings().postgres
    dsn = postgres.owner_dsn or postgres.dsn
    tls = client_context(postgres.tls)
    numbered = asyncio.run(repair_log(str(dsn.get_secret_value()), tls=tls))
    typer.echo(f"the log is in order; {numbered} events that had no position have one now")
