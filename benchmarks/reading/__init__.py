"""Reading documents: how fast, how right, and how fair."""

from benchmarks.harness import Comparison


def run(*, short: bool) -> list[Comparison]:
    """Speed beside peers, then fairness between tenants."""
    from benchmarks.reading import fairness, speed  # noqa: PLC0415 - they need peers and stores

    return [*speed.run(short=short), *fairness.run(short=short)]
