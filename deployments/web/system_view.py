"""The system page: does everything work, and what does it mean for me if not?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cluster.stores.system_reads import Quota, SyncState
from deployments.parts import Group, Part, State
from deployments.web.notices import meaning, part_name, plain_detail
from deployments.web.times import ago, eastern

WORDS = {State.UP: "Up", State.DEGRADED: "Not at its best", State.DOWN: "Down"}
SOURCES = {"sam_gov": "SAM.gov search API"}
TONES = {State.UP: None, State.DEGRADED: "warn", State.DOWN: "danger"}


@dataclass(frozen=True, slots=True)
class PartView:
    name: str
    state: State
    word: str
    tone: str | None
    detail: str
    meaning: str | None
    lag: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SourceView:
    name: str
    state: State
    about: str


@dataclass(frozen=True, slots=True)
class QuotaView:
    title: str
    used: int
    limit: int
    percent: float
    about: str


def part_groups(parts: Sequence[Part]) -> list[tuple[str, list[PartView]]]:
    groups = [
        (group.value, [_part(part) for part in parts if part.group is group]) for group in Group
    ]
    return [(group, held) for group, held in groups if held]


def counted(parts: Sequence[Part]) -> str:
    """`13 up, 1 down`."""
    counts = Counter(part.state for part in parts)
    told = [f"{counts[state]} {word.lower()}" for state, word in WORDS.items() if counts[state]]
    return ", ".join(told)


def source_views(syncs: Sequence[SyncState], now: datetime) -> list[SourceView]:
    return [_source(sync, now) for sync in syncs]


def quota_views(quotas: Sequence[Quota], per_day: int, now: datetime) -> list[QuotaView]:
    return [_quota(quota, per_day, now) for quota in quotas if per_day]


def _part(part: Part) -> PartView:
    return PartView(
        name=part_name(part.name) if part.group is not Group.POSTS else part.name,
        state=part.state,
        word=WORDS[part.state],
        tone=TONES[part.state],
        detail=plain_detail(part.detail),
        meaning=None if part.state is State.UP else meaning(part),
        lag="" if part.lag is None else f"{part.lag:,}",
        since=part.since,
    )


def _source(sync: SyncState, now: datetime) -> SourceView:
    name = SOURCES.get(sync.name, sync.name)
    if sync.is_failing:
        after = f" Last worked {ago(sync.last_success_at, now)}." if sync.last_success_at else ""
        tries = f" The next try is at {eastern(sync.next_try_at)}." if sync.next_try_at else ""
        return SourceView(name, State.DOWN, f"{sync.last_error}.{after}{tries}")
    if sync.last_success_at is None:
        return SourceView(name, State.DEGRADED, "Not fetched yet.")
    rejected = f", {sync.rejected:,} unreadable" if sync.rejected else ""
    about = f"Checked {ago(sync.last_success_at, now)}. {sync.seen:,} notices seen{rejected}."
    return SourceView(name, State.UP, about)


def _quota(quota: Quota, per_day: int, now: datetime) -> QuotaView:
    used = quota.used if quota.day >= now.date() else 0
    about = "Counted by the day in UTC; descriptions of medical notices go first."
    if quota.blocked_until and quota.blocked_until > now:
        about = f"Used up, it says; it answers again at {eastern(quota.blocked_until)}."
    title = {"sam_gov": "SAM.gov quota"}.get(quota.api, quota.api)
    return QuotaView(title, used, per_day, round(min(100 * used / per_day, 100), 1), about)
