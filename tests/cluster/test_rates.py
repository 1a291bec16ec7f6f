"""Whoever counts: exactly as many requests pass as a limit says, in every window."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cluster.stores.rates import PATIENCE_S, MemoryRates, Rates, RedisRates, Shown
from cluster.stores.redis import foreseeing, key, open_redis
from domain.access import PUBLIC
from domain.errors import Unavailable
from domain.limits import Asker, Limit, Per
from tests.valkey import LocalValkey


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalValkey]:
    server = LocalValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["memory", "redis"])
async def rates(request: pytest.FixtureRequest) -> AsyncIterator[Rates]:
    if request.param == "memory":
        yield MemoryRates()
        return
    valkey: LocalValkey = request.getfixturevalue("valkey")
    async with open_redis(valkey.settings) as client:
        yield RedisRates(client)


def _limit(per: Per, quota: int, window_s: int = 60) -> Limit:
    return Limit(f"l{uuid4().hex}", per, quota, window_s)


def _asker() -> Asker:
    return Asker(uuid4().hex, uuid4(), "clerk")


async def _passes(rates: Rates, limits: list[Limit], asker: Asker, times: int) -> list[bool]:
    return [(await rates.count(limits, asker)).verdict.passes for _ in range(times)]


async def test_as_many_pass_as_the_quota_says(rates: Rates) -> None:
    asker = _asker()
    assert await _passes(rates, [_limit(Per.USER, 3)], asker, 5) == [True] * 3 + [False] * 2


async def test_each_is_counted_alone(rates: Rates) -> None:
    limit = _limit(Per.USER, 1)
    assert await _passes(rates, [limit], _asker(), 1) == [True]
    assert await _passes(rates, [limit], _asker(), 2) == [True, False]


async def test_a_tenant_shares_its_limit(rates: Rates) -> None:
    limit, tenant = _limit(Per.TENANT, 2), uuid4()
    askers = [Asker("a", tenant, user) for user in ("one", "two", "three")]
    told = [(await rates.count([limit], asker)).verdict.passes for asker in askers]
    assert told == [True, True, False]


async def test_what_one_limit_refuses_costs_nothing_of_another(rates: Rates) -> None:
    narrow, wide, asker = _limit(Per.USER, 1), _limit(Per.TENANT, 3), _asker()
    await _passes(rates, [narrow, wide], asker, 5)
    verdict = (await rates.count([wide], asker)).verdict
    assert [each.left for each in verdict.standings] == [1]


async def test_it_tells_what_is_left_and_when_to_come_back(rates: Rates) -> None:
    limit, asker = _limit(Per.USER, 2, window_s=7), _asker()
    first = (await rates.count([limit], asker)).verdict
    assert [(each.limit, each.left, each.reset_s) for each in first.standings] == [(limit, 1, 7)]
    await rates.count([limit], asker)
    refused = (await rates.count([limit], asker)).verdict
    assert (refused.passes, refused.standings[0].left) == (False, 0)
    assert 6 <= refused.retry_after_s <= 7


async def test_the_window_slides(rates: Rates) -> None:
    """No clock's minute begins anew: what passed a second ago is what makes room."""
    limit, asker = _limit(Per.USER, 2, window_s=1), _asker()
    began = time.monotonic()
    assert await _passes(rates, [limit], asker, 1) == [True]
    await asyncio.sleep(0.6)
    assert await _passes(rates, [limit], asker, 2) == [True, False]
    await asyncio.sleep(max(0.0, began + 1.1 - time.monotonic()))
    assert await _passes(rates, [limit], asker, 2) == [True, False]


async def test_without_limits_everything_passes(rates: Rates) -> None:
    counted = await rates.count([], _asker())
    assert (counted.verdict.passes, counted.verdict.standings) == (True, ())


async def test_a_record_is_read_in_the_same_look_and_says_who_is_counted(
    valkey: LocalValkey,
) -> None:
    tenant, name = uuid4(), key(PUBLIC, "session", uuid4().hex)
    record = json.dumps({"tenant_id": str(tenant), "person_id": "clerk"}).encode()
    limits = [_limit(Per.USER, 2), _limit(Per.ADDRESS, 9)]
    stranger = Asker(uuid4().hex)
    async with open_redis(valkey.settings) as client:
        await client.set(name, record)
        rates = RedisRates(client)
        counted = await rates.count(limits, stranger, Shown(name))
        assert counted.record == record
        assert [each.limit for each in counted.verdict.standings] == limits[:1]
        known = (await rates.count(limits, Asker("else", tenant, "clerk"))).verdict
        assert known.standings[0].left == 0, "the same user, found in two ways"


async def test_who_shows_a_record_that_is_none_is_counted_by_address(valkey: LocalValkey) -> None:
    limits = [_limit(Per.USER, 2), _limit(Per.ADDRESS, 1)]
    stranger, missing = Asker(uuid4().hex), key(PUBLIC, "session", uuid4().hex)
    async with open_redis(valkey.settings) as client:
        rates = RedisRates(client)
        told = [await rates.count(limits, stranger, Shown(missing)) for _ in range(2)]
    assert [(each.record, each.verdict.passes) for each in told] == [(None, True), (None, False)]


@pytest.mark.parametrize("digest", ["wrong", ""])
async def test_a_key_counts_for_its_company_only_when_it_is_proved(
    valkey: LocalValkey, digest: str
) -> None:
    name = key(PUBLIC, "api_key", uuid4().hex)
    record = json.dumps({"tenant_id": str(uuid4()), "digest": "right"}).encode()
    limits = [_limit(Per.TENANT, 9), _limit(Per.ADDRESS, 9)]
    async with open_redis(valkey.settings) as client:
        await client.set(name, record)
        rates = RedisRates(client)
        forged = await rates.count(limits, Asker("a"), Shown(name, "key:1", digest))
        proved = await rates.count(limits, Asker("a"), Shown(name, "key:1", "right"))
    assert [each.limit for each in forged.verdict.standings] == limits[1:]
    assert [each.limit for each in proved.verdict.standings] == limits[:1]


async def test_who_belongs_to_no_company_is_counted_alone(valkey: LocalValkey) -> None:
    limit = _limit(Per.TENANT, 1)
    async with open_redis(valkey.settings) as client:
        rates = RedisRates(client)
        for person in (uuid4().hex, uuid4().hex):
            name = key(PUBLIC, "session", uuid4().hex)
            await client.set(name, json.dumps({"tenant_id": None, "person_id": person}))
            told = [(await rates.count([limit], Asker("a"), Shown(name))) for _ in range(2)]
            assert [each.verdict.passes for each in told] == [True, False]


async def test_it_costs_one_command(valkey: LocalValkey) -> None:
    limits = [_limit(Per.USER, 9), _limit(Per.TENANT, 9)]
    async with open_redis(valkey.settings) as client:
        rates = RedisRates(client)
        await rates.count(limits, _asker())
        before = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
        commands = (await client.info("stats"))["total_commands_processed"]
        await rates.count(limits, _asker())
        after = await client.info("commandstats")
        assert after["cmdstat_evalsha"]["calls"] == before + 1
        assert "cmdstat_multi" not in after
        assert (await client.info("stats"))["total_commands_processed"] > commands


async def test_a_log_holds_no_more_than_the_quota_and_ends_with_its_window(
    valkey: LocalValkey,
) -> None:
    limit, asker = _limit(Per.USER, 3, window_s=60), _asker()
    async with open_redis(valkey.settings) as client:
        rates = RedisRates(client)
        await _passes(rates, [limit], asker, 10)
        log = key(PUBLIC, "rate", f"{limit.name}:{asker.named(Per.USER)}")
        assert await client.llen(log) == 3
        assert 0 < await client.pttl(log) <= 60_000


@pytest.mark.parametrize("how", ["stop", "freeze"])
async def test_an_outage_is_told_at_once(tmp_path: Path, how: str) -> None:
    valkey = LocalValkey(tmp_path)
    valkey.start()
    try:
        async with open_redis(valkey.settings) as client:
            rates = RedisRates(client)
            await rates.count([_limit(Per.USER, 1)], Asker("a", UUID(int=1), "clerk"))
            getattr(valkey, how)()
            began = time.monotonic()
            with pytest.raises(Unavailable, match="redis"):
                await rates.count([_limit(Per.USER, 1)], Asker("a", UUID(int=1), "clerk"))
            assert time.monotonic() - began < PATIENCE_S + 2
    finally:
        valkey.thaw() if how == "freeze" else None
        valkey.stop()


async def test_what_was_read_while_counting_is_not_asked_for_again(valkey: LocalValkey) -> None:
    name = key(PUBLIC, "session", uuid4().hex)
    async with open_redis(valkey.settings) as client:
        await client.set(name, b"now")
        with foreseeing(name, b"before"):
            assert [await client.get(name) for _ in range(2)] == [b"before", b"now"]
        with foreseeing(name, None):
            assert [await client.get(name) for _ in range(2)] == [None, b"now"]
        with foreseeing(name, b"before"):
            pass
        assert await client.get(name) == b"now"
