"""Resumable uploads: tus 1.0.0 with the extensions creation and termination (https://tus.io)."""

import asyncio
import binascii
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Request, Response
from starlette.requests import ClientDisconnect

from cluster.stores.tenant_documents import Intake
from cluster.stores.uploads import Upload, Uploads
from deployments.backends import Backends, Ports
from deployments.guard import DocumentWriter
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.routes.documents import cause_of
from domain.access import Principal
from domain.document import MAX_DOCUMENT_BYTES
from domain.errors import Invalid

router = APIRouter(prefix="/api/v1/uploads", tags=["documents"], responses=PROBLEMS)

VERSION = "1.0.0"
_SPOKEN = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,termination",
    "Tus-Max-Size": str(MAX_DOCUMENT_BYTES),
}
_PIECE_BYTES = 8 * 1024 * 1024
_CONTENT = "application/offset+octet-stream"

Spoken = Annotated[str, Header(alias="Tus-Resumable", pattern=r"^1\.0\.0$")]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0)]
Length = Annotated[int, Header(alias="Upload-Length", ge=1, le=MAX_DOCUMENT_BYTES)]


@router.options("", status_code=204)
async def describe_uploads(query: NoQuery, principal: DocumentWriter) -> Response:
    """What of tus is spoken here."""
    return _answer(204)


@router.post("", status_code=201)
async def begin_upload(
    query: NoQuery,
    principal: DocumentWriter,
    ports: Ports,
    spoken: Spoken,
    length: Length,
    metadata: Annotated[str, Header(alias="Upload-Metadata", max_length=4096)] = "",
) -> Response:
    """Announce a file: its length, and as metadata its `filename` and maybe the `notice_id`."""
    told = _metadata(metadata)
    name, notice_id = told.get("filename", "document"), told.get("notice_id")
    upload = Upload(upload_id=uuid4(), name=name, notice_id=notice_id, length_bytes=length)
    await ports.uploads.begin(principal.tenant_id, upload)
    return _answer(201, Location=f"/api/v1/uploads/{upload.upload_id}")


@router.head("/{upload_id}")
async def show_upload(
    upload_id: UUID, query: NoQuery, principal: DocumentWriter, ports: Ports, spoken: Spoken
) -> Response:
    """How far it has come. `Content-Location` names the document that it became."""
    return _told(await ports.uploads.get(principal.tenant_id, upload_id), 200)


@router.patch("/{upload_id}", status_code=204)
async def continue_upload(
    upload_id: UUID,
    query: NoQuery,
    request: Request,
    principal: DocumentWriter,
    ports: Ports,
    spoken: Spoken,
    offset: Offset,
) -> Response:
    """Bytes from the offset on. What has arrived when the connection ends is kept."""
    tenant_id = principal.tenant_id
    upload = await ports.uploads.get(tenant_id, upload_id)
    if request.headers.get("content-type") != _CONTENT:
        return _answer(415)
    if offset != upload.received:
        return _answer(409, **{"Upload-Offset": str(upload.received)})
    if int(request.headers["content-length"]) > upload.length_bytes - offset:
        return _answer(413)
    await _take(request, ports.uploads, tenant_id, upload)
    upload = await ports.uploads.get(tenant_id, upload_id)
    if upload.received == upload.length_bytes and upload.document_id is None:
        await _finish(request, principal, ports, upload)
        upload = await ports.uploads.get(tenant_id, upload_id)
    return _told(upload, 204)


@router.delete("/{upload_id}", status_code=204)
async def abandon_upload(
    upload_id: UUID, query: NoQuery, principal: DocumentWriter, ports: Ports, spoken: Spoken
) -> Response:
    """Forget it. A document that it has become stays."""
    await ports.uploads.get(principal.tenant_id, upload_id)
    await ports.uploads.drop(principal.tenant_id, upload_id)
    return _answer(204)


async def _take(request: Request, uploads: Uploads, tenant_id: UUID, upload: Upload) -> None:
    """A piece at a time, so that neither memory nor what a cut connection costs can grow."""
    held, at = bytearray(), upload.received
    try:
        async for received in request.stream():
            held += received
            if len(held) >= _PIECE_BYTES:
                at = await uploads.append(tenant_id, upload.upload_id, at, bytes(held))
                held.clear()
    except ClientDisconnect:
        pass  # Not lost: what came before is kept, and the client asks how far that is.
    if held:
        await uploads.append(tenant_id, upload.upload_id, at, bytes(held))


async def _finish(request: Request, principal: Principal, ports: Backends, upload: Upload) -> None:
    """Raises `Unreadable` for what nobody reads."""
    intake = Intake(upload.name, principal.user_id, notice_id=upload.notice_id)
    cause = await cause_of(request, principal)
    who = principal.tenant_id
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="mch-upload-")
    with folder:
        path = Path(folder.name) / "file"
        await ports.uploads.join(who, upload, path)
        row, _ = await ports.documents.receive(who, path, intake, cause)
    await ports.uploads.became(who, upload.upload_id, row.document_id)


def _told(upload: Upload, status: int) -> Response:
    headers = {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.length_bytes),
        "Cache-Control": "no-store",
    }
    if upload.document_id is not None:
        headers["Content-Location"] = f"/api/v1/documents/{upload.document_id}"
    return _answer(status, **headers)


def _answer(status: int, **headers: str) -> Response:
    return Response(status_code=status, headers=_SPOKEN | headers)


def _metadata(header: str) -> dict[str, str]:
    """`key base64, key base64`. Raises `Invalid`."""
    told = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            told[key] = b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Invalid(what="Upload-Metadata", reason=f"{key!r} is no base64 text") from error
    return told
