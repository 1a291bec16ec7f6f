"""Matrices on a real Postgres: started, edited, linked, amended, and remembered."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.matrix_projection import project_matrices
from cluster.stores.postgres import Pool, as_tenant
from domain.decider import execute
from domain.errors import NotFound
from domain.events import Cause
from domain.flows import EVENT_TYPES
from domain.matrix import MATRIX, DecideLink, EditRows, MatrixCommand
from domain.matrix_events import MatrixAmended
from domain.matrix_views import MatrixRowView
from domain.ports import Lease
from tests.cluster.test_documents import OTHER
from tests.documents import TENANT, cause
from tests.solicitations import FIRST, SECOND, DocumentFlow, page_of

pytestmark = pytest.mark.stores


@pytest.fixture
def flow(app_pool: Pool, relay_pool: Pool, lease: Lease) -> DocumentFlow:
    return DocumentFlow(app_pool, relay_pool, lease, memory_blob_store())


async def do(flow: DocumentFlow, command: MatrixCommand) -> None:
    events = PostgresEventStore(flow.pool, EVENT_TYPES, {"Matrix": project_matrices})
    stream = MATRIX.stream(TENANT, str(command.matrix_id))
    intent = uuid4()
    why = Cause(correlation_id=intent, causation_id=intent, user_id="dana")
    await execute(events, MATRIX, stream, command, cause=why)


async def rows_of(flow: DocumentFlow, matrix_id: UUID) -> list[MatrixRowView]:
    return await flow.matrices.rows(TENANT, matrix_id)


async def assert_as_decided(flow: DocumentFlow, matrix_id: UUID) -> None:
    """The read model says what the stream does."""
    events = PostgresEventStore(flow.pool, EVENT_TYPES)
    history = await events.load(MATRIX.stream(TENANT, str(matrix_id)))
    state = MATRIX.fold(history.events)
    head = await flow.matrices.find(TENANT, matrix_id)
    assert (head.version, head.document_id) == (state.version, state.document_id)
    read: Mapping[str, MatrixRowView] = {row.row_key: row for row in await rows_of(flow, matrix_id)}
    assert list(read) == list(state.rows)
    for key, row in state.rows.items():
        mine, theirs = (
            (one.status, one.assignee, one.section, one.touched, one.version)
            for one in (row, read[key])
        )
        assert mine == theirs, key


async def test_what_was_drawn_becomes_a_matrix_of_open_rows(flow: DocumentFlow) -> None:
    document_id = await flow.draw()
    rows = await rows_of(flow, document_id)
    assert [row.requirement.quote for row in rows] == [
        text for text in FIRST if not text.startswith("SECTION")
    ]
    assert [row.label for row in rows] == [1, 2, 3, 4, 5]
    assert {row.status for row in rows} == {"open"}
    await flow.keeping(await flow.told("RequirementsExtracted"))
    assert len(await flow.told("MatrixStarted")) == 1
    await assert_as_decided(flow, document_id)


async def test_links_are_proposed_by_meaning_and_stay_as_people_decided(
    flow: DocumentFlow,
) -> None:
    document_id = await flow.draw()
    keys = {row.requirement.section: row.row_key for row in await rows_of(flow, document_id)}
    links = await flow.matrices.links(TENANT, document_id)
    rows = {row.row_key: row for row in await rows_of(flow, document_id)}
    described = next(
        key for key, row in rows.items() if row.requirement.quote.startswith("Offerors")
    )
    assert (described, keys["M"]) in {(link.source, link.target) for link in links}
    assert {link.state for link in links} == {"proposed"}
    await do(flow, DecideLink(document_id, described, keys["M"], "confirmed", "dana"))
    await flow.propose(await flow.told("MatrixStarted"))
    decided = [link for link in await flow.matrices.links(TENANT, document_id) if link.decided_by]
    assert [(link.state, link.decided_by) for link in decided] == [("confirmed", "dana")]


async def test_history_tells_who_did_what_in_words(flow: DocumentFlow) -> None:
    document_id = await flow.draw()
    first, second, *_ = await rows_of(flow, document_id)
    note = await flow.matrices.keep_text(TENANT, "Ask the buyer.")
    both = (first.row_key, second.row_key)
    await do(flow, EditRows(document_id, both, {"assignee": "sam", "status": "partly"}, "dana"))
    await do(flow, EditRows(document_id, both[:1], {"note": note}, "priya"))
    rows = await rows_of(flow, document_id)
    assert [(row.assignee, row.status) for row in rows[:3]] == [
        ("sam", "partly"),
        ("sam", "partly"),
        (None, "open"),
    ]
    assert rows[0].note == "Ask the buyer."
    history = await flow.matrices.history(TENANT, document_id, first.row_key)
    assert [(one.field, one.old, one.new, one.by_user) for one in history] == [
        ("note", None, "Ask the buyer.", "priya"),
        ("assignee", None, "sam", "dana"),
        ("status", "open", "partly", "dana"),
    ]
    assert len(await flow.matrices.history(TENANT, document_id)) == 5
    await assert_as_decided(flow, document_id)


async def test_an_amendment_says_what_it_touched_and_whose_that_is(flow: DocumentFlow) -> None:
    document_id = await flow.draw(FIRST)
    deliver, train, *_ = await rows_of(flow, document_id)
    owned = {deliver.row_key: "sam", train.row_key: "priya"}
    for key, owner in owned.items():
        change = {"assignee": owner, "status": "answered"}
        await do(flow, EditRows(document_id, (key,), change, "dana"))  # type: ignore[arg-type]
    newer = await flow.draw(SECOND, "b.pdf")
    head = await flow.matrices.find(TENANT, document_id)
    await flow.keeping.amend(TENANT, head, newer, cause())
    rows = await rows_of(flow, document_id)
    touched = {row.requirement.quote[:34]: (row.touched, row.assignee) for row in rows}
    assert touched["The Contractor shall deliver ten b"] == ("changed", "sam")
    assert touched["The Contractor shall provide a war"] == ("added", None)
    assert touched["The Contractor shall train all nur"] == ("removed", "priya")
    assert touched["Quotes shall be signed and dated."] == (None, None)
    assert "30 days" in (rows[0].before.quote if rows[0].before else "")
    assert "45 days" in rows[0].requirement.quote
    assert rows[0].status == "answered"
    assert sorted(row.label for row in rows) == [1, 2, 3, 4, 5, 6]
    [told] = await flow.told("MatrixAmended")
    assert isinstance(told.event, MatrixAmended)
    assert told.event.owners == ("priya", "sam")
    assert (await flow.matrices.find(TENANT, newer)).matrix_id == document_id
    history = await flow.matrices.history(TENANT, document_id, rows[0].row_key)
    assert [(one.field, one.new) for one in history][:2] == [
        ("touched", "changed"),
        ("assignee", "sam"),
    ]
    await assert_as_decided(flow, document_id)


async def test_drawing_anew_from_the_same_document_amends_its_matrix(flow: DocumentFlow) -> None:
    document_id = await flow.draw(FIRST)
    await flow.pages.write(TENANT, document_id, [page_of(SECOND)])
    await flow.extract(await flow.told("DocumentProcessed"))
    for _ in range(2):
        await flow.keeping(await flow.told("RequirementsExtracted"))
    assert len(await flow.told("MatrixAmended")) == 1
    rows = await rows_of(flow, document_id)
    assert [row.touched for row in rows] == ["changed", "added", None, None, None, "removed"]
    assert rows[-1].requirement.quote.startswith("The Contractor shall train")
    await assert_as_decided(flow, document_id)


async def test_a_matrix_is_its_tenants_alone(flow: DocumentFlow) -> None:
    document_id = await flow.draw()
    with pytest.raises(NotFound):
        await flow.matrices.find(OTHER, document_id)
    assert await flow.matrices.rows(OTHER, document_id) == []
    async with as_tenant(flow.pool, OTHER) as connection:
        for table in ("matrix", "matrix_row", "matrix_change", "matrix_link", "matrix_text"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0  # noqa: S608
