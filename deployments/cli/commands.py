"""The commands of `mch`, by their subjects."""

import typer

from deployments.cli import (
    audit,
    data,
    dead_letters,
    erase,
    generations,
    hub,
    personal,
    posts,
    repair,
    replay,
    requirements,
    state,
    tokens,
)


def build_cli() -> typer.Typer:
    cli = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="MedContractHub on this machine.",
    )
    for command in (hub.up, hub.down, hub.deploy, state.status, state.doctor):
        cli.command()(command)
    cli.command("import")(data.import_notices)
    cli.command()(data.sync)
    cli.command()(data.export)
    cli.command()(replay.replay)
    cli.command()(requirements.requirements)
    cli.command()(state.failpoints)
    cli.add_typer(data.events, name="events")
    cli.add_typer(posts.posts, name="posts")
    cli.add_typer(generations.generations, name="generations")
    cli.add_typer(dead_letters.dead_letters, name="dead-letters")
    cli.add_typer(repair.repair, name="repair")
    cli.add_typer(tokens.tokens, name="tokens")
    cli.add_typer(audit.audit, name="audit")
    cli.add_typer(personal.personal, name="personal-data")
    cli.add_typer(erase.erase, name="erase")
    return cli
