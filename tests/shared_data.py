"""Real public data beside the checkout: not part of it, so that its absence only skips."""

import os
from pathlib import Path

import pytest


def shared(name: str) -> Path:
    """A file of `../shared/data`, or of `SHARED_DATA`. Skips where there is none."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    path = Path(os.environ.get("SHARED_DATA", beside)) / name
    if not path.exists():
        pytest.skip(f"needs the real notices: {name} in SHARED_DATA or ../shared/data")
    return path
