"""tus: an upload in pieces, cut off and taken up again."""

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from cluster.stores.blob_store import S3BlobStore, memory_blob_store
from cluster.stores.postgres import Pool
from cluster.stores.uploads import Uploads
from deployments.auth import LOCAL
from tests.app import Hub, client_of
from tests.deployments.test_documents_api import of
from tests.documents import tenant_documents
from tests.engines.test_reading import pdf

UPLOADS = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def files() -> S3BlobStore:
    return memory_blob_store()


@pytest.fixture
def hub(app_pool: Pool, files: S3BlobStore) -> Hub:
    return Hub(documents=tenant_documents(app_pool, files), uploads=Uploads(app_pool, files))


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[AsyncClient]:
    async with client_of(hub) as client:
        yield client


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return pdf(tmp_path / "a.pdf", [(72, 100, "Gloves")]).read_bytes()


async def begin(client: AsyncClient, length: int, name: str = "big.pdf") -> Response:
    told = f"filename {b64encode(name.encode()).decode()},notice_id {b64encode(b'n1').decode()}"
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": told}
    return await client.post(UPLOADS, headers=headers)


async def send(client: AsyncClient, at: str, offset: int, piece: bytes) -> Response:
    headers = {**PIECE, "Upload-Offset": str(offset)}
    return await client.patch(at, content=piece, headers=headers)


async def test_pieces_become_a_document(
    client: AsyncClient, content: bytes, files: S3BlobStore
) -> None:
    begun = await begin(client, len(content))
    assert begun.status_code == 201
    at = begun.headers["location"]
    first = await send(client, at, 0, content[:300])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "300")
    asked = await client.head(at, headers=TUS)
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == (
        *("300", str(len(content))),
    )
    last = await send(client, at, 300, content[300:])
    document = (await client.get(last.headers["content-location"])).json()
    assert (document["name"], document["size_bytes"], document["notice_ids"]) == (
        *("big.pdf", len(content), ["n1"]),
    )
    assert await files.get(LOCAL.tenant_id, document["digest"]) == content
    again = await client.head(at, headers=TUS)
    assert again.headers["content-location"] == last.headers["content-location"]


async def test_a_piece_that_does_not_follow_is_refused(client: AsyncClient, content: bytes) -> None:
    at = (await begin(client, len(content))).headers["location"]
    await send(client, at, 0, content[:300])
    assert (await send(client, at, 0, content[:300])).status_code == 409
    assert (await send(client, at, 300, content)).status_code == 413
    wrong = await client.patch(at, content=b"x", headers={**TUS, "Upload-Offset": "300"})
    assert wrong.status_code == 415
    assert (await client.head(at, headers=TUS)).headers["upload-offset"] == "300"


async def test_what_nobody_reads_is_refused_at_its_end(client: AsyncClient) -> None:
    at = (await begin(client, 5)).headers["location"]
    answer = await send(client, at, 0, b"\x7fELF\0")
    assert answer.status_code == 422
    assert "none of PDF" in answer.json()["detail"]


async def test_it_says_what_it_speaks_and_minds_what_it_hears(client: AsyncClient) -> None:
    told = await client.options(UPLOADS)
    assert (told.status_code, told.headers["tus-max-size"]) == (204, str(250 * 1024 * 1024))
    assert (await client.post(UPLOADS, headers={"Upload-Length": "5"})).status_code == 422
    assert (await begin(client, 251 * 1024 * 1024)).status_code == 422
    bad = {**TUS, "Upload-Length": "5", "Upload-Metadata": "filename ***"}
    assert (await client.post(UPLOADS, headers=bad)).status_code == 422


async def test_an_abandoned_upload_is_gone_and_another_tenants_never_there(
    client: AsyncClient, hub: Hub
) -> None:
    at = (await begin(client, 5)).headers["location"]
    async with client_of(hub, of(uuid4())) as other:
        assert (await other.head(at, headers=TUS)).status_code == 404
        assert (await send(other, at, 0, b"x")).status_code == 404
        assert (await other.delete(at, headers=TUS)).status_code == 404
    assert (await client.delete(at, headers=TUS)).status_code == 204
    assert (await client.head(at, headers=TUS)).status_code == 404
