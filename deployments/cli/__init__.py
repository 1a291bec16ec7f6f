"""`mch`: the command line. Each command is a few lines over something tested elsewhere."""

import sys


def main() -> None:
    """Runs one command. An error is one line on stderr and an exit code other than 0."""
    from deployments.cli.commands import build_cli  # noqa: PLC0415 - `import` stays cheap
    from deployments.cli.trouble import told  # noqa: PLC0415

    with told():
        build_cli()(prog_name="mch")
    sys.exit(0)
