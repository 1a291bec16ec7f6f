"""Every process of a real hub is killed, stopped or cancelled while notices are imported.

A writer outside keeps the list of what was accepted; an auditor outside compares the stores with
it. With `FAULTS=nightly` stores are cut for longer, and all of Ray's own processes are killed.
"""

import asyncio
import csv
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import httpx
import psutil
import pytest

from cluster.home import Home
from cluster.servers.lock import HomeLock
from cluster.settings import Settings
from tests.faults.hub import REPLICAS, SERVERS, Hub, IsBack, Recovery, is_alive
from tests.faults.small import post
from tests.faults.verdict import damage
from tests.faults.writer import Ledger, accept, writing

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

HOSTS = {
    "relay_events": "relay_events",
    "sync_notices": "sync_notices",
    "embed_opportunities": "embed_opportunities",
    "light posts": "write_analytics",
}
"""A post of each host."""

STOPPED_S = 8.0
"""More than the relay's lease lasts, less than a host may be silent."""

IS_NIGHTLY = os.environ.get("FAULTS") == "nightly"
CUT_S = 30.0 if IS_NIGHTLY else 10.0
CUT_TOGETHER = (("postgres",), ("kafka", "redis"), ("s3", "clickhouse"))
WHOLE_WITHIN_S = 400.0


async def assert_sound(hub: Hub, ledger: Ledger) -> None:
    """Nothing is doubled, out of order or set aside. The last test awaits what is still to come."""
    await hub.until_ready()
    found = await hub.audit.find(is_done=False)
    assert not damage(found, ledger.accepted | await sample(hub))


async def sample(hub: Hub) -> set[str]:
    """What the sandbox holds, and the hub imported at its first start."""
    address = f"{hub.audit.servers['sam_gov']['base_url']}/ContractOpportunitiesFullCSV.csv"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(address)
    return {row["NoticeId"] for row in csv.DictReader(answer.text.splitlines(keepends=True))}


def elsewhere(hub: Hub, name: str, old: int) -> IsBack:
    """The post works in another process than the old one."""

    async def is_back() -> bool:
        told = (await hub.posts())[name]
        return told.get("pid") != old and told.get("state") == "up"

    return is_back


def replaced(hub: Hub, application: str, old: int) -> IsBack:
    async def is_back() -> bool:
        if application in REPLICAS:
            return await hub.answers(application)
        return await hub.replica(application) not in {None, old}

    return is_back


async def test_each_host_of_posts(hub: Hub, ledger: Ledger, settings: Settings) -> None:
    await hub.until_ready()
    async with writing(settings, ledger):
        for host, name in HOSTS.items():
            pid = (await hub.posts())[name]["pid"]
            await hub.kill(host, pid, elsewhere(hub, name, pid))
    await assert_sound(hub, ledger)


async def test_each_replica_of_serve(hub: Hub, ledger: Ledger, settings: Settings) -> None:
    await hub.until_ready()
    async with writing(settings, ledger):
        for application in (*REPLICAS, "posts"):
            pid = await hub.replica(application)
            assert pid
            await hub.kill(f"replica {application}", pid, replaced(hub, application, pid))
    await assert_sound(hub, ledger)


@pytest.mark.parametrize("title", ["haproxy", "ray::HAProxyManager", "ray::ProxyActor"])
async def test_a_proxy(hub: Hub, title: str) -> None:
    await hub.until_ready()
    if not (found := hub.processes(title)):
        pytest.skip(f"this hub has no {title}")
    before = {process.pid for process in found}

    async def is_back() -> bool:
        now = {process.pid for process in hub.processes(title)}
        return bool(now - before) and await hub.answers("app")

    await hub.kill(title, found[0].pid, is_back)


async def test_the_controller_of_serve(hub: Hub, ledger: Ledger, settings: Settings) -> None:
    await hub.until_ready()
    [old] = hub.processes("ray::ServeController")

    async def is_back() -> bool:
        found = [process.pid for process in hub.processes("ray::ServeController")]
        applications = (await hub.serve())["applications"].values()
        runs = [application["status"] == "RUNNING" for application in applications]
        return found not in ([], [old.pid]) and len(runs) == 4 and all(runs)

    async with writing(settings, ledger):
        await hub.kill("controller of Serve", old.pid, is_back)
    await assert_sound(hub, ledger)


async def test_each_embedded_server(hub: Hub, ledger: Ledger, settings: Settings) -> None:
    await hub.until_ready()
    async with writing(settings, ledger):
        for name in SERVERS:
            await hub.kill(name, hub.server(name), partial(hub.answers, name))
    await assert_sound(hub, ledger)


async def test_each_store_is_cut(hub: Hub, ledger: Ledger, settings: Settings) -> None:
    await hub.until_ready()
    async with writing(settings, ledger):
        for names in CUT_TOGETHER:
            pids = [hub.server(name) for name in names]
            _signal(pids, signal.SIGSTOP)
            await asyncio.sleep(CUT_S)
            what, fault = " and ".join(names), f"cut for {CUT_S:g} s"
            await hub.strike(what, fault, partial(go_on, pids), hub.is_ready)
    await assert_sound(hub, ledger)


async def test_each_posts_task_is_cancelled(hub: Hub, ledger: Ledger, settings: Settings) -> None:
    await hub.until_ready()
    names = sorted(await hub.posts())
    async with writing(settings, ledger):
        for name in names:
            hub.mch("posts", "restart", name)
        await asyncio.sleep(3.0)
        await assert_sound(hub, ledger)


async def test_a_relay_stopped_for_longer_than_its_lease_while_another_works(
    hub: Hub, ledger: Ledger, settings: Settings
) -> None:
    await hub.until_ready()
    stale = (await hub.posts())["relay_events"]["pid"]
    async with writing(settings, ledger, pause_s=1.0), post("relay_events", hub.env):
        os.kill(stale, signal.SIGSTOP)
        await asyncio.sleep(STOPPED_S)
        go_on([stale])
        await asyncio.sleep(2.0)
    await assert_sound(hub, ledger)


@pytest.mark.parametrize("title", ["gcs_server", "raylet"] if IS_NIGHTLY else ["gcs_server"])
async def test_rays_head(hub: Hub, ledger: Ledger, settings: Settings, title: str) -> None:
    await hub.until_ready()
    [process] = hub.processes(title)
    told = await hub.posts()
    old = {name: status["pid"] for name, status in told.items()}

    async def is_back() -> bool:
        now = await hub.posts()
        return (
            all(now[name].get("pid") != pid for name, pid in old.items()) and await hub.is_ready()
        )

    async with writing(settings, ledger):
        await hub.kill(f"Ray's {title}", process.pid, is_back)
    await assert_sound(hub, ledger)


async def test_the_supervisor(hub: Hub, ledger: Ledger) -> None:
    await hub.until_ready()
    supervisor = HomeLock(Home(hub.home).lock_file).holder()
    assert supervisor
    before = hub.processes()
    await _up_again(hub, ledger, "supervisor", [psutil.Process(supervisor)])
    assert not [each for each in before if is_alive(each)], "orphans"


async def test_the_whole_group(hub: Hub, ledger: Ledger) -> None:
    await hub.until_ready()
    await _up_again(hub, ledger, "whole group", hub.processes())


async def test_everything_that_was_accepted_is_everywhere_once(hub: Hub, ledger: Ledger) -> None:
    """After all of it, and a slice more, for which each part has to work."""
    await accept(Settings(home=hub.home), ledger, rows=2)
    expected = ledger.accepted | await sample(hub)
    await hub.audit.until_whole(expected, within_s=WHOLE_WITHIN_S)


async def _up_again(
    hub: Hub, ledger: Ledger, victim: str, processes: Sequence[psutil.Process]
) -> None:
    """What nobody is left to restart comes back with `mch up`, with all that was accepted."""
    await accept(Settings(home=hub.home), ledger, rows=10)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    began = time.monotonic()
    await asyncio.to_thread(hub.up)
    await hub.until_ready()
    hub.recoveries.append(Recovery(victim, "kill -9, mch up", time.monotonic() - began))
    await assert_sound(hub, ledger)


def go_on(pids: Sequence[int]) -> None:
    _signal(pids, signal.SIGCONT)


def _signal(pids: Sequence[int], which: signal.Signals) -> None:
    """Those that were stopped for very long may have been replaced."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, which)
