"""All measurements, or some: `python -m benchmarks [--short] [--only NAME]`.

Each runs in a process of its own. What a whole one found is kept in `benchmarks/results` and shown
in `benchmarks/RESULTS.md`; a short one is only printed.
"""

import argparse
import subprocess
import sys
import time
from importlib import import_module

from benchmarks.harness import record, render, table

NAMES = ("append", "wake", "counting", "route", "gateway", "embeddings", "importing", "reading")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few minutes, less exact")
    parser.add_argument("--only", choices=NAMES)
    asked = parser.parse_args()
    if asked.only:
        _measure(asked.only, short=asked.short)
        return 0
    failed = [name for name in NAMES if _in_a_process(name, short=asked.short)]
    if failed:
        print(f"these did not end well: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _measure(name: str, *, short: bool) -> None:
    began = time.perf_counter()
    found = import_module(f"benchmarks.{name}").run(short=short)
    print(table(found))
    print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    if not short:
        for comparison in found:
            record(comparison)
        render()


def _in_a_process(name: str, *, short: bool) -> int:
    options = ["--short"] if short else []
    return subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "benchmarks", "--only", name, *options], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
