"""Sessions over a real Redis: what is ended stays ended, and what is newer is never undone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from cluster.settings import RedisSettings, Settings
from cluster.stores.attempts import Bound, RedisAttempts
from cluster.stores.live_feed import BELL
from cluster.stores.redis import open_redis
from cluster.stores.sessions import RedisSessions, credential_room
from deployments.identity import SignedIn
from domain.access import PERMISSIONS, Permission, Role
from domain.errors import LimitExceeded, NotFound, Unauthenticated, Unavailable
from domain.session import CHECKED_EVERY, Session

pytestmark = pytest.mark.stores
OURS, THEIRS = UUID(int=7), UUID(int=8)
DANA, SAM = UUID(int=11), UUID(int=12)


def session(
    person_id: UUID = DANA, role: Role | None = Role.EDITOR, holds_s: float = 60
) -> Session:
    now = datetime.now(UTC)
    return Session(
        session_id="",
        person_id=person_id,
        tenant_id=OURS if role else None,
        role=role,
        awaits_code=False,
        is_remembered=False,
        browser="Firefox on Linux",
        address="127.0.0.1",
        created_at=now,
        expires_at=now + timedelta(seconds=holds_s),
        checked_at=now,
    )


@pytest.fixture
async def sessions(embedded_stores: Settings) -> AsyncIterator[RedisSessions]:
    async with open_redis(embedded_stores.redis) as redis:
        await redis.flushall()
        yield RedisSessions(redis)


async def test_a_session_is_found_by_its_token_until_it_ends(sessions: RedisSessions) -> None:
    token = await sessions.open(session())
    found = await sessions.find(token)
    assert (found.person_id, found.role) == (DANA, Role.EDITOR)
    assert token not in found.session_id
    await sessions.end(token)
    await sessions.end(token)
    with pytest.raises(Unauthenticated):
        await sessions.find(token)
    assert await sessions.of(DANA) == []


async def test_a_session_ends_by_itself(sessions: RedisSessions) -> None:
    token = await sessions.open(session(holds_s=1.0))
    await asyncio.sleep(1.3)
    with pytest.raises(Unauthenticated):
        await sessions.find(token)
    assert await sessions.of(DANA) == []


async def test_rotating_leaves_one_session_under_another_id(sessions: RedisSessions) -> None:
    token = await sessions.open(session())
    fresh = await sessions.rotate(token, await sessions.find(token))
    with pytest.raises(Unauthenticated):
        await sessions.find(token)
    assert [one.session_id for one in await sessions.of(DANA)] == [
        (await sessions.find(fresh)).session_id
    ]


async def test_only_ones_own_sessions_can_be_ended(sessions: RedisSessions) -> None:
    kept, other = await sessions.open(session()), await sessions.open(session())
    foreign = await sessions.open(session(SAM))
    with pytest.raises(NotFound):
        await sessions.end_one(DANA, (await sessions.find(foreign)).session_id)
    await sessions.end_all(DANA, but=(await sessions.find(kept)).session_id)
    await sessions.find(kept)
    await sessions.find(foreign)
    with pytest.raises(Unauthenticated):
        await sessions.find(other)


async def test_a_role_reaches_the_sessions_of_its_company_alone(sessions: RedisSessions) -> None:
    ours = await sessions.open(session())
    theirs = await sessions.open(replace(session(), tenant_id=THEIRS))
    await sessions.tell(DANA, OURS, Role.VIEWER)
    assert (await sessions.find(ours)).role is Role.VIEWER
    assert (await sessions.find(theirs)).role is Role.EDITOR
    await sessions.tell(DANA, OURS, None)
    assert (await sessions.find(ours)).tenant_id is None
    assert (await sessions.find(theirs)).tenant_id == THEIRS


async def test_a_late_look_up_undoes_no_newer_change(sessions: RedisSessions) -> None:
    token = await sessions.open(session())
    read = await sessions.find(token)
    await sessions.tell(DANA, OURS, Role.VIEWER)
    assert (await sessions.renew(token, read, Role.EDITOR)).role is Role.VIEWER
    read = await sessions.find(token)
    await sessions.end(token)
    with pytest.raises(Unauthenticated):
        await sessions.renew(token, read, Role.OWNER)


async def test_what_changes_is_called_on_the_bell(
    sessions: RedisSessions, embedded_stores: Settings
) -> None:
    token = await sessions.open(session())
    name = credential_room(f"session:{(await sessions.find(token)).session_id}").name
    async with open_redis(embedded_stores.redis) as redis, redis.pubsub() as bell:
        await bell.subscribe(BELL)
        await bell.get_message(timeout=2)
        await sessions.tell(DANA, OURS, Role.VIEWER)
        await sessions.end(token)
        for _ in range(2):
            message = await bell.get_message(ignore_subscribe_messages=True, timeout=2)
            assert message
            assert message["data"].decode().endswith(name)


class Register:
    """Who is what, for `SignedIn`."""

    def __init__(self, role: Role | None) -> None:
        self.held = role
        self.asked = 0

    async def role(self, tenant_id: UUID, person_id: UUID) -> Role | None:
        self.asked += 1
        return self.held


async def test_what_redis_missed_ends_within_a_minute(sessions: RedisSessions) -> None:
    token = await sessions.open(session())
    register, now = Register(Role.EDITOR), datetime.now(UTC)
    signed_in = SignedIn(sessions, register, lambda: now)
    assert (await signed_in.principal(token)).permissions == PERMISSIONS[Role.EDITOR]
    register.held = None
    await signed_in.principal(token)
    assert register.asked == 0
    now += CHECKED_EVERY
    principal = await signed_in.principal(token)
    assert principal.tenant_id == DANA
    assert principal.permissions == frozenset({Permission.OWN_ACCOUNT})
    assert register.asked == 1


async def test_tries_are_counted_for_each_and_forgotten_after_success(
    embedded_stores: Settings,
) -> None:
    bound = Bound(f"tries {uuid4()}", 2, 60)
    async with open_redis(embedded_stores.redis) as redis:
        attempts = RedisAttempts(redis)
        for _ in range(2):
            await attempts.count(bound, "dana")
        with pytest.raises(LimitExceeded) as refused:
            await attempts.count(bound, "dana")
        assert 0 < refused.value.retry_after_s <= 60
        await attempts.count(bound, "sam")
        await attempts.clear(bound, "dana")
        await attempts.count(bound, "dana")


async def test_without_redis_nobody_is_let_in() -> None:
    async with open_redis(RedisSettings(port=1)) as redis:
        with pytest.raises(Unavailable):
            await SignedIn(RedisSessions(redis), Register(Role.OWNER)).principal("token")
