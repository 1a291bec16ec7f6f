"""News for a whole page: a part is down, and what that means for who reads it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deployments.parts import Group, Part, State

NAMES = {
    "postgres": "PostgreSQL",
    "redis": "Redis",
    "kafka": "Kafka",
    "clickhouse": "ClickHouse",
    "vectors": "Vector index",
    "s3": "S3",
    "ray": "Ray",
    "sam_gov": "SAM.gov",
    "app": "Application",
    "ai": "Search by meaning",
    "realtime": "Live updates",
    "analytics": "Analytics",
}

MEANINGS = {
    "postgres": "Nothing can be shown or saved. It is asked again every few seconds.",
    "redis": "Pages work; live updates and toasts wait. Nothing is lost.",
    "kafka": "Pages work as of now; new notices reach search, numbers and matches when it is back.",
    "clickhouse": "Dashboards cannot be counted. New events wait in Kafka; nothing is lost.",
    "vectors": "Search matches words only. Opportunities that use other words are missing.",
    "s3": "Files and raw answers of SAM.gov cannot be kept; fetching waits.",
    "ray": "Posts and applications that stop are not started again until it is back.",
    "ai": "Search matches words only. Opportunities that use other words are missing.",
    "realtime": "Pages stay as they were loaded. Load again to see what is new.",
    "sam_gov": "You see the notices that were fetched until then; newer ones may exist.",
    "sync_notices": "No new notices are fetched. Those you see stay as they were.",
    "relay_events": "New notices reach search, numbers and matches when it works again.",
    "embed_opportunities": "New notices are found by words, and by meaning when it works again.",
    "write_analytics": "Numbers on the dashboard stop where it stopped. Events wait; none is lost.",
    "link_solicitations": "New notices do not name others of their solicitation yet.",
    "match_opportunities": "New notices have no fit yet. They get one when it works again.",
    "embed_documents": "New documents cannot be searched or asked yet. None is lost.",
    "extract_requirements": "Documents that were read have no requirements yet. None is lost.",
    "keep_matrices": "New documents have no compliance matrix yet; amendments wait. None is lost.",
    "process_documents": "Documents wait to be read. None is lost.",
    "notify": "New matches are not announced until it works again. None is lost.",
    "sweep_expired": "Links that are over stay a while longer; they still open nothing.",
    "mail_notifications": "Mail of notifications waits; what is older than a day is not sent.",
}
COUNTER = "write_analytics"
WORKS = "Does its work."
PLURAL = {"realtime"}

# What libraries say where nobody listens, or nobody answers, in words.
_PLAIN = (
    (
        re.compile(r"Connect(?:ion)?Error|connection attempts failed|refused", re.I),
        "Takes no connection",
    ),
    (re.compile(r"timed? ?out|timeout", re.I), "Does not answer in time"),
)


@dataclass(frozen=True, slots=True)
class Strip:
    """What happened and since when, what it means, what one can do. `what` has no full stop."""

    tone: str
    what: str
    meaning: str
    since: datetime | None = None
    href: str | None = None
    action: str | None = None


def part_name(name: str) -> str:
    return NAMES.get(name, name)


def plain_detail(detail: str) -> str:
    """What a part said of itself, or what a library said of its absence, as a sentence begins."""
    for pattern, words in _PLAIN:
        if pattern.search(detail):
            return words
    return f"{detail[:1].upper()}{detail[1:].rstrip('.')}"


def meaning(part: Part) -> str:
    """For the reader, now."""
    return WORKS if part.state is State.UP else MEANINGS.get(part.name, "Other parts work on.")


def degraded_strip(missing: Sequence[str], parts: Sequence[Part]) -> Strip | None:
    """For an answer that came from what remains."""
    if not missing:
        return None
    by_name = {part.name: part for part in parts}
    known = [by_name[name] for name in missing if name in by_name]
    since = min((part.since for part in known if part.state is not State.UP), default=None)
    names = " and ".join(part_name(name) for name in missing)
    said = MEANINGS.get(missing[0], "What it knows is missing here.")
    again = f"{said} It is asked again each time."
    return Strip("warn", f"{names} did not answer", again, since, "/system", "See system")


def stale_strip(parts: Sequence[Part]) -> Strip | None:
    """For a list whose source did not answer: it may be behind."""
    for part in parts:
        if part.group is Group.SOURCES and part.state is not State.UP:
            what = f"{part_name(part.name)} could not be fetched"
            return Strip("warn", what, MEANINGS["sam_gov"], part.since, "/system", "Details")
    return None


def uncounted_strip(parts: Sequence[Part]) -> Strip | None:
    """For numbers that are behind: how many events are not in them."""
    lag = next((part.lag for part in parts if part.name == COUNTER), None)
    if not lag:
        return None
    noun = "event waits" if lag == 1 else "events wait"
    said = "The numbers are right up to what was counted; they follow by themselves."
    return Strip("info", f"{lag:,} {noun} to be counted", said, None, "/system", "See system")


def down_strips(parts: Sequence[Part]) -> list[Strip]:
    """For the system page: what is down, in full."""
    return [
        Strip(
            "danger" if part.state is State.DOWN else "warn",
            f"{part_name(part.name)} {_is(part)} {_STATE_WORDS[part.state]}",
            f"{plain_detail(part.detail)}. {meaning(part)}",
            part.since,
        )
        for part in parts
        if part.state is not State.UP
    ]


def _is(part: Part) -> str:
    return "are" if part.name in PLURAL else "is"


_STATE_WORDS = {State.UP: "up", State.DEGRADED: "not at its best", State.DOWN: "down"}
