"""An event as a row of ClickHouse's `events`, encoded as Arrow columns."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import singledispatch
from typing import Any

import pyarrow as pa

from domain.events import Event, Recorded
from domain.matching import OpportunityMatched
from domain.medical import is_medical
from domain.notice import Notice
from domain.opportunity import (
    OpportunityAmended,
    OpportunityClosed,
    OpportunityDiscovered,
    reopens,
)
from domain.precision import Moment, latest_moment
from domain.wire import TOPICS

_TEXT = pa.string()

SCHEMA = pa.schema(
    [
        ("position", pa.uint64()),
        ("topic", _TEXT),
        ("tenant_id", _TEXT),
        ("aggregate_type", _TEXT),
        ("aggregate_id", _TEXT),
        ("event_id", _TEXT),
        ("event_type", _TEXT),
        ("version", pa.uint32()),
        ("schema_version", pa.uint16()),
        ("origin", _TEXT),
        ("at", pa.timestamp("us", tz="UTC")),
        ("data", _TEXT),
        ("tells_notice", pa.bool_()),
        ("type", _TEXT),
        ("agency", _TEXT),
        ("naics", _TEXT),
        ("psc", _TEXT),
        ("set_aside", _TEXT),
        ("state", _TEXT),
        ("posted_on", pa.date32()),
        ("deadline_at", pa.timestamp("s", tz="UTC")),
        ("is_medical", pa.bool_()),
        ("closes", pa.bool_()),
        ("score", pa.uint8()),
    ]
)

_NOTHING_TOLD: Mapping[str, Any] = {
    "tells_notice": False,
    **dict.fromkeys(("type", "agency", "naics", "psc", "set_aside", "state"), ""),
    **dict.fromkeys(("posted_on", "deadline_at", "closes", "score")),
    "is_medical": False,
}


def to_table(batch: Sequence[Recorded]) -> pa.Table:
    return pa.Table.from_pylist([_row(recorded) for recorded in batch], SCHEMA)


def _row(recorded: Recorded) -> dict[str, Any]:
    stream, event = recorded.stream, recorded.event
    return {
        "position": recorded.position,
        "topic": TOPICS.get(stream.aggregate_type, ""),
        "tenant_id": str(stream.tenant_id),
        "aggregate_type": stream.aggregate_type,
        "aggregate_id": stream.aggregate_id,
        "event_id": str(recorded.event_id),
        "event_type": event.type,
        "version": recorded.version,
        "schema_version": recorded.schema_version,
        "origin": recorded.cause.origin,
        "at": recorded.recorded_at,
        "data": event.model_dump_json(exclude={"type"}),
        **_NOTHING_TOLD,
        **_told(event),
    }


@singledispatch
def _told(event: Event) -> Mapping[str, Any]:
    """What the event says of what is counted."""
    return {}


@_told.register
def _(event: OpportunityDiscovered) -> Mapping[str, Any]:
    return {**_notice(event.notice), "closes": False}


@_told.register
def _(event: OpportunityAmended) -> Mapping[str, Any]:
    return {**_notice(event.notice), **({"closes": False} if reopens(event) else {})}


@_told.register
def _(event: OpportunityClosed) -> Mapping[str, Any]:
    return {"closes": True}


@_told.register
def _(event: OpportunityMatched) -> Mapping[str, Any]:
    return {"score": event.score}


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "tells_notice": True,
        "type": notice.type or "",
        "agency": notice.department or "",
        "naics": notice.naics or "",
        "psc": notice.psc or "",
        "set_aside": notice.set_aside or "",
        "state": (notice.place.state if notice.place else None) or "",
        "posted_on": _day(notice.posted_date),
        "deadline_at": _deadline(notice.response_deadline),
        "is_medical": is_medical(notice.naics, notice.psc),
    }


def _day(value: Moment | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def _deadline(value: Moment | None) -> datetime | None:
    return latest_moment(value).astimezone(UTC) if value else None
