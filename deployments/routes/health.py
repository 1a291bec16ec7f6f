"""Is this replica alive, can it answer, and what does it count? For probes and for `mch`."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from cluster.telemetry import PART_UP, Metrics
from deployments.guard import Watcher, anyone
from deployments.params import NoQuery
from deployments.parts import Part, PartsWatch, State, worst

router = APIRouter(tags=["health"])


class Liveness(BaseModel):
    alive: bool = True


class PartHealth(BaseModel):
    state: State
    detail: str = Field(examples=["PostgreSQL 18.6"])


class Readiness(BaseModel):
    """`state` is down only where nothing can be answered; else a part that is down degrades it."""

    state: State
    parts: dict[str, PartHealth]


@router.get("/health/live", dependencies=[Depends(anyone)])
async def live() -> Liveness:
    """Asks nothing of anyone: a replica that answers is alive."""
    return Liveness()


@router.get(
    "/health/ready",
    dependencies=[Depends(anyone)],
    responses={503: {"model": Readiness, "description": "PostgreSQL is down"}},
)
async def ready(request: Request, response: Response) -> Readiness:
    """503 while nothing can be answered; else 200, and which parts are not up."""
    parts = await watch(request).look()
    state = worst(parts)
    response.status_code = 503 if state is State.DOWN else 200
    return Readiness(state=state, parts=health_by_name(parts))


@router.get("/metrics", response_class=Response)
async def metrics(request: Request, query: NoQuery, principal: Watcher) -> Response:
    """Prometheus text. Of this replica alone, except what is said of parts."""
    metrics: Metrics = request.app.state.metrics
    for part in await watch(request).look():
        metrics.part_up.labels(part.name).set(PART_UP[part.state])
        if part.lag is not None:
            metrics.lag.labels(part.name).set(part.lag)
    return Response(metrics.render(), media_type="text/plain; version=0.0.4")


def health_by_name(parts: Sequence[Part]) -> dict[str, PartHealth]:
    return {part.name: PartHealth(state=part.state, detail=part.detail) for part in parts}


def watch(request: Request) -> PartsWatch:
    return request.app.state.parts  # type: ignore[no-any-return]
