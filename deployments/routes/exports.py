"""Personal data handed to whom it belongs: on pages and for programs, always as an archive."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from deployments.backends import Ports
from deployments.guard import Oneself, Owner
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.taking_along import workplace

pages = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", tags=["personal data"], responses=PROBLEMS)

ZIP = "application/zip"
_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}


@pages.get("/company/export")
@api.get("/company/export", response_class=Response, responses=_ARCHIVE)
async def export_company(query: NoQuery, principal: Owner, ports: Ports) -> Response:
    """Every row that belongs to the company, and its files. Told to the audit log."""

    async def write(path: Path) -> None:
        await ports.taking_along.company(principal.tenant_id, path)

    return await _archive("company", write)


@pages.get("/account/export")
@api.get("/me/export", response_class=Response, responses=_ARCHIVE)
async def export_person(query: NoQuery, principal: Oneself, ports: Ports) -> Response:
    """Every row that tells of the person who asks."""

    async def write(path: Path) -> None:
        person_id = UUID(principal.user_id)
        await ports.taking_along.person(ports.identity, person_id, path)

    return await _archive("account", write)


async def _archive(what: str, write: Callable[[Path], Awaitable[None]]) -> Response:
    """Sent from disk a piece at a time, and deleted when it was, or when it failed."""
    folder = workplace()
    path = Path(folder.name) / f"medcontracthub-{what}.zip"
    try:
        await write(path)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path, media_type=ZIP, filename=path.name, background=BackgroundTask(folder.cleanup)
    )
