"""How the hub is: each part, how far behind it is, how fresh what it shows is."""

from datetime import date

from fastapi import APIRouter, Request
from pydantic import Field

from deployments.backends import Ports
from deployments.guard import Watcher
from deployments.params import NoQuery
from deployments.parts import Group, State, worst
from deployments.problems import PROBLEMS
from deployments.routes.health import watch
from deployments.shapes import At, Shape
from deployments.system_state import read_system
from domain.access import Permission

router = APIRouter(prefix="/api/v1/system", tags=["system"], responses=PROBLEMS)


class PartShape(Shape):
    """`lag` is in positions behind what is published; `since` is when it was first seen so."""

    name: str = Field(examples=["write_analytics"])
    group: Group
    state: State
    detail: str
    since: At
    lag: int | None


class SourceShape(Shape):
    """How fetching from one source goes. `is_failing`: its last try came to nothing."""

    name: str
    synced_to: date | None
    last_success_at: At | None
    last_error: str | None
    last_error_at: At | None
    next_try_at: At | None
    quota_left: int | None
    quota_resets_at: At | None
    seen: int
    rejected: int
    is_failing: bool


class QuotaShape(Shape):
    api: str
    day: date
    used: int
    blocked_until: At | None


class StoppedShape(Shape):
    """An event that a post set aside, and why. `mch` shows, retries and drops them."""

    id: int
    consumer: str
    event_type: str | None
    error: str
    at: At


class CountsShape(Shape):
    known: int
    open: int
    medical: int


class SystemShape(Shape):
    """`degraded` names the parts without which some of this could not be read. Dead letters, which
    may be of any company, are told to who operates the hub.
    """

    state: State
    parts: tuple[PartShape, ...]
    sources: tuple[SourceShape, ...]
    quotas: tuple[QuotaShape, ...]
    dead_letters: tuple[StoppedShape, ...]
    opportunities: CountsShape | None
    degraded: tuple[str, ...]


@router.get("")
async def get_system(
    request: Request, query: NoQuery, principal: Watcher, ports: Ports
) -> SystemShape:
    """Answers even where every store is down."""
    parts = await watch(request).look()
    held = await read_system(ports)
    stopped = held.stopped if Permission.OPERATE in principal.permissions else ()
    return SystemShape(
        state=worst(parts),
        parts=tuple(PartShape.model_validate(part) for part in parts),
        sources=tuple(SourceShape.model_validate(sync) for sync in held.syncs),
        quotas=tuple(QuotaShape.model_validate(quota) for quota in held.quotas),
        dead_letters=tuple(StoppedShape.model_validate(one) for one in stopped),
        opportunities=CountsShape.model_validate(held.counts) if held.counts else None,
        degraded=held.degraded,
    )
