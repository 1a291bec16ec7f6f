"""Passkeys over a real Postgres: whose they are, and what they count; challenges over Redis."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from cluster.settings import Settings
from cluster.stores.passkey_challenges import WITHIN_S, Challenge, RedisPasskeyChallenges
from cluster.stores.passkeys import PostgresPasskeys
from cluster.stores.postgres import Pool, as_holder, fetch_rows, transaction
from cluster.stores.redis import key, open_redis
from domain.access import PUBLIC
from domain.errors import Invalid, NotFound, Unauthenticated
from domain.passkey import MOST_PASSKEYS, Ceremony, Passkey
from domain.secrets import digest_of

pytestmark = pytest.mark.stores
DANA, SAM = UUID(int=11), UUID(int=12)
_PERSON = "insert into person (person_id, email, name, password_hash) values ($1, $2, 'D', 'h')"


def passkey(person_id: UUID = DANA, sign_count: int = 0) -> Passkey:
    return Passkey(
        passkey_id=uuid4(),
        person_id=person_id,
        name="Laptop",
        credential_id=uuid4().bytes,
        public_key=b"cose",
        sign_count=sign_count,
        transports=("internal",),
        added_at=datetime(2026, 4, 13, 12, tzinfo=UTC),
    )


@pytest.fixture
async def passkeys(app_pool: Pool) -> PostgresPasskeys:
    async with transaction(app_pool) as connection:
        for person_id in (DANA, SAM):
            await connection.execute(_PERSON, person_id, f"{person_id}@nair.example")
    return PostgresPasskeys(app_pool)


@pytest.fixture
async def redis(embedded_stores: Settings) -> AsyncIterator[Redis]:
    async with open_redis(embedded_stores.redis) as client:
        yield client


async def test_a_passkey_is_its_persons_and_is_found_by_what_a_device_shows(
    passkeys: PostgresPasskeys,
) -> None:
    held = passkey()
    await passkeys.add(held)
    assert await passkeys.of(DANA) == [held]
    assert await passkeys.of(SAM) == []
    assert await passkeys.shown(held.credential_id) == held
    assert await passkeys.shown(b"another") is None
    with pytest.raises(NotFound):
        await passkeys.remove(SAM, held.passkey_id)
    await passkeys.remove(DANA, held.passkey_id)
    assert await passkeys.shown(held.credential_id) is None
    with pytest.raises(NotFound):
        await passkeys.remove(DANA, held.passkey_id)


async def test_one_credential_is_one_persons(passkeys: PostgresPasskeys) -> None:
    held = passkey()
    await passkeys.add(held)
    with pytest.raises(Invalid, match="added before"):
        await passkeys.add(replace(held, passkey_id=uuid4(), person_id=SAM))
    assert await passkeys.of(SAM) == []


async def test_nobody_has_more_than_the_most(passkeys: PostgresPasskeys) -> None:
    for _ in range(MOST_PASSKEYS):
        await passkeys.add(passkey())
    with pytest.raises(Invalid, match="the most"):
        await passkeys.add(passkey())
    await passkeys.add(passkey(SAM))
    assert len(await passkeys.of(DANA)) == MOST_PASSKEYS


@pytest.mark.parametrize(
    ("held", "told", "holds"),
    [(0, 0, True), (0, 1, True), (5, 6, True), (5, 5, False), (5, 4, False), (5, 0, False)],
)
async def test_a_count_has_to_go_up(
    passkeys: PostgresPasskeys, held: int, told: int, holds: bool
) -> None:
    one = passkey(sign_count=held)
    await passkeys.add(one)
    assert await passkeys.use(one, told) is holds
    [now] = await passkeys.of(DANA)
    assert now.sign_count == (told if holds else held)
    assert (now.used_at is not None) is holds


async def test_of_two_that_tell_one_count_at_once_one_is_refused(
    passkeys: PostgresPasskeys,
) -> None:
    one = passkey(sign_count=5)
    await passkeys.add(one)
    told = await asyncio.gather(*(passkeys.use(one, 6) for _ in range(4)))
    assert sorted(told) == [False, False, False, True]


async def test_the_database_shows_a_person_no_other_persons(
    passkeys: PostgresPasskeys, app_pool: Pool
) -> None:
    await passkeys.add(passkey())
    assert await fetch_rows(app_pool, "select 1 from passkey") == []
    async with as_holder(app_pool, "person_id", str(SAM)) as connection:
        assert await connection.fetch("select 1 from passkey") == []
        assert await connection.execute("update passkey set sign_count = 9") == "UPDATE 0"
    async with as_holder(app_pool, "person_id", str(DANA)) as connection:
        assert len(await connection.fetch("select 1 from passkey")) == 1


async def test_with_a_person_their_passkeys_go(passkeys: PostgresPasskeys, app_pool: Pool) -> None:
    held = passkey()
    await passkeys.add(held)
    async with transaction(app_pool) as connection:
        await connection.execute("delete from person where person_id = $1", DANA)
    assert await passkeys.shown(held.credential_id) is None


async def test_a_challenge_is_taken_once_for_what_it_was_made_for(redis: Redis) -> None:
    challenges = RedisPasskeyChallenges(redis)
    asked = Challenge(Ceremony.ADD, "a question", DANA)
    secret = await challenges.open(asked)
    assert await challenges.take(secret, Ceremony.ADD, DANA) == asked
    with pytest.raises(Unauthenticated, match="used"):
        await challenges.take(secret, Ceremony.ADD, DANA)
    with pytest.raises(Unauthenticated, match="used"):
        await challenges.take("", Ceremony.ADD, DANA)


@pytest.mark.parametrize(
    ("ceremony", "person_id"),
    [(Ceremony.SECOND_FACTOR, DANA), (Ceremony.SIGN_IN, None), (Ceremony.ADD, SAM)],
)
async def test_a_challenge_serves_nothing_and_nobody_else(
    redis: Redis, ceremony: Ceremony, person_id: UUID | None
) -> None:
    challenges = RedisPasskeyChallenges(redis)
    secret = await challenges.open(Challenge(Ceremony.ADD, "a question", DANA))
    with pytest.raises(Unauthenticated, match="something else"):
        await challenges.take(secret, ceremony, person_id)
    with pytest.raises(Unauthenticated, match="used"):
        await challenges.take(secret, Ceremony.ADD, DANA)


async def test_a_challenge_is_over_after_five_minutes(redis: Redis) -> None:
    secret = await RedisPasskeyChallenges(redis).open(Challenge(Ceremony.SIGN_IN, "q", None))
    left_s = await redis.ttl(key(PUBLIC, "passkey", digest_of(secret)))
    assert WITHIN_S - 5 <= left_s <= WITHIN_S == 300
