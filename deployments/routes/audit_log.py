"""The company's audit log: looked through, exported, and whether its chain is whole."""

import csv
import json
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Backends, Ports
from deployments.guard import Auditor
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.shapes import At, Shape, spell_moment
from deployments.web.frame import frame_page
from deployments.web.list_query import address
from deployments.web.render import Pages
from deployments.web.times import EASTERN
from domain.audit import AuditFilter, Entry
from domain.matrix_table import neutral

api = APIRouter(prefix="/api/v1/company/audit", tags=["company"], responses=PROBLEMS)
pages = APIRouter(include_in_schema=False)

AUDIT = "/company/audit"
_BATCH = 500
_COLUMNS = ("sequence", "at", "actor", "credential", "action", "subject", "address", "hash")


class AuditQuery(BaseModel):
    """`who`, `what` and `about` are found anywhere in the actor, the action and the subject."""

    model_config = ConfigDict(extra="forbid")

    who: str | None = Field(default=None, max_length=100)
    what: str | None = Field(default=None, max_length=100)
    about: str | None = Field(default=None, max_length=200)
    since: date | Literal[""] | None = None
    until: date | Literal[""] | None = Field(default=None, description="the last day, inclusive")

    def to_filter(self) -> AuditFilter:
        """Forms without script send empty fields."""
        return AuditFilter(
            actor=self.who or None,
            action=self.what or None,
            subject=self.about or None,
            since=_begin(self.since) if self.since else None,
            until=_begin(self.until + timedelta(days=1)) if self.until else None,
        )

    def told(self) -> dict[str, str]:
        """Those that narrow, as an address spells them."""
        return {name: str(value) for name, value in self if value and name in _NARROWING}


_NARROWING = ("who", "what", "about", "since", "until")


class AuditListQuery(AuditQuery):
    before: int | None = Field(default=None, ge=1, le=2**62)
    limit: int = Field(default=50, ge=1, le=200)


class AuditExportQuery(AuditQuery):
    format: Literal["csv", "jsonl"] = "csv"


class AuditEntryShape(Shape):
    """`details` is null once they are erased. `hash` follows from all before it."""

    sequence: int
    at: At
    actor: str
    credential: str
    action: str
    subject: str
    correlation_id: UUID
    details: dict[str, str] | None
    hash: str


class AuditPageShape(Shape):
    """`next_cursor` is what `before` takes. How many there are in all is not counted."""

    items: tuple[AuditEntryShape, ...]
    next_cursor: str | None


class ChainShape(Shape):
    """`head` is what to note elsewhere, as `mch audit verify` does. Whole: `broken_at` is null."""

    head: str = Field(examples=["12:5df6…"])
    entries: int
    broken_at: int | None
    why: str | None


@api.get("")
async def list_audit(
    query: Annotated[AuditListQuery, Query()], principal: Auditor, ports: Ports
) -> AuditPageShape:
    """The newest first."""
    found = await ports.audit.page(
        principal.tenant_id, query.to_filter(), before=query.before, limit=query.limit + 1
    )
    items = tuple(_shape(entry) for entry in found[: query.limit])
    following = str(items[-1].sequence) if len(found) > query.limit else None
    return AuditPageShape(items=items, next_cursor=following)


@api.get("/chain")
async def verify_own_chain(query: NoQuery, principal: Auditor, ports: Ports) -> ChainShape:
    """Walks the whole chain of the company, from its first entry."""
    state = await ports.audit.state(principal.tenant_id, whole=True)
    broken = state.broken
    return ChainShape(
        head=str(state.head),
        entries=state.head.sequence,
        broken_at=broken.sequence if broken else None,
        why=broken.why if broken else None,
    )


@pages.get(AUDIT)
async def audit_page(
    request: Request, query: Annotated[AuditListQuery, Query()], principal: Auditor, ports: Ports
) -> HTMLResponse:
    tenant_id = principal.tenant_id
    found = await ports.audit.page(
        tenant_id, query.to_filter(), before=query.before, limit=query.limit + 1
    )
    shown = found[: query.limit]
    older = {**query.told(), "before": str(shown[-1].sequence)} if len(found) > len(shown) else None
    web: Pages = request.app.state.pages
    return web.render(
        "audit.html",
        frame=await frame_page(request, principal),
        entries=shown,
        names=await _names(ports, tenant_id),
        state=await ports.audit.state(tenant_id),
        query=query.told(),
        next=address(older, AUDIT) if older else None,
        exports={
            kind: address({**query.told(), "format": kind}, f"{AUDIT}/export")
            for kind in ("csv", "jsonl")
        },
    )


@pages.post(f"{AUDIT}/verify")
async def verify_all(principal: Auditor, ports: Ports) -> RedirectResponse:
    """Walks the whole chain; the page tells what was found. The act itself is in the chain."""
    await ports.audit.state(principal.tenant_id, whole=True)
    return RedirectResponse(AUDIT, 303)


@pages.get(f"{AUDIT}/export")
async def export_audit(
    query: Annotated[AuditExportQuery, Query()], principal: Auditor, ports: Ports
) -> StreamingResponse:
    """All that the filters leave, the newest first. Nothing in it runs in a spreadsheet."""
    spell = _spell_csv if query.format == "csv" else _spell_json
    head = _row(_COLUMNS) if query.format == "csv" else ""
    lines = _lines(ports, principal.tenant_id, query.to_filter(), head)
    media_type = "text/csv; charset=utf-8" if query.format == "csv" else "application/x-ndjson"
    disposition = {"content-disposition": f'attachment; filename="audit.{query.format}"'}

    async def spelled() -> AsyncIterator[str]:
        async for line in lines:
            yield line if isinstance(line, str) else spell(line)

    return StreamingResponse(spelled(), media_type=media_type, headers=disposition)


async def _lines(
    ports: Backends, tenant_id: UUID, wanted: AuditFilter, head: str
) -> AsyncIterator[Entry | str]:
    yield head
    before: int | None = None
    while True:
        found = await ports.audit.page(tenant_id, wanted, before=before, limit=_BATCH)
        for entry in found:
            yield entry
        if len(found) < _BATCH:
            return
        before = found[-1].sequence


async def _names(ports: Backends, tenant_id: UUID) -> dict[str, str]:
    """Of those who still belong to the company, by their ids."""
    members = await ports.identity.companies.members(tenant_id)
    return {str(member.person_id): member.name for member in members}


def _shape(entry: Entry) -> AuditEntryShape:
    act = entry.act
    return AuditEntryShape(
        sequence=entry.sequence,
        at=entry.at,
        actor=act.actor,
        credential=act.credential,
        action=act.action,
        subject=act.subject,
        correlation_id=act.correlation_id,
        details=None if entry.is_erased else dict(act.details),
        hash=entry.hash.hex(),
    )


def _spell_json(entry: Entry) -> str:
    return json.dumps(_shape(entry).model_dump(mode="json")) + "\n"


def _spell_csv(entry: Entry) -> str:
    act = entry.act
    told = (str(entry.sequence), spell_moment(entry.at), act.actor, act.credential, act.action)
    rest = (act.subject, act.details.get("address", ""), entry.hash.hex())
    return _row([neutral(cell) for cell in (*told, *rest)])


def _row(cells: tuple[str, ...] | list[str]) -> str:
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(cells)
    return text.getvalue()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), EASTERN)
