"""Acts over HTTP are recorded before they are done, or they are not done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from httpx import ASGITransport, AsyncClient

from cluster.stores.audit import MemoryAudit
from deployments.guard import Allows
from domain.access import LOCAL_TENANT, Permission, Principal
from domain.audit import Act
from domain.errors import Unavailable
from tests.app import Hub, running

done: list[str] = []
router = APIRouter()
Keeper = Annotated[Principal, Depends(Allows(Permission.MANAGE_KEYS))]


@router.post("/api/v1/keys/{prefix}/revoke")
async def revoke(prefix: str, principal: Keeper) -> dict[str, str]:
    done.append(prefix)
    return {"revoked": prefix}


class NoAudit(MemoryAudit):
    """Implements `AuditLog` as where Postgres is down."""

    async def record(self, act: Act) -> None:
        raise Unavailable(service="postgres", reason="stopped")


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


@asynccontextmanager
async def _client(hub: Hub, host: str = "127.0.0.1") -> AsyncIterator[AsyncClient]:
    async with running(hub) as app:
        app.include_router(router)
        transport = ASGITransport(app, client=(host, 1))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client


async def test_an_act_is_recorded_with_who_what_and_from_where() -> None:
    audit = MemoryAudit()
    async with _client(Hub(audit=audit)) as client:
        answer = await client.post("/api/v1/keys/abc/revoke")
    (act,) = audit.acts
    assert (act.tenant_id, act.actor, act.credential) == (LOCAL_TENANT, "local", "local")
    assert act.action == "POST /api/v1/keys/{prefix}/revoke"
    assert act.subject == "prefix=abc"
    assert act.details == {"address": "127.0.0.1"}
    assert str(act.correlation_id) == answer.headers["x-correlation-id"]


async def test_what_cannot_be_recorded_is_not_done() -> None:
    async with _client(Hub(audit=NoAudit())) as client:
        assert (await client.post("/api/v1/keys/abc/revoke")).status_code == 503
    assert done == []


async def test_what_is_refused_is_not_told_as_done() -> None:
    audit = MemoryAudit()
    async with _client(Hub(audit=audit), "192.0.2.9") as client:
        assert (await client.post("/api/v1/keys/abc/revoke")).status_code == 403
    assert audit.acts == []


async def test_reading_leaves_no_trace() -> None:
    audit = MemoryAudit()
    async with _client(Hub(audit=audit)) as client:
        await client.get("/api/v1/notifications/unread")
        await client.post("/api/v1/notifications/read", json={})
    assert audit.acts == []
