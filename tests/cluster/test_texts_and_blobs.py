import hashlib
from pathlib import Path
from uuid import UUID

import pytest

from cluster.settings import S3Settings, Settings
from cluster.stores.blob_store import S3BlobStore, blob_key, memory_blob_store, open_blob_store
from cluster.stores.postgres import Pool
from cluster.stores.texts import PostgresTextStore
from domain.access import PUBLIC
from domain.errors import NotFound, Unavailable


@pytest.fixture(params=["s3", "memory"])
def blobs(request: pytest.FixtureRequest) -> S3BlobStore:
    if request.param == "memory":
        return memory_blob_store()
    settings: Settings = request.getfixturevalue("embedded_stores")
    return open_blob_store(settings.s3)


async def test_a_file_lies_under_its_digest(blobs: S3BlobStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 64
    digest = await blobs.put(PUBLIC, content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert await blobs.put(PUBLIC, content) == digest
    assert await blobs.get(PUBLIC, digest) == content
    file = tmp_path / "file"
    file.write_bytes(content + b"more")
    assert await blobs.get(PUBLIC, await blobs.put_file(PUBLIC, file)) == content + b"more"


async def test_a_tenant_does_not_find_anothers_file(blobs: S3BlobStore) -> None:
    digest = await blobs.put(UUID(int=7), b"mine")
    with pytest.raises(NotFound, match=f"no file '{digest}'"):
        await blobs.get(UUID(int=8), digest)


async def test_a_store_that_is_away_is_unavailable() -> None:
    away = open_blob_store(S3Settings(endpoint="http://127.0.0.1:9"))
    with pytest.raises(Unavailable, match="s3 is unavailable"):
        await away.put(PUBLIC, b"x")


def test_keys_are_as_promised() -> None:
    assert blob_key(PUBLIC, "abcd") == "00000000-0000-0000-0000-000000000000/ab/abcd"


async def test_texts_are_kept_once_by_digest(app_pool: Pool) -> None:
    texts = PostgresTextStore(app_pool)
    one, two = "aa" * 32, "bb" * 32
    await texts.put({one: "gants stériles", two: ""})
    await texts.put({one: "gants stériles"})
    await texts.put({})
    assert await texts.get([one, two, "cc" * 32]) == {one: "gants stériles", two: ""}
