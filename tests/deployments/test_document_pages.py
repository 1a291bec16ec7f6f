"""The pages about documents, over real Postgres and files in memory."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from httpx import AsyncClient

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.postgres import Pool
from cluster.stores.tenant_documents import TenantDocuments
from deployments.auth import LOCAL
from domain.document import FailReading, FinishReading
from domain.pages import Box, Comment, Figure, Line, Mark, Page, PageReading, Word
from tests.app import Hub, client_of
from tests.documents import command_document, tenant_documents
from tests.engines.test_reading import pdf

HTML = {"accept": "text/html"}
WORDS = tuple(
    Word(text, Box(left, 90, left + 40, 102))
    for text, left in (("Nitrile", 72.0), ("exam", 120.0), ("gloves", 170.0))
)
LINE = Line("Nitrile exam gloves", Box(72, 90, 210, 102), WORDS)
PAGES = [
    Page(1, (LINE,), width=612, height=792),
    Page(3, (Line("<b>Gowns</b>"),), warnings=("its text layer is not what its picture shows",)),
]


@pytest.fixture
def documents(app_pool: Pool) -> TenantDocuments:
    return tenant_documents(app_pool, memory_blob_store())


@pytest.fixture
async def client(documents: TenantDocuments) -> AsyncIterator[AsyncClient]:
    async with client_of(Hub(documents=documents)) as client:
        client.headers.update(HTML)
        yield client


async def upload(client: AsyncClient, tmp_path: Path) -> UUID:
    content = pdf(tmp_path / "a.pdf", [(72, 100, "Gloves")]).read_bytes()
    answer = await client.post("/documents", files={"file": ("solicitation.pdf", content)})
    assert answer.status_code == 303
    return UUID(answer.headers["location"].rpartition("/")[2])


async def test_without_documents_the_page_says_what_to_do(client: AsyncClient) -> None:
    page = await client.get("/documents")
    assert page.status_code == 200
    assert "No documents yet" in page.text
    assert 'enctype="multipart/form-data"' in page.text


async def test_the_list_tells_how_far_each_is(
    client: AsyncClient, tmp_path: Path, documents: TenantDocuments
) -> None:
    document_id = await upload(client, tmp_path)
    page = (await client.get("/documents")).text
    assert "solicitation.pdf" in page
    assert f'data-reading="{document_id}"' in page
    assert f"document:{document_id}" in page  # The live room.


async def test_an_open_reading_can_be_stopped_and_begun_again(
    client: AsyncClient, tmp_path: Path
) -> None:
    at = f"/documents/{await upload(client, tmp_path)}"
    assert "Stop reading" in (await client.get(at)).text
    assert (await client.post(f"{at}/cancel")).headers["location"] == at
    stopped = (await client.get(at)).text
    assert "It was stopped." in stopped
    assert "Stop reading" not in stopped
    assert (await client.post(f"{at}/read", data={"mode": "ocr"})).status_code == 303
    assert "Stop reading" in (await client.get(at)).text


@pytest.fixture
async def read(
    client: AsyncClient, tmp_path: Path, documents: TenantDocuments, app_pool: Pool
) -> str:
    document_id = await upload(client, tmp_path)
    await documents.pages.expect(LOCAL.tenant_id, document_id, 1, 3)
    await documents.pages.write(LOCAL.tenant_id, document_id, PAGES)
    await documents.pages.fail(LOCAL.tenant_id, document_id, 1, 2, "too faint")
    done = FinishReading(run=1, pages=3, pages_failed=1, characters=31, engine="text")
    await command_document(app_pool, document_id, done)
    return f"/documents/{document_id}"


async def test_a_page_has_its_picture_and_its_text_over_it(client: AsyncClient, read: str) -> None:
    page = (await client.get(read)).text
    assert f'<img src="{read}/pages/1/image"' in page
    assert 'viewBox="0 0 612 792"' in page
    assert ">Nitrile exam gloves</text>" in page
    assert page.count("size=thumb") == 3
    assert f'rel="next" href="{read}?page=2"' in page
    assert 'rel="prev"' not in page


async def test_a_page_that_failed_says_why_and_the_document_says_which(
    client: AsyncClient, read: str
) -> None:
    page = (await client.get(read, params={"page": 2})).text
    assert "Page 2 could not be read" in page
    assert "Too faint." in page
    assert "1 of 3 pages could not be read" in page


async def test_a_page_without_looks_is_text_and_nothing_in_it_is_markup(
    client: AsyncClient, read: str
) -> None:
    page = (await client.get(read, params={"page": 3})).text
    assert "&lt;b&gt;Gowns&lt;/b&gt;" in page
    assert "<b>Gowns" not in page


async def test_what_a_row_points_at_is_marked(client: AsyncClient, read: str) -> None:
    boxes = ["72.0,90.0,210.0,102.0", "72,104,180,116.5"]
    page = (await client.get(read, params={"page": 1, "box": boxes})).text
    assert page.count('class="pointed"') == 2
    assert '<rect x="72.0" y="90.0" width="138.0" height="12.0" rx="2"/>' in page
    refused = await client.get(read, params={"box": "72,90,210"})
    assert refused.status_code == 422


async def test_what_is_found_is_marked_and_counted_over_all_pages(
    client: AsyncClient, read: str
) -> None:
    page = (await client.get(read, params={"find": "EXAM gloves"})).text
    assert page.count('class="found"') == 1
    assert '<rect x="120.0" y="90.0" width="90.0" height="12.0" rx="2"/>' in page
    assert "<b>1</b> found on 1 page" in page
    assert "…Nitrile <mark>exam gloves</mark>…" in page
    nothing = (await client.get(read, params={"find": "no.*such"})).text
    assert "Not in the pages that are read." in nothing


async def test_a_page_comes_alone_for_who_turns_pages(client: AsyncClient, read: str) -> None:
    pane = (await client.get(f"{read}/page", params={"page": 1, "zoom": 150})).text
    assert pane.lstrip().startswith("<section")
    assert f'href="{read}?page=2&amp;zoom=150"' in pane
    assert "size=thumb" not in pane
    assert (await client.get(f"{read}/page", params={"page": 99})).text.count("Page 3 of 3") == 1


async def test_found_places_come_with_their_boxes_and_can_be_stepped_through(
    client: AsyncClient, read: str
) -> None:
    found = (await client.get(f"/api/v1{read}/find", params={"q": "g", "limit": 1})).json()
    assert found["total"] == 2
    [hit] = found["items"]
    assert (hit["page"], hit["nth"], hit["after"]) == (1, 1, "loves")
    assert hit["boxes"] == [{"left": 170, "top": 90, "right": 210, "bottom": 102}]
    pane = (await client.get(f"{read}/page", params={"find": "g", "hit": 1})).text
    assert f'href="{read}?page=3&amp;find=g&amp;hit=1" data-place data-hit-step="next"' in pane
    assert "data-current" in pane
    assert (await client.get(f"/api/v1{read}/find")).status_code == 422


async def test_a_matrix_is_only_offered_where_there_is_one(client: AsyncClient, read: str) -> None:
    page = (await client.get(read)).text
    assert f'href="{read}/matrix"' not in page
    assert "Its compliance matrix is being drawn." in page


async def test_pictures_are_drawn_once_and_kept(
    client: AsyncClient, read: str, documents: TenantDocuments
) -> None:
    answer = await client.get(f"{read}/pages/1/image", params={"size": "thumb"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    row = await documents.rows.get(LOCAL.tenant_id, UUID(read.rpartition("/")[2]))
    kept = await documents.files.get_derived(LOCAL.tenant_id, row.digest, "images/thumb-00001.png")
    assert kept == answer.content
    assert (await client.get(f"{read}/pages/9/image")).status_code == 404


async def test_a_document_that_failed_says_what_to_do(
    client: AsyncClient, tmp_path: Path, app_pool: Pool
) -> None:
    document_id = await upload(client, tmp_path)
    await command_document(app_pool, document_id, FailReading(1, "locked"))
    page = (await client.get(f"/documents/{document_id}")).text
    assert "Save a copy without one and upload that." in page
    assert "It has no compliance matrix" in page
    assert f"/documents/{document_id}/matrix" not in page


async def test_an_opportunity_shows_its_documents_and_takes_more(
    client: AsyncClient, tmp_path: Path
) -> None:
    content = pdf(tmp_path / "a.pdf", [(72, 100, "Gloves")]).read_bytes()
    before = (await client.get("/opportunities/n1")).text
    assert "None yet." in before
    assert '<input type="hidden" name="notice_id" value="n1">' in before
    form = {"notice_id": "n1"}
    await client.post("/documents", files={"file": ("sow.pdf", content)}, data=form)
    assert "sow.pdf" in (await client.get("/opportunities/n1")).text
    assert "sow.pdf" not in (await client.get("/opportunities/n2")).text


async def test_documents_that_cannot_be_listed_are_not_shown_as_none() -> None:
    async with client_of(Hub()) as away:
        page = await away.get("/opportunities/n1", headers=HTML)
    assert page.status_code == 200
    assert "They cannot be listed now." in page.text


SEEN = Page(
    1,
    (LINE,),
    width=612,
    height=792,
    figures=(Figure(Box(72, 200, 272, 350), "Figure 1. The <pump>"),),
    marks=(
        Mark("signature", Box(300, 700, 420, 730), "Contracting officer"),
        Mark("stamp", Box(-1, 20, 90, 60.04), "RECEIVED"),
        Mark("checked", Box(10, 10, 20, 20), "8(a)"),
    ),
)


async def test_figures_signatures_and_stamps_are_listed_and_lead_to_their_places(
    client: AsyncClient, tmp_path: Path, documents: TenantDocuments
) -> None:
    document_id = await upload(client, tmp_path)
    at = f"/documents/{document_id}"
    assert "No page is read yet" in (await client.get(f"{at}/figures")).text
    await documents.pages.write(LOCAL.tenant_id, document_id, [SEEN])
    listed = (await client.get(f"{at}/figures")).text
    assert "3 found on the 1 page that is read" in listed
    assert "Figure 1. The &lt;pump&gt;" in listed
    assert f'src="/api/v1{at}/pages/1/figures/1" width="200" height="150"' in listed
    places = ("72.0%2C200.0%2C272.0%2C350.0", "0.0%2C20.0%2C90.0%2C60.0")
    for place in places:
        assert f'href="{at}?page=1&amp;box={place}"' in listed
    assert "8(a)" not in listed
    page = (await client.get(f"{at}?page=1&box={places[0]}")).text
    assert page.count('class="pointed"') == 1
    assert "3 figures, signatures and stamps on this page" in page
    assert "Signature: Contracting officer" in page


async def test_a_document_without_figures_says_so(client: AsyncClient, read: str) -> None:
    assert "None found" in (await client.get(f"{read}/figures")).text


async def test_a_page_read_twice_tells_by_whom_and_comments_are_shown(
    client: AsyncClient, tmp_path: Path, documents: TenantDocuments
) -> None:
    document_id = await upload(client, tmp_path)
    readings = (
        PageReading("tesseract", 0.5, 0.6, False),
        PageReading("rapidocr", 0.98, 0.95, True),
    )
    twice = Page(
        1,
        (LINE,),
        engine="rapidocr",
        confidence=0.98,
        warnings=("read a second time by rapidocr: rapidocr was kept, not tesseract",),
        readings=readings,
        comments=(Comment("Agreed?", "R. Officer", "exam gloves"),),
    )
    await documents.pages.write(LOCAL.tenant_id, document_id, [twice])
    told = (await client.get(f"/api/v1/documents/{document_id}/pages/1")).json()
    assert [(one["engine"], one["kept"]) for one in told["readings"]] == [
        ("tesseract", False),
        ("rapidocr", True),
    ]
    assert told["comments"][0]["about"] == "exam gloves"
    page = (await client.get(f"/documents/{document_id}")).text
    assert "<b>R. Officer</b> on “exam gloves”: Agreed?" in page
