"""Failpoints: places at which a fault test can make a process crash."""

import os
import re
from functools import cache
from typing import Literal, get_args

from cluster.settings import Settings

Failpoint = Literal[
    "after_append",
    "after_numbering",
    "after_publish",
    "after_effect",
    "before_checkpoint",
    "between_row_and_batch",
    "between_row_and_announcement",
    "between_download_and_row",
]

CATALOGUE: dict[Failpoint, str] = {
    "after_append": "events are committed; whoever asked for them is not told yet",
    "after_numbering": "positions are committed; nothing of them is published",
    "after_publish": "the broker has acknowledged; the relay's checkpoint does not say so",
    "after_effect": "a handler has done its work on a batch; nothing says so",
    "before_checkpoint": "a group's progress is recorded; its Kafka offsets are not committed",
    "between_row_and_batch": "one message of a batch is settled by itself; the next is not begun",
    "between_row_and_announcement": "a notification is kept; the live feed does not have it",
    "between_download_and_row": "an attachment lies in S3; nothing in Postgres tells of it",
}

_SPELLED = re.compile(r"(?P<name>\w+)=crash(@(?P<nth>[1-9]\d*))?")
_EXIT_CODE = 86


def reach(name: Failpoint) -> None:
    """Ends the process at once if `MCH_FAILPOINTS` says so, at the n-th time that it gets here."""
    armed = _armed()
    if name in armed:
        armed[name] -= 1
        if armed[name] <= 0:
            os._exit(_EXIT_CODE)


def parse(spec: str) -> dict[Failpoint, int]:
    """`name=crash[@n]`, separated by commas. Raises `ValueError`, naming what it does not know."""
    found: dict[Failpoint, int] = {}
    for part in filter(None, (part.strip() for part in spec.split(","))):
        spelled = _SPELLED.fullmatch(part)
        name = _known(spelled["name"]) if spelled else None
        if spelled is None or name is None:
            raise ValueError(f"{part!r} is not <name>=crash[@n], named by `mch failpoints`")
        found[name] = int(spelled["nth"] or 1)
    return found


@cache
def _armed() -> dict[Failpoint, int]:
    """What is left to count down. Read when the first failpoint is reached, and then kept."""
    return parse(Settings().failpoints)


def _known(name: str) -> Failpoint | None:
    known: tuple[Failpoint, ...] = get_args(Failpoint)
    return next((each for each in known if each == name), None)
