"""The public keys with which others verify the tokens that this hub signs (RFC 7517)."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from deployments.guard import anyone
from deployments.params import NoQuery

router = APIRouter(include_in_schema=False)


@router.get("/.well-known/jwks.json", dependencies=[Depends(anyone)])
async def published_keys(request: Request, query: NoQuery, response: Response) -> dict[str, Any]:
    response.headers["Cache-Control"] = "public, max-age=300"
    published: dict[str, Any] = request.app.state.backends.published_keys
    return published
