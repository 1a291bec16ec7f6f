"""Documents over HTTP: real Postgres, files in memory."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from starlette.requests import HTTPConnection

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.postgres import Pool
from cluster.stores.tenant_documents import TenantDocuments, clean_name
from deployments.auth import LOCAL, Identify
from domain.access import Principal
from domain.document import MAX_DOCUMENT_BYTES
from domain.pages import Box, Figure, Line, Page, Word
from tests.app import Hub, client_of
from tests.documents import tenant_documents
from tests.engines.test_reading import pdf

DOCUMENTS = "/api/v1/documents"
WORD = Word("Gloves", Box(72, 90, 110, 102))
PAGE = Page(1, (Line("Gloves", WORD.box, (WORD,)),), width=612, height=792)


@pytest.fixture
def documents(app_pool: Pool) -> TenantDocuments:
    return tenant_documents(app_pool, memory_blob_store())


@pytest.fixture
async def client(documents: TenantDocuments) -> AsyncIterator[AsyncClient]:
    async with client_of(Hub(documents=documents)) as client:
        yield client


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return pdf(tmp_path / "a.pdf", [(72, 100, "Gloves")]).read_bytes()


def of(tenant_id: UUID) -> Identify:
    async def identify(connection: HTTPConnection) -> Principal:
        return Principal(tenant_id, "other", LOCAL.permissions)

    return identify


async def upload(client: AsyncClient, content: bytes, name: str = "a.pdf") -> UUID:
    answer = await client.post(DOCUMENTS, files={"file": (name, content)})
    assert answer.status_code in {200, 202}, answer.text
    return UUID(answer.json()["document_id"])


async def test_an_upload_is_kept_under_its_digest_and_will_be_read(
    client: AsyncClient, documents: TenantDocuments, content: bytes
) -> None:
    answer = await client.post(
        DOCUMENTS, files={"file": ("a.pdf", content)}, data={"notice_id": "n1"}
    )
    told = answer.json()
    assert answer.status_code == 202
    assert (told["media_type"], told["state"], told["notice_ids"], told["size_bytes"]) == (
        *("application/pdf", "waiting", ["n1"], len(content)),
    )
    assert await documents.files.get(LOCAL.tenant_id, told["digest"]) == content
    progress = await client.get(answer.headers["location"])
    assert progress.json() == {
        **{"state": "waiting", "stage": "waits for its turn", "done": 0, "failed": 0},
        **{"total": None, "eta_s": None, "reason": None},
    }


async def test_the_same_bytes_are_one_document(client: AsyncClient, content: bytes) -> None:
    first = await client.post(DOCUMENTS, files={"file": ("a.pdf", content)})
    again = await client.post(DOCUMENTS, files={"file": ("b.pdf", content)})
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["name"] == "a.pdf"
    assert (await client.get(DOCUMENTS)).json()["total"] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x7fELF" + b"\0" * 100, "none of PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "save it as DOCX or PDF"),
        (b"PK\x03\x04 nothing", "broken archive"),
    ],
)
async def test_what_nobody_reads_is_refused_with_what_to_do(
    client: AsyncClient, content: bytes, reason: str
) -> None:
    answer = await client.post(DOCUMENTS, files={"file": ("a.pdf", content)})
    assert answer.status_code == 422
    assert reason in answer.json()["detail"]
    assert (await client.get(DOCUMENTS)).json()["total"] == 0


async def test_an_upload_tells_its_length_and_is_not_endless(client: AsyncClient) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"x"

    headers = {"content-type": "multipart/form-data; boundary=x"}
    untold = await client.post(DOCUMENTS, content=stream(), headers=headers)
    large = {**headers, "content-length": str(MAX_DOCUMENT_BYTES * 2)}
    endless = await client.post(DOCUMENTS, content=b"x", headers=large)
    assert (untold.status_code, endless.status_code) == (411, 413)


async def test_documents_are_paged_newest_first_and_narrowed(
    client: AsyncClient, content: bytes
) -> None:
    ids = [await upload(client, content + b"\n%%EOF" * n, f"{n}.pdf") for n in range(3)]
    first = (await client.get(DOCUMENTS, params={"limit": 2})).json()
    rest = (await client.get(DOCUMENTS, params={"cursor": first["next_cursor"]})).json()
    found = [item["document_id"] for item in first["items"] + rest["items"]]
    assert found == [str(each) for each in reversed(ids)]
    assert (first["total"], rest["next_cursor"]) == (3, None)
    assert (await client.get(DOCUMENTS, params={"notice_id": "n9"})).json()["total"] == 0


async def test_pages_and_text_are_told_with_the_place_of_each_word(
    client: AsyncClient, documents: TenantDocuments, content: bytes
) -> None:
    document_id = await upload(client, content)
    await documents.pages.expect(LOCAL.tenant_id, document_id, 1, 2)
    await documents.pages.write(LOCAL.tenant_id, document_id, [PAGE])
    at = f"{DOCUMENTS}/{document_id}"
    outcomes = (await client.get(f"{at}/pages")).json()["pages"]
    assert [(page["number"], page["state"]) for page in outcomes] == [(1, "done"), (2, "waiting")]
    page = (await client.get(f"{at}/pages/1")).json()
    assert page["lines"][0]["words"][0] == {
        **{"text": "Gloves", "box": {"left": 72, "top": 90, "right": 110, "bottom": 102}},
    }
    assert (await client.get(f"{at}/pages/2")).status_code == 404
    assert (await client.get(f"{at}/text")).json()["pages"] == [{"number": 1, "text": "Gloves"}]


async def test_figures_are_listed_with_captions_and_opened(
    client: AsyncClient, documents: TenantDocuments, content: bytes
) -> None:
    document_id = await upload(client, content)
    who = LOCAL.tenant_id, document_id
    figure = Figure(Box(72, 90, 300, 240), "Figure 1. A pump")
    await documents.pages.put_figures(*who, 1, [b"\x89PNG of a pump"])
    await documents.pages.write(*who, [replace(PAGE, figures=(figure,))])
    told = (await client.get(f"{DOCUMENTS}/{document_id}/pages/1/figures")).json()["figures"]
    assert [(one["number"], one["caption"], one["box"]["right"]) for one in told] == [
        (1, "Figure 1. A pump", 300)
    ]
    picture = await client.get(told[0]["image"])
    assert (picture.headers["content-type"], picture.content) == ("image/png", b"\x89PNG of a pump")
    assert (await client.get(f"{told[0]['image']}0")).status_code == 404


async def test_a_reading_is_cancelled_and_asked_for_again(
    client: AsyncClient, content: bytes
) -> None:
    at = f"{DOCUMENTS}/{await upload(client, content)}"
    assert (await client.post(f"{at}/read", json={"mode": "ocr"})).status_code == 422
    cancelled = (await client.post(f"{at}/cancel")).json()
    assert (cancelled["state"], cancelled["reason"]) == ("failed", "cancelled")
    again = (await client.post(f"{at}/read", json={"mode": "ocr"})).json()
    assert (again["state"], again["run"], again["mode"]) == ("waiting", 2, "ocr")


GETS: dict[str, Callable[[UUID], str]] = {
    "one": lambda id_: f"/{id_}",
    "progress": lambda id_: f"/{id_}/progress",
    "pages": lambda id_: f"/{id_}/pages",
    "page": lambda id_: f"/{id_}/pages/1",
    "text": lambda id_: f"/{id_}/text",
    "figures": lambda id_: f"/{id_}/pages/1/figures",
    "figure": lambda id_: f"/{id_}/pages/1/figures/1",
}


async def test_another_tenant_finds_nothing(
    client: AsyncClient, documents: TenantDocuments, content: bytes
) -> None:
    document_id = await upload(client, content)
    await documents.pages.write(LOCAL.tenant_id, document_id, [PAGE])
    await documents.pages.put_figures(LOCAL.tenant_id, document_id, 1, [b"PNG"])
    async with client_of(Hub(documents=documents), of(uuid4())) as other:
        for path in GETS.values():
            assert (await client.get(DOCUMENTS + path(document_id))).status_code == 200
            assert (await other.get(DOCUMENTS + path(document_id))).status_code == 404
        for act in ("cancel", "read"):
            answer = await other.post(f"{DOCUMENTS}/{document_id}/{act}", json={})
            assert answer.status_code == 404
        assert (await other.get(DOCUMENTS)).json()["total"] == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\forms\\a.pdf", "a.pdf"),
        ("a\nb\u202e.pdf", "ab.pdf"),
        ("..", "document"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_is_only_shown(name: str, shown: str) -> None:
    assert clean_name(name) == shown
