"""Files of notices become documents: real Postgres, files in memory, SAM.gov played by a fake."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from actors.fetch_attachments import POST
from actors.fetching_task import MOST_TRIES, Counter, fetch_attachment
from actors.work_pool import WorkPool
from cluster.stores.attachments import (
    FETCH,
    NoticeFile,
    NoticeFiles,
)
from cluster.stores.postgres import Pool, as_tenant, fetch_rows
from domain.errors import (
    Forbidden,
    HubError,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unavailable,
    Unreadable,
)
from tests.documents import TENANT
from tests.fetching import ONE, OTHER, TWO, House

NOW = datetime.now(UTC)


@pytest.fixture
def house(app_pool: Pool, relay_pool: Pool) -> House:
    return House(app_pool, relay_pool)


async def test_each_file_becomes_a_document_of_the_notice(house: House) -> None:
    assert await house.ask(ONE, TWO, ONE) == 2
    rows = await house.settled()
    documents, total = await house.documents.rows.page(TENANT, limit=9, notice_id="n1")
    assert total == 2
    assert {row.document_id for row in documents} == {row.document_id for row in rows.values()}
    assert {(row.name, row.source, row.uploaded_by) for row in documents} == {
        *(("1.pdf", "attachment", "someone"), ("2.pdf", "attachment", "someone")),
    }
    assert await house.documents.files.get(TENANT, documents[0].digest)
    [told] = await fetch_rows(house.relay, "select count(*) from event")
    assert told[0] == 2
    assert await house.ask(ONE, TWO) == 0


async def test_another_company_gets_it_without_another_download(house: House) -> None:
    await house.ask(ONE)
    await house.settled()
    await house.ask(ONE, tenant_id=OTHER)
    rows = await house.settled(OTHER)
    assert rows[ONE].state == "fetched"
    assert house.source.asked == [ONE]
    ours, theirs = (await house.rows())[ONE].document_id, rows[ONE].document_id
    assert ours
    assert theirs
    assert ours != theirs
    with pytest.raises(NotFound):
        await house.documents.rows.get(OTHER, ours)


async def test_what_s3_lost_is_fetched_anew(house: House) -> None:
    await NoticeFiles(house.app).keep(ONE, NoticeFile("f" * 64, "gone.pdf", 9))
    await house.ask(ONE)
    assert (await house.settled())[ONE].name == "1.pdf"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unreadable(file="the file", reason="it has 300 MB", code="oversized"), "oversized"),
        (NotFound(what="attachment", key="x"), "gone"),
        (Forbidden(who="the hub", what="fetch this file"), "refused"),
        (Invalid(what="the link", reason="it is not on the public internet"), "unsafe"),
    ],
)
async def test_what_will_never_work_fails_with_its_reason_and_can_be_asked_for_again(
    house: House, error: HubError, reason: str
) -> None:
    house.source.errors = [error]
    await house.ask(ONE)
    row = (await house.settled())[ONE]
    assert (row.state, row.reason, bool(row.detail)) == ("failed", reason, True)
    assert await house.ask(ONE) == 1
    assert (await house.settled())[ONE].state == "fetched"


async def test_a_file_that_nobody_reads_says_so(house: House) -> None:
    house.source.files[ONE] = b"\x7fELF" + bytes(100)
    await house.ask(ONE)
    row = (await house.settled())[ONE]
    assert (row.state, row.reason) == ("failed", "foreign")


async def test_a_spent_quota_costs_no_try_and_is_waited_for(house: House) -> None:
    house.source.errors = [QuotaExceeded(service="sam_gov", retry_at=NOW + timedelta(minutes=20))]
    await house.ask(ONE)
    async with house.pool(), asyncio.timeout(20):
        while not (await house.rows())[ONE].reason:
            await asyncio.sleep(0.02)
    row = (await house.rows())[ONE]
    assert (row.state, row.reason, row.tries) == ("waiting", "quota", 0)
    assert "goes on at" in (row.detail or "")
    assert await house.work.take([FETCH], uuid4()) is None
    [due] = await fetch_rows(house.relay, "select due_at from work")
    assert timedelta(minutes=19) < due["due_at"] - NOW < timedelta(minutes=21)


async def test_outages_are_waited_for_longer_and_longer_and_not_for_ever(house: House) -> None:
    house.source.errors = [
        Unavailable(service="sam_gov", reason="it answered 500") for _ in range(MOST_TRIES)
    ]
    await house.ask(ONE)
    pauses = [await house.once() for _ in range(MOST_TRIES)]
    assert pauses[:3] == [30.0, 60.0, 120.0]
    assert pauses[-1] is None
    row = (await house.rows())[ONE]
    assert (row.state, row.reason, row.tries) == ("failed", "unavailable", MOST_TRIES)


async def test_an_outage_of_ours_is_no_try_in_vain(house: House) -> None:
    house.source.errors = [Unavailable(service="s3", reason="stopped") for _ in range(1_000)]
    await house.ask(ONE)
    async with house.pool() as pool, asyncio.timeout(20):
        while pool.health().trouble is None:
            await asyncio.sleep(0.02)
    assert (await house.rows())[ONE].tries == 0
    [row] = await fetch_rows(house.relay, "select state, attempts from work")
    assert (row["state"], row["attempts"]) == ("waiting", 0)


class Dying(NoticeFiles):
    """Ends whoever gets here, between the file in S3 and the row that tells of it."""

    def __init__(self, app: Pool) -> None:
        super().__init__(app)
        self.reached = asyncio.Event()

    async def keep(self, url: str, file: NoticeFile) -> None:
        self.reached.set()
        await asyncio.Event().wait()


async def test_a_crash_after_the_download_loses_nothing_and_doubles_nothing(house: House) -> None:
    await house.ask(ONE)
    dying = Dying(house.app)
    counter = Counter(house.source, house.attachments, dying, house.documents)
    does = {FETCH: partial(fetch_attachment, counter)}
    running = asyncio.create_task(WorkPool(POST, house.work, does).run())
    async with asyncio.timeout(20):
        await dying.reached.wait()
    running.cancel()
    await asyncio.wait([running])
    assert (await house.rows())[ONE].state == "waiting"
    assert (await house.settled())[ONE].state == "fetched"
    [told] = await fetch_rows(house.relay, "select count(*) from event")
    assert told[0] == 1


async def test_a_row_that_ends_whoever_takes_it_is_given_up(house: House) -> None:
    await house.ask(ONE)
    for _ in range(3):
        assert await house.work.take([FETCH], uuid4())
        await asyncio.sleep(0.5)
    assert await house.once() is None
    assert (await house.rows())[ONE].reason == "crashed"


async def test_another_tenant_sees_nothing_of_it(house: House) -> None:
    await house.ask(ONE)
    assert await house.rows(OTHER) == {}
    async with as_tenant(house.app, OTHER) as connection:
        assert await connection.fetch("select from attachment") == []
        assert await connection.fetch("select from notice_file") == []
