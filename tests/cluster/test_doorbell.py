import asyncio
import time

import pytest

from cluster.stores.doorbell import APPENDED, Doorbell, Ears, open_doorbell, open_ears
from cluster.stores.postgres import Pool, fetch_rows

HANG_UP = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'"


async def test_who_hears_nothing_looks_after_a_while() -> None:
    began = time.monotonic()
    await Ears().wait(0.05)
    assert 0.04 < time.monotonic() - began < 2


async def test_a_ring_before_the_wait_is_not_missed() -> None:
    ears = Ears()
    ears.hear()
    await asyncio.wait_for(ears.wait(60.0), 1.0)


@pytest.mark.stores
async def test_a_ring_is_heard_at_once(app_pool: Pool, relay_pool: Pool) -> None:
    async with open_ears(relay_pool) as ears, open_doorbell(app_pool) as ring:
        await ears.wait(5.0)  # It hears once when it begins to listen.
        await ears.wait(0.2)
        await ring()
        await asyncio.wait_for(ears.wait(60.0), 2.0)


@pytest.mark.stores
async def test_many_rings_become_few(app_pool: Pool, relay_pool: Pool) -> None:
    heard: list[float] = []
    async with open_ears(relay_pool) as ears, open_doorbell(app_pool) as ring:
        await ears.wait(5.0)

        async def count() -> None:
            while True:
                await ears.wait(60.0)
                heard.append(time.monotonic())

        counting = asyncio.create_task(count())
        for _ in range(1_000):
            await ring()
            await asyncio.sleep(0)
        await asyncio.sleep(0.3)
        counting.cancel()
    assert 1 <= len(heard) < 200


@pytest.mark.stores
async def test_ears_listen_again_after_a_cut(
    app_pool: Pool, relay_pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.stores.doorbell._RECONNECT_S", 0.05)
    async with open_ears(relay_pool) as ears, open_doorbell(app_pool) as ring:
        await ears.wait(5.0)
        await fetch_rows(relay_pool, HANG_UP)
        await ears.wait(5.0)
        await asyncio.sleep(0.3)
        await ears.wait(0.1)
        await ring()
        await asyncio.wait_for(ears.wait(60.0), 2.0)


@pytest.mark.stores
async def test_nobody_waits_for_a_doorbell_that_is_out_of_order(app_pool: Pool) -> None:
    doorbell = Doorbell(app_pool, APPENDED)
    await app_pool.close()
    ringing = asyncio.create_task(doorbell.run())
    await doorbell.ring()
    await asyncio.sleep(0.05)
    assert not ringing.done()
    ringing.cancel()
