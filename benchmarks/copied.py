"""The peer of the import: the same rows, copied into the same tables."""

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from cluster.clients.notice_files import open_notice_file
from cluster.clients.sam_gov_records import Sighting, text_digest
from cluster.stores.opportunity_projection import opportunity_row
from domain.access import PUBLIC
from domain.clock import Clock
from domain.events import Written
from domain.opportunity import OPPORTUNITY, Opportunity, RecordNotice

BATCH = 5_000
_NULL = "\\N"

_COLUMNS = {
    "event": (
        "tenant_id",
        "aggregate_type",
        "aggregate_id",
        "version",
        "event_id",
        "event_type",
        "schema_version",
        "event_data",
        "metadata",
        "recorded_at",
    ),
    "text": ("digest", "body"),
    "notice_source": ("source", "notice_id", "digest"),
    "notice_contact": ("notice_id", "kind", "details"),
}

_STAGE = """
create temporary table staged (like opportunity) on commit drop;
alter table staged drop column search;
"""

_WITH_SEARCH = """
insert into opportunity
select staged.*,
       setweight(to_tsvector('english', concat_ws(' ', title, solicitation_number)), 'A')
           || setweight(to_tsvector('english', coalesce(left(text.body, 200000), '')), 'B')
from staged left join text on text.digest = staged.description_digest
"""


async def copy_file(dsn: str, path: Path, now: Clock) -> int:
    """As a superuser, whom row-level security leaves alone. Returns how many rows the file has."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(_STAGE)
            sightings, seen, count = _sightings(path), set[str](), 0
            while batch := list(islice(sightings, BATCH)):
                count += len(batch)
                await _copy(connection, batch, seen, now)
            await connection.execute(_WITH_SEARCH)
        return count
    finally:
        await connection.close()


def _sightings(path: Path) -> Iterator[Sighting]:
    for one in open_notice_file(path).records(lambda _: None):
        yield one.read(one.record)


async def _copy(connection: Any, batch: Sequence[Sighting], seen: set[str], now: Clock) -> None:
    written = [news for one in batch for news in [_written(one, now)]]
    texts = {text_digest(it.description): it.description for it in batch if it.description}
    rows = {
        "event": [_event(one) for news in written for one in news],
        "text": [each for each in texts.items() if each[0] not in seen],
        "notice_source": [("bulk", it.notice.notice_id, it.digest) for it in batch],
        "notice_contact": [
            (it.notice.notice_id, kind, json.dumps(details))
            for it in batch
            for kind, details in it.contacts.items()
        ],
    }
    seen.update(texts)
    for table, records in rows.items():
        await connection.copy_records_to_table(table, columns=_COLUMNS[table], records=records)
    states = [opportunity_row(it[0].stream.aggregate_id, Opportunity(), it) for it in written]
    await connection.copy_to_table(
        "staged", columns=list(states[0]), source=_lines(states), format="csv", null=_NULL
    )


def _written(sighting: Sighting, now: Clock) -> list[Written]:
    events = OPPORTUNITY.decide(RecordNotice(sighting.notice, now()), Opportunity())
    stream = OPPORTUNITY.stream(PUBLIC, sighting.notice.notice_id)
    return [
        Written(
            stream=stream,
            version=version,
            event_id=uuid4(),
            event=event,
            origin="import",
            recorded_at=now(),
        )
        for version, event in enumerate(events, start=1)
    ]


def _event(one: Written) -> tuple[object, ...]:
    data, metadata = one.event.model_dump_json(), '{"origin": "import"}'
    told = (one.version, one.event_id, one.event.type, one.event.schema_version, data, metadata)
    return (*one.stream, *told, one.recorded_at)


def _lines(rows: Sequence[dict[str, Any]]) -> Any:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerows([[_cell(value) for value in row.values()] for row in rows])

    async def source() -> Any:
        yield text.getvalue().encode()

    return source()


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value)
    return _NULL if value is None else value
