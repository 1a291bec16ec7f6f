"""Files in S3, by tenant and digest."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import MemoryStore, S3Store

from cluster.settings import S3Settings
from domain.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig

TIMEOUT_S = 30.0


class S3BlobStore:
    """Implements `domain.ports.BlobStore`. A digest's content never changes, so puts repeat.

    Calls run on threads: obstore's own futures still hold Python when a process ends soon after an
    error, which aborts it.
    """

    def __init__(self, store: S3Store | MemoryStore) -> None:
        self._store = store

    async def put(self, tenant_id: UUID, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        with _outages():
            await asyncio.to_thread(obstore.put, self._store, blob_key(tenant_id, digest), content)
        return digest

    async def put_file(self, tenant_id: UUID, path: Path) -> str:
        """Like `put`, a part at a time, for a file of any size. Raises `OSError` if unreadable."""
        digest = await asyncio.to_thread(_digest, path)
        with _outages():
            await asyncio.to_thread(obstore.put, self._store, blob_key(tenant_id, digest), path)
        return digest

    async def get(self, tenant_id: UUID, digest: str) -> bytes:
        try:
            with _outages():
                return await asyncio.to_thread(self._read, blob_key(tenant_id, digest))
        except FileNotFoundError:
            raise NotFound(what="file", key=digest) from None

    async def erase(self, tenant_id: UUID) -> int:
        """Every file of the tenant's, with what was derived from it. Returns how many."""
        with _outages():
            return await asyncio.to_thread(self._erase, f"{tenant_id}/")

    def _erase(self, prefix: str) -> int:
        count = 0
        for some in obstore.list(self._store, prefix):
            paths = [str(each["path"]) for each in some]
            obstore.delete(self._store, paths)
            count += len(paths)
        return count

    async def fetch(self, tenant_id: UUID, digest: str, path: Path) -> None:
        """Into a file, a piece at a time. Raises `NotFound`."""
        try:
            with _outages():
                await asyncio.to_thread(self._copy, blob_key(tenant_id, digest), path)
        except FileNotFoundError:
            raise NotFound(what="file", key=digest) from None

    async def put_derived(self, tenant_id: UUID, digest: str, name: str, content: bytes) -> None:
        """Something made from the file, beside it. Repeating it overwrites."""
        key = derived_key(tenant_id, digest, name)
        with _outages():
            await asyncio.to_thread(obstore.put, self._store, key, content)

    async def get_derived(self, tenant_id: UUID, digest: str, name: str) -> bytes:
        """Raises `NotFound`."""
        try:
            with _outages():
                return await asyncio.to_thread(self._read, derived_key(tenant_id, digest, name))
        except FileNotFoundError:
            raise NotFound(what="derived file", key=name) from None

    async def put_piece(self, tenant_id: UUID, upload_id: UUID, name: str, content: bytes) -> None:
        """Of a file that arrives bit by bit."""
        key = f"{pieces_key(tenant_id, upload_id)}/{name}"
        with _outages():
            await asyncio.to_thread(obstore.put, self._store, key, content)

    async def join_pieces(
        self, tenant_id: UUID, upload_id: UUID, names: Sequence[str], path: Path
    ) -> None:
        """One after the other into a file. Raises `NotFound` where one is missing."""
        try:
            with _outages():
                await asyncio.to_thread(self._join, pieces_key(tenant_id, upload_id), names, path)
        except FileNotFoundError:
            raise NotFound(what="piece of upload", key=str(upload_id)) from None

    async def drop_pieces(self, tenant_id: UUID, upload_id: UUID) -> None:
        with _outages():
            await asyncio.to_thread(self._drop, pieces_key(tenant_id, upload_id))

    def _join(self, prefix: str, names: Sequence[str], path: Path) -> None:
        with path.open("wb") as file:
            for name in names:
                file.write(self._read(f"{prefix}/{name}"))

    def _drop(self, prefix: str) -> None:
        for found in obstore.list(self._store, f"{prefix}/"):
            obstore.delete(self._store, [one["path"] for one in found])

    def _copy(self, key: str, path: Path) -> None:
        with path.open("wb") as file:
            for piece in obstore.get(self._store, key).stream(min_chunk_size=1024 * 1024):
                file.write(piece)

    def _read(self, key: str) -> bytes:
        return bytes(obstore.get(self._store, key).bytes())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def blob_key(tenant_id: UUID, digest: str) -> str:
    return f"{tenant_id}/{digest[:2]}/{digest}"


def derived_key(tenant_id: UUID, digest: str, name: str) -> str:
    """Beside the file, not below it: to SeaweedFS a file is no folder."""
    return f"{tenant_id}/{digest[:2]}/derived/{digest}/{name}"


def pieces_key(tenant_id: UUID, upload_id: UUID) -> str:
    return f"{tenant_id}/uploads/{upload_id}"


def open_blob_store(settings: S3Settings) -> S3BlobStore:
    """Connects when first used."""
    store = S3Store(
        settings.bucket,
        endpoint=settings.endpoint,
        region=settings.region,
        access_key_id=settings.access_key,
        secret_access_key=settings.secret_key.get_secret_value(),
        virtual_hosted_style_request=False,
        client_options=_client_options(settings),
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
    )
    return S3BlobStore(store)


def _client_options(settings: S3Settings) -> "ClientConfig":
    options: ClientConfig = {
        "allow_http": settings.endpoint.startswith("http://"),
        "timeout": timedelta(seconds=TIMEOUT_S),
    }
    if settings.ca_file:
        options["root_certificate"] = settings.ca_file.read_bytes()
    return options


def memory_blob_store() -> S3BlobStore:
    """The same over obstore's memory: for tests."""
    return S3BlobStore(MemoryStore())


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise FileNotFoundError from None
    except (BaseError, OSError) as error:
        raise Unavailable(service="s3", reason=str(error).partition("\n")[0][:300]) from error
