"""Styles, scripts and the mark, under names with their digests, so that they are kept for ever."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from deployments.guard import anyone
from deployments.web.render import Assets
from domain.errors import NotFound

router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])

FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{name}")
async def static_file(request: Request, name: str) -> Response:
    assets: Assets = request.app.state.assets
    file = assets.find(name)
    if file is None:
        raise NotFound(what="file", key=name)
    headers = {"etag": file.etag, "cache-control": FOR_EVER}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return FileResponse(file.path, headers=headers)
