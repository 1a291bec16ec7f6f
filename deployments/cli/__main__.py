"""`python -m deployments.cli` is `mch`."""

from deployments.cli import main

main()
