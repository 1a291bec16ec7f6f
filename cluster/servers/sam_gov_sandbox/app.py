"""The sandbox's routes.

`/opportunities/v2/search`, `/opportunities/v1/noticedesc`, `/entity-information/v3/entities` (of
`SANDBOX00001` to `SANDBOX00050`), the files behind `resourceLinks` and the nightly bulk file, as
`api.sam.gov` has them; `/health`. For tests: `POST /control/release {count}`, `/control/mood` (see
`Mood`), `/control/change {notice_id, columns}` (columns of the bulk file).
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from cluster.clients.sam_gov_records import CSV_COLUMNS
from cluster.servers.sam_gov_sandbox import moods
from cluster.servers.sam_gov_sandbox.attachments import attachment
from cluster.servers.sam_gov_sandbox.entities import entities
from cluster.servers.sam_gov_sandbox.moods import Answer, Mood
from cluster.servers.sam_gov_sandbox.searching import Refused, search
from cluster.servers.sam_gov_sandbox.shelf import Releases, Shelf

SILENCE_S = 600.0
FILES = "/api/prod/opps/v3/opportunities/resources/files"

Handle = Callable[[Request], Awaitable[Response]]


class Sandbox:
    """The shelf behind HTTP. `releases` is None where a file was given: then nothing is new."""

    def __init__(self, shelf: Shelf, releases: Releases | None, mood: Mood | None = None) -> None:
        self._shelf = shelf
        self._releases = releases
        self._mood = mood or Mood()

    async def search(self, request: Request) -> Response:
        async def answer(request: Request) -> Response:
            ignored = self._mood.fail_with == "ignores" and moods.fail(self._mood)
            kept = ("limit", "offset", "postedFrom", "postedTo")
            query = {
                name: value
                for name, value in request.query_params.items()
                if not ignored or name in kept
            }
            try:
                found = search(self._shelf, query, counts_rows=self._mood.counts_rows)
            except Refused as refused:
                return _render(moods.refuse(400, str(refused)))
            return JSONResponse(found) if found else _render(moods.refuse(404, "No Data found"))

        return await self._guarded(request, answer)

    async def description(self, request: Request) -> Response:
        async def answer(request: Request) -> Response:
            held = self._shelf.held.get(request.query_params.get("noticeid", ""))
            if held is None or not held.row["Description"]:
                return _render(moods.refuse(404, "Description Not Found"))
            return JSONResponse({"description": held.row["Description"]})

        return await self._guarded(request, answer)

    async def entities(self, request: Request) -> Response:
        async def answer(request: Request) -> Response:
            return JSONResponse(entities(request.query_params.get("ueiSAM", "")))

        return await self._guarded(request, answer)

    async def bulk(self, request: Request) -> Response:
        return StreamingResponse(_lines(self._shelf), media_type="text/csv")

    async def file(self, request: Request) -> Response:
        """Needs no key. Counts against the quota, and fails like the rest."""
        refusal = moods.spend(self._mood)
        if refusal:
            return _render(refusal)
        if self._mood.fail_with != "ignores" and (failure := moods.fail(self._mood)):
            return await _misbehave(failure)
        leads_to = self._mood.files_lead_to or f"/signed/{request.path_params['key']}?signature=x"
        return RedirectResponse(leads_to, 303)

    async def signed(self, request: Request) -> Response:
        name, content = attachment(request.path_params["key"])
        disposition = f"attachment; filename*=UTF-8''{quote(name)}"
        headers = {"Content-Disposition": disposition}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def health(self, request: Request) -> Response:
        return JSONResponse({"notices": len(self._shelf.held)})

    async def release(self, request: Request) -> Response:
        if self._releases is None:
            return JSONResponse({"error": "nothing is released from a file"}, 409)
        count = int((await request.json()).get("count", 1))
        return JSONResponse({"released": [self._releases.release() for _ in range(count)]})

    async def mood(self, request: Request) -> Response:
        self._mood = Mood.model_validate(self._mood.model_dump() | await request.json())
        return JSONResponse(self._mood.model_dump())

    async def change(self, request: Request) -> Response:
        told = await request.json()
        done = self._shelf.change(told["notice_id"], told["columns"])
        return JSONResponse({"changed": done}, 200 if done else 404)

    async def release_every(self, seconds: float) -> None:
        while self._releases is not None:
            await asyncio.sleep(seconds)
            self._releases.release()

    async def _guarded(self, request: Request, answer: Handle) -> Response:
        """Key, quota and outages come before any answer, in SAM.gov's order."""
        refusal = moods.check_key(self._mood, request.query_params.get("api_key"))
        refusal = refusal or moods.spend(self._mood)
        if refusal:
            return _render(refusal)
        if self._mood.fail_with != "ignores" and (failure := moods.fail(self._mood)):
            return await _misbehave(failure)
        return await answer(request)


def build_sandbox(sandbox: Sandbox, *, new_every_s: float) -> Starlette:
    """`new_every_s` 0: nothing by itself."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        releasing = asyncio.create_task(sandbox.release_every(new_every_s)) if new_every_s else None
        yield
        if releasing:
            releasing.cancel()

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/opportunities/v2/search", sandbox.search),
            Route("/opportunities/v1/noticedesc", sandbox.description),
            Route("/entity-information/v3/entities", sandbox.entities),
            Route("/ContractOpportunitiesFullCSV.csv", sandbox.bulk),
            Route(FILES + "/{key}/download", sandbox.file),
            Route("/signed/{key}", sandbox.signed),
            Route("/health", sandbox.health),
            Route("/control/release", sandbox.release, methods=["POST"]),
            Route("/control/mood", sandbox.mood, methods=["POST"]),
            Route("/control/change", sandbox.change, methods=["POST"]),
        ],
    )


def _render(answer: Answer) -> Response:
    return JSONResponse(answer.body, answer.status, answer.headers)


async def _misbehave(failure: moods.Failure) -> Response:
    match failure:
        case "timeout":
            await asyncio.sleep(SILENCE_S)
            return PlainTextResponse("", 504)
        case "html":
            return Response("<html>maintenance</html>", 200, media_type="text/html")
        case "garbage":
            return Response('{"totalRecords": 3, "opportu', 200, media_type="application/json")
        case _:
            return _render(moods.refuse(int(failure), "the sandbox was asked to fail"))


def _lines(shelf: Shelf) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    rows = (list(one.row.values()) for one in list(shelf.held.values()))
    for row in (list(CSV_COLUMNS), *rows):
        writer.writerow(row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
