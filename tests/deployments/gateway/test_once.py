"""A POST under an idempotency key, as callers meet it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response

from cluster.stores.notifications import MemoryNotifications
from domain.errors import Unavailable
from tests.app import Hub, client_of

ACTS = "/api/v1/notifications/read"


class Counting(MemoryNotifications):
    """Counts acts, which take a moment and may fail."""

    def __init__(self) -> None:
        super().__init__()
        self.acts = 0
        self.fails = False

    async def mark_read(
        self, tenant_id: UUID, user_id: str, ids: Sequence[UUID] | None = None
    ) -> None:
        self.acts += 1
        await asyncio.sleep(0.05)
        if self.fails:
            raise Unavailable(service="postgres", reason="stopped")
        await super().mark_read(tenant_id, user_id, ids)


@pytest.fixture
def acts() -> Counting:
    return Counting()


@pytest.fixture
async def client(acts: Counting) -> AsyncIterator[AsyncClient]:
    async with client_of(Hub(notifications=acts)) as client:
        yield client


async def _act(client: AsyncClient, key: str, body: dict[str, object] | None = None) -> Response:
    return await client.post(ACTS, json=body or {}, headers={"Idempotency-Key": key})


async def test_a_repetition_acts_once_and_is_answered_alike(
    client: AsyncClient, acts: Counting
) -> None:
    first, second = [await _act(client, "k1") for _ in range(2)]
    assert acts.acts == 1
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.headers["content-type"] == second.headers["content-type"]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"


async def test_another_body_under_the_key_is_refused(client: AsyncClient, acts: Counting) -> None:
    await _act(client, "k1")
    refused = await _act(client, "k1", {"ids": [str(uuid4())]})
    assert (refused.status_code, acts.acts) == (422, 1)
    assert "another request" in refused.json()["detail"]


async def test_two_at_once_are_one(client: AsyncClient, acts: Counting) -> None:
    answers = await asyncio.gather(*(_act(client, "k1") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert acts.acts == 1


async def test_what_failed_may_be_tried_again(client: AsyncClient, acts: Counting) -> None:
    acts.fails = True
    assert (await _act(client, "k1")).status_code == 503
    acts.fails = False
    assert (await _act(client, "k1")).status_code == 200
    assert acts.acts == 2


async def test_a_refusal_of_what_was_asked_is_kept(client: AsyncClient, acts: Counting) -> None:
    answers = [await _act(client, "k1", {"ids": "nonsense"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert acts.acts == 0


async def test_without_a_key_each_acts(client: AsyncClient, acts: Counting) -> None:
    for _ in range(2):
        await client.post(ACTS, json={})
    assert acts.acts == 2


async def test_who_may_not_act_is_told_nothing_of_what_was_answered(acts: Counting) -> None:
    hub = Hub(notifications=acts)
    async with client_of(hub) as ours, client_of(hub, host="192.0.2.9") as stranger:
        await _act(ours, "k1")
        assert (await _act(stranger, "k1")).status_code == 403


async def test_what_is_no_key_is_refused(client: AsyncClient, acts: Counting) -> None:
    assert (await _act(client, "x" * 256)).status_code == 422
    assert acts.acts == 0
