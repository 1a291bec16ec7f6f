"""What a person or a company takes along: an archive of all rows and files that are theirs."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from pydantic import TypeAdapter

from cluster.stores.blob_store import S3BlobStore
from cluster.stores.personal_rows import Lines, PersonalRows
from deployments.identity import Identity
from domain.errors import NotFound
from domain.session import Session

_SESSION = TypeAdapter(Session)
READ_ME = """What MedContractHub holds of you, as of the moment you asked.

Each .jsonl file is a table: a row is one line of JSON. An empty file is a table in which nothing of
yours lies. files/ has what was uploaded, each under its digest and its name; lost_files.txt, where
there is one, names those that could not be found. Passwords, keys, what signs them, and the digests
of such things are left out, and so are vectors, which are made from the rest.
"""


class Archive:
    """A ZIP on disk, written one entry after the other. Not for several tasks at once."""

    def __init__(self, path: Path) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED)
        self._entry: IO[bytes] | None = None
        self._name = ""

    def __enter__(self) -> Self:
        self._zip.writestr("README.txt", READ_ME)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._close()
        self._zip.close()

    def add(self, lines: Lines) -> None:
        """Rows of one table come one after the other."""
        if lines.table != self._name or self._entry is None:
            self._close()
            self._name = lines.table
            self._entry = self._zip.open(f"{lines.table}.jsonl", "w", force_zip64=True)
        self._entry.write("".join(f"{line}\n" for line in lines.lines).encode())

    def add_file(self, name: str, path: Path) -> None:
        self._close()
        self._zip.write(path, name)

    def add_text(self, name: str, text: str) -> None:
        self._close()
        self._zip.writestr(name, text)

    def _close(self) -> None:
        if self._entry is not None:
            self._entry.close()
        self._entry = None


@dataclass(frozen=True, slots=True)
class TakingAlong:
    """Both raise `Unavailable`. Whoever calls deletes the archive."""

    rows: PersonalRows
    files: S3BlobStore

    async def person(self, identity: Identity, person_id: UUID, path: Path) -> None:
        """With what companies hold of the person, of those she belongs to. Of what she did while
        she belonged to none, her own id is the tenant.
        """
        companies = await identity.companies.of_person(person_id)
        tenants = [person_id, *(one.tenant_id for one in companies)]
        sessions = await identity.sessions.of(person_id)
        with Archive(path) as archive:
            async for _, lines in self.rows.of_person(person_id, tenants):
                await asyncio.to_thread(archive.add, lines)
            told = [_SESSION.dump_json(one).decode() for one in sessions]
            archive.add(Lines("sessions", told))

    async def company(self, tenant_id: UUID, path: Path) -> None:
        with Archive(path) as archive:
            async for lines in self.rows.of_company(tenant_id):
                await asyncio.to_thread(archive.add, lines)
            await self._add_files(archive, tenant_id, path.parent)

    async def _add_files(self, archive: Archive, tenant_id: UUID, folder: Path) -> None:
        lost: list[str] = []
        for digest, name in await self.rows.files_of(tenant_id):
            piece = folder / digest
            try:
                await self.files.fetch(tenant_id, digest, piece)
            except NotFound:
                lost.append(f"{digest} {name}")
                continue
            await asyncio.to_thread(archive.add_file, f"files/{digest[:16]}-{name}", piece)
            piece.unlink()
        if lost:
            archive.add_text("lost_files.txt", "\n".join(lost))


def workplace() -> "tempfile.TemporaryDirectory[str]":
    """Where an archive is made: nobody else reads it, and it goes with what was in it."""
    return tempfile.TemporaryDirectory(prefix="mch-export-")
