"""New versions of documents are recognised by themselves, and a wrong guess can be undone."""

from uuid import UUID, uuid4

import pytest

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.matrix_projection import project_matrices
from cluster.stores.postgres import Pool
from domain.decider import execute
from domain.errors import Invalid, NotFound
from domain.events import Cause
from domain.flows import EVENT_TYPES
from domain.matrix import MATRIX, EditRows
from domain.matrix_events import MatrixAmended
from domain.ports import Lease
from tests.cluster.test_documents import OTHER
from tests.documents import TENANT
from tests.solicitations import FIRST, SECOND, DocumentFlow

pytestmark = pytest.mark.stores

THIRD = (*SECOND, "The Contractor shall remove all packaging from the hospital.")


@pytest.fixture
def flow(app_pool: Pool, relay_pool: Pool, lease: Lease) -> DocumentFlow:
    return DocumentFlow(app_pool, relay_pool, lease, memory_blob_store())


def caused() -> Cause:
    intent = uuid4()
    return Cause(correlation_id=intent, causation_id=intent, user_id="dana")


async def assign(flow: DocumentFlow, matrix_id: UUID, owner: str) -> str:
    """The first row, which the second version changes."""
    first = (await flow.matrices.rows(TENANT, matrix_id))[0]
    events = PostgresEventStore(flow.pool, EVENT_TYPES, {"Matrix": project_matrices})
    command = EditRows(matrix_id, (first.row_key,), {"assignee": owner, "status": "answered"}, "d")
    stream = MATRIX.stream(TENANT, str(matrix_id))
    await execute(events, MATRIX, stream, command, cause=caused())
    return first.requirement.quote


async def test_a_new_version_at_the_same_notice_amends_the_matrix_and_tells_owners(
    flow: DocumentFlow,
) -> None:
    older = await flow.draw(FIRST, "SOW.pdf", notice_id="n1")
    await assign(flow, older, "local")  # Who uploads: nobody amended it, so they are told too.
    newer = await flow.draw(SECOND, "SOW Amendment 0001.pdf", notice_id="n1")
    head = await flow.matrices.find(TENANT, newer)
    assert (head.matrix_id, head.document_id) == (older, newer)
    [told] = await flow.told("MatrixAmended")
    assert isinstance(told.event, MatrixAmended)
    assert (told.event.owners, told.event.by) == (("local",), None)
    link = await flow.keeping.versions.link_of(TENANT, newer)
    assert (link.predecessor_id, link.why) == (older, "notice")
    assert 0.5 < link.alike < 1
    await flow.keeping(await flow.told("RequirementsExtracted"))
    assert len(await flow.told("MatrixAmended")) == 1
    with pytest.raises(NotFound):
        await flow.keeping.versions.link_of(OTHER, newer)


async def test_a_name_that_tells_the_solicitation_is_enough(flow: DocumentFlow) -> None:
    older = await flow.draw(FIRST, "36C24726Q0269.pdf")
    newer = await flow.draw(SECOND, "Amendment 0002 of 36C247-26-Q-0269.pdf")
    assert (await flow.matrices.find(TENANT, newer)).matrix_id == older
    assert (await flow.keeping.versions.link_of(TENANT, newer)).why == "solicitation"


@pytest.mark.parametrize(
    ("lines", "name", "notice_id"),
    [
        (SECOND, "SOW.pdf", "n2"),
        (SECOND, "SOW.pdf", None),
        (FIRST[3:5], "Questions and answers.pdf", "n1"),
    ],
)
async def test_what_is_alike_alone_or_related_alone_has_a_matrix_of_its_own(
    flow: DocumentFlow, lines: tuple[str, ...], name: str, notice_id: str | None
) -> None:
    older = await flow.draw(FIRST, "SOW.pdf", notice_id="n1")
    other = await flow.draw(lines, name, notice_id=notice_id)
    assert (await flow.matrices.find(TENANT, other)).matrix_id == other
    assert (await flow.matrices.find(TENANT, older)).document_id == older
    assert await flow.told("MatrixAmended") == []


async def test_an_original_that_comes_after_its_amendment_changes_nothing(
    flow: DocumentFlow,
) -> None:
    amended = await flow.draw(SECOND, "SOW Amendment 0002.pdf", notice_id="n1")
    original = await flow.draw(FIRST, "SOW.pdf", notice_id="n1")
    assert (await flow.matrices.find(TENANT, amended)).document_id == amended
    assert (await flow.matrices.find(TENANT, original)).matrix_id == original


async def test_a_wrong_guess_is_undone_with_all_that_people_wrote(flow: DocumentFlow) -> None:
    older = await flow.draw(FIRST, "SOW.pdf", notice_id="n1")
    quote = await assign(flow, older, "sam")
    newer = await flow.draw(SECOND, "SOW v2.pdf", notice_id="n1")
    for _ in range(2):
        await flow.keeping.undo(TENANT, newer, caused())
    for document_id in (older, newer):
        head = await flow.matrices.find(TENANT, document_id)
        assert (head.matrix_id, head.document_id) == (document_id, document_id)
    rows = [row for row in await flow.matrices.rows(TENANT, older) if row.touched != "removed"]
    assert [row.requirement.quote for row in rows] == [
        text for text in FIRST if not text.startswith("SECTION")
    ]
    assert (rows[0].requirement.quote, rows[0].assignee, rows[0].status) == (
        *(quote, "sam", "answered"),
    )
    assert len(await flow.matrices.rows(TENANT, newer)) == 5
    link = await flow.keeping.versions.link_of(TENANT, newer)
    assert link.undone_by == "dana"
    await flow.keeping(await flow.told("RequirementsExtracted"))
    assert (await flow.matrices.find(TENANT, newer)).matrix_id == newer


async def test_versions_follow_each_other_and_are_undone_from_the_last(flow: DocumentFlow) -> None:
    first = await flow.draw(FIRST, "SOW.pdf", notice_id="n1")
    second = await flow.draw(SECOND, "SOW Amendment 1.pdf", notice_id="n1")
    third = await flow.draw(THIRD, "SOW Amendment 2.pdf", notice_id="n1")
    assert (await flow.keeping.versions.link_of(TENANT, third)).predecessor_id == second
    assert (await flow.matrices.find(TENANT, third)).matrix_id == first
    with pytest.raises(Invalid, match="undo that first"):
        await flow.keeping.undo(TENANT, second, caused())
    await flow.keeping.undo(TENANT, third, caused())
    assert (await flow.matrices.find(TENANT, second)).matrix_id == first
    await flow.keeping.undo(TENANT, second, caused())
    assert (await flow.matrices.find(TENANT, first)).document_id == first
