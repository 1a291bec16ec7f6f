"""Importing files of notices into a real Postgres."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from cluster.clients.notice_files import open_notice_file
from cluster.clients.sam_gov_records import CSV_COLUMNS
from cluster.servers.sam_gov_sandbox.recorded import read_recorded
from cluster.servers.sam_gov_sandbox.rendering import to_api
from cluster.servers.sam_gov_sandbox.shelf import Shelf, shelve_all
from cluster.stores.blob_store import memory_blob_store
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.notice_intake import NoticeIntake
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import Pool, transaction
from cluster.stores.texts import PostgresTextStore
from domain.access import PUBLIC
from domain.clock import Clock
from domain.errors import Invalid
from domain.flows import EVENT_TYPES
from domain.opportunity import OPPORTUNITY
from pipelines.import_notices import BATCH, ImportProgress, ImportResult, import_records
from tests.sandboxes import NOW, generated, row
from tests.shared_data import shared

_REJECTED = "select record_key, reason, digest from notice_rejected order by record_key"


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], *, encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, CSV_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def intake(pool: Pool, now: Clock = lambda: NOW) -> NoticeIntake:
    events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
    return NoticeIntake(pool, events, PostgresTextStore(pool), now)


async def imported(pool: Pool, path: Path) -> ImportResult:
    def follow(progress: ImportProgress) -> None:
        assert 0 <= progress.done_bytes <= progress.total_bytes

    return await import_records(intake(pool), memory_blob_store(), open_notice_file(path), follow)


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.rows, result.discovered, result.amended, result.unchanged


async def test_each_row_is_discovered_and_again_is_no_event(app_pool: Pool, tmp_path: Path) -> None:
    rows = [row("n1"), row("n2"), row("n3", ResponseDeadLine="2026-03-01")]
    path = write_csv(tmp_path / "bulk.csv", rows)
    first, again = await imported(app_pool, path), await imported(app_pool, path)
    assert (counts(first), first.closed) == ((3, 3, 0, 0), 1)
    assert (counts(again), again.closed) == ((3, 0, 0, 3), 0)


async def test_events_tell_that_they_were_imported(app_pool: Pool, tmp_path: Path) -> None:
    await imported(app_pool, write_csv(tmp_path / "bulk.csv", [row("n1")]))
    store = PostgresEventStore(app_pool, EVENT_TYPES)
    [written] = await store.read_stream(OPPORTUNITY.stream(PUBLIC, "n1"))
    assert (written.origin, written.event.type) == ("import", "OpportunityDiscovered")


async def test_a_changed_row_amends_and_a_later_row_of_the_same_notice_counts(
    app_pool: Pool, tmp_path: Path
) -> None:
    await imported(app_pool, write_csv(tmp_path / "1.csv", [row("n1"), row("n2")]))
    rows = [row("n1", Title="Masks"), row("n2"), row("n2", Title="Gowns")]
    result = await imported(app_pool, write_csv(tmp_path / "2.csv", rows))
    assert counts(result)[:3] == (3, 0, 2)
    found = await PostgresOpportunities(app_pool, EVENT_TYPES).many(["n1", "n2"])
    assert {key: one.notice.title for key, one in found.items()} == {"n1": "Masks", "n2": "Gowns"}


async def test_a_later_row_counts_also_where_it_is_read_before_the_earlier_one_is_recorded(
    app_pool: Pool, tmp_path: Path
) -> None:
    await imported(app_pool, write_csv(tmp_path / "1.csv", [row("n1")]))
    between = [row(f"other {number}") for number in range(BATCH)]
    rows = [row("n1", Title="Masks"), *between, row("n1")]
    result = await imported(app_pool, write_csv(tmp_path / "2.csv", rows))
    assert counts(result) == (BATCH + 2, BATCH, 2, 0)
    found = await PostgresOpportunities(app_pool, EVENT_TYPES).get("n1")
    assert found.notice.title == row("n1")["Title"]


async def test_a_row_that_cannot_be_read_is_set_aside_and_its_neighbours_are_not(
    app_pool: Pool, tmp_path: Path
) -> None:
    rows = [row("n1"), row("n2", NaicsCode="33-9"), row("", Title="nameless"), row("n4")]
    path = write_csv(tmp_path / "bulk.csv", rows)
    with path.open("a") as file:
        file.write("n5,half a row\n")
    result = await imported(app_pool, path)
    assert result.discovered == 2
    assert [(one.row, one.reason) for one in result.rejected] == [
        ("row 3", r"naics: String should match pattern '^\d{2,6}$'"),
        ("row 4", "ValueError: NoticeId is missing"),
        ("row 6", "ValueError: 2 columns, not 47"),
    ]
    async with transaction(app_pool) as connection:
        kept = await connection.fetch(_REJECTED)
    assert [one["record_key"] for one in kept] == ["n2", "row 4", "row 6"]
    assert all(len(one["digest"]) == 64 for one in kept)
    rows[1] = row("n2")
    mended = await imported(app_pool, write_csv(tmp_path / "mended.csv", rows))
    assert (mended.discovered, len(mended.rejected)) == (1, 1)
    async with transaction(app_pool) as connection:
        assert "n2" not in [one["record_key"] for one in await connection.fetch(_REJECTED)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
async def test_nothing_is_garbled(app_pool: Pool, tmp_path: Path, encoding: str) -> None:
    title, text = "Gants stériles “L”", "5 € each, 20 °C\nsecond, line"
    rows = [row("n1", Title=title, Description=text)]
    await imported(app_pool, write_csv(tmp_path / "bulk.csv", rows, encoding=encoding))
    found = await PostgresOpportunities(app_pool, EVENT_TYPES).get("n1")
    digest = found.notice.description_digest
    assert digest
    assert found.notice.title == title
    assert (await PostgresTextStore(app_pool).get([digest]))[digest] == text


async def test_people_are_kept_beside_and_not_in_the_log(app_pool: Pool, tmp_path: Path) -> None:
    told = row("n1", PrimaryContactFullname="Ann Example", PrimaryContactEmail="a@b.example")
    await imported(app_pool, write_csv(tmp_path / "bulk.csv", [told]))
    async with transaction(app_pool) as connection:
        [contact] = await connection.fetch("select kind, details from notice_contact")
    assert (contact["kind"], json.loads(contact["details"])["full_name"]) == (
        "primary",
        "Ann Example",
    )


async def test_what_the_file_told_the_api_tells_no_news_of(app_pool: Pool, tmp_path: Path) -> None:
    shelf, _ = generated(tmp_path, 120)
    rows = [held.row for held in shelf.held.values()]
    path = write_csv(tmp_path / "bulk.csv", rows)
    assert (await imported(app_pool, path)).discovered == 120
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps([_envelope(rows[:70]), _envelope(rows[70:])]))
    assert counts(await imported(app_pool, recorded)) == (120, 0, 0, 120)


def _envelope(rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    return {"totalRecords": len(rows), "opportunitiesData": [to_api(one) for one in rows]}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", b" \n", "it is empty"),
        ("table.csv", b"id,name\n1,x\n", "it is neither SAM.gov's bulk CSV nor an answer"),
        ("page.html", b"<html><body>", "it is neither SAM.gov's bulk CSV nor an answer"),
        ("bulk.zip", b"PK\x03\x04aa", "it is not text"),
        ("old.csv", b"NoticeId,Title\n1,x\n", "SAM.gov's column 'Sol#' is missing"),
        ("answer.json", b'{"error": 1}', "it holds no notices"),
        ("cut.json", b'{"opportunitiesData": [', "it is not JSON"),
    ],
)
async def test_a_file_of_another_kind_is_refused_in_one_line(
    app_pool: Pool, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid) as raised:
        await imported(app_pool, tmp_path / name)
    assert str(raised.value).startswith(f"{name} is not valid: {reason}")
    assert "\n" not in str(raised.value)


async def test_a_file_that_is_not_there_is_named(app_pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        await imported(app_pool, tmp_path / "none.csv")


async def test_the_real_extract_is_discovered_whole_and_only_once(app_pool: Pool) -> None:
    path = shared("notices/sam_bulk_extract.csv")
    first = await imported(app_pool, path)
    assert (counts(first), first.awarded, first.rejected) == ((2160, 2160, 0, 0), 44, [])
    again = await imported(app_pool, path)
    assert (counts(again), again.closed, again.awarded) == ((2160, 0, 0, 2160), 0, 0)
    shelf = Shelf()
    shelve_all(shelf, read_recorded(path))
    assert len(shelf.held) == 2160


async def test_real_recorded_answers_are_imported(app_pool: Pool) -> None:
    result = await imported(app_pool, shared("notices/sam_v2_search_2026-02-02_limit10.json"))
    assert (result.discovered, result.rejected) == (10, [])
