"""A real hub in a home of its own, its processes by name, and how to tell that a part is back."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import httpx
import psutil
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cluster.home import Home
from cluster.servers.process import HUB_MARK, descendants
from tests.faults.audit import Auditor

CHECKOUT = Path(__file__).parents[2]
UP_WITHIN_S = 420.0
BACK_WITHIN_S = 180.0
GOAL_S = 10.0
_LOOK_EVERY_S = 0.1
_IN_5_S = aiohttp.ClientWSTimeout(ws_close=5.0)
_AWAY = (
    OSError,
    TimeoutError,
    TypeError,  # aiohttp's, of a socket that closed instead of speaking.
    aiohttp.ClientError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    httpx.HTTPError,
    KafkaError,
    RedisError,
    json.JSONDecodeError,
)

IsBack = Callable[[], Awaitable[bool]]


@dataclass
class Recovery:
    """How long a part was away. None: it never came back."""

    victim: str
    fault: str
    seconds: float | None


@dataclass
class Hub:
    """`mch up` and `mch down` as people run them; everything else looks from outside."""

    home: Path
    recoveries: list[Recovery] = field(default_factory=list)

    @property
    def audit(self) -> Auditor:
        return Auditor(self.home)

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "MCH_HOME": str(self.home),
            "MCH_SAM_GOV__SANDBOX_NOTICES": "20",
            "MCH_SAM_GOV__SANDBOX_NEW_EVERY_S": "3600",
            "PYTHONPATH": str(CHECKOUT),
        }

    def mch(self, *arguments: str, within_s: float = UP_WITHIN_S) -> str:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "deployments.cli", *arguments],
            cwd=CHECKOUT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        assert done.returncode == 0, f"mch {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def up(self) -> None:
        """A machine that is busy with other things may need a second call."""
        try:
            self.mch("up")
        except AssertionError:
            self.mch("up")

    def processes(self, title: str = "") -> list[psutil.Process]:
        """Those of this hub, or those of them whose first word starts so.

        Ray's workers write their titles over their environment: they are told by their parents.
        """
        marked = [each for each in psutil.process_iter() if _mark(each) == str(self.home)]
        found = {each for process in marked for each in (process, *descendants(process.pid))}
        return [each for each in found if _title(each).startswith(title) and is_alive(each)]

    def server(self, name: str) -> int:
        """The process id that the supervisor tells of one of its servers."""
        parts = json.loads(Home(self.home).parts_file.read_text())
        return int(parts[name]["pid"])

    async def posts(self) -> dict[str, dict[str, Any]]:
        """What each post said of itself, with `at_s`, how long ago."""
        statement = "select name, status, extract(epoch from now() - status_at) from post"
        async with self.audit.postgres() as connection:
            rows = await connection.fetch(statement)
        return {name: {**json.loads(told or "{}"), "at_s": at_s} for name, told, at_s in rows}

    async def serve(self) -> dict[str, Any]:
        """Ray Serve's own account, by its REST interface."""
        dashboard = self.audit.servers["ray"]["dashboard"]
        found: dict[str, Any] = (await _get(f"{dashboard}/api/serve/applications/")).json()
        return found

    async def replica(self, application: str) -> int | None:
        """The process that runs the application's one replica, once it runs."""
        deployments = (await self.serve())["applications"][application]["deployments"]
        replicas = deployments[application]["replicas"]
        running = [replica["pid"] for replica in replicas if replica["state"] == "RUNNING"]
        return running[0] if len(running) == 1 else None

    async def strike(
        self, victim: str, fault: str, do: Callable[[], object], is_back: IsBack
    ) -> None:
        """Do it, and note how long it takes until the part is back. Fails where it stays away."""
        do()
        began = time.monotonic()
        recovery = Recovery(victim, fault, None)
        self.recoveries.append(recovery)
        while not await holds(is_back):
            assert time.monotonic() - began < BACK_WITHIN_S, f"{victim} stays away after {fault}"
            await asyncio.sleep(_LOOK_EVERY_S)
        recovery.seconds = time.monotonic() - began

    async def kill(self, victim: str, pid: int, is_back: IsBack) -> None:
        await self.strike(victim, "kill -9", lambda: os.kill(pid, signal.SIGKILL), is_back)

    async def is_ready(self) -> bool:
        """Every way in answers, and every post works."""
        if not all([await self.answers(part) for part in ANSWERS]):
            return False
        posts = (await self.posts()).values()
        return bool(posts) and all(post.get("state") == "up" and post["at_s"] < 8 for post in posts)

    async def answers(self, part: str) -> bool:
        """As a client of it would find out."""
        return await asyncio.wait_for(ANSWERS[part](self), 10.0)

    async def until_ready(self) -> None:
        async with asyncio.timeout(BACK_WITHIN_S):
            while not await holds(self.is_ready):
                await asyncio.sleep(0.5)


async def _postgres(hub: Hub) -> bool:
    async with hub.audit.postgres() as connection:
        return bool(await connection.fetchval("select true"))


async def _redis(hub: Hub) -> bool:
    async with Redis(**hub.audit.servers["redis"], socket_timeout=2.0) as client:
        return bool(await client.ping())


async def _s3(hub: Hub) -> bool:
    return (await _get(hub.audit.servers["s3"]["endpoint"])).status_code < 500


async def _kafka(hub: Hub) -> bool:
    client = AIOKafkaClient(
        bootstrap_servers=hub.audit.servers["kafka"]["brokers"], request_timeout_ms=2_000
    )
    try:
        await client.bootstrap()
    finally:
        await client.close()
    return True


async def _clickhouse(hub: Hub) -> bool:
    return bool(await hub.audit.clickhouse("select 1 format JSONEachRow"))


async def _sam_gov(hub: Hub) -> bool:
    return (await _get(f"{hub.audit.servers['sam_gov']['base_url']}/health")).is_success


async def _app(hub: Hub) -> bool:
    return (await _get(f"http://127.0.0.1:{hub.audit.servers['port']}/health/live")).is_success


async def _ai(hub: Hub) -> bool:
    address = f"http://127.0.0.1:{hub.audit.servers['port']}/ai/v1/embeddings"
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
        return (await client.post(address, json={"texts": ["gloves"]})).is_success


async def _realtime(hub: Hub) -> bool:
    """Opens a session of Engine.IO."""
    address = f"http://127.0.0.1:{hub.audit.servers['port']}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as client, client.ws_connect(address, timeout=_IN_5_S) as it:
        return (await it.receive_str(timeout=5.0)).startswith("0{")


ANSWERS: dict[str, Callable[[Hub], Awaitable[bool]]] = {
    "postgres": _postgres,
    "redis": _redis,
    "s3": _s3,
    "kafka": _kafka,
    "clickhouse": _clickhouse,
    "sam_gov": _sam_gov,
    "app": _app,
    "ai": _ai,
    "realtime": _realtime,
}
SERVERS = ("postgres", "redis", "s3", "kafka", "clickhouse", "sam_gov")
STORES = SERVERS[:-1]
REPLICAS = ("app", "ai", "realtime")


async def _get(address: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=3.0) as client:
        return await client.get(address)


async def holds(is_so: IsBack) -> bool:
    """No, too, while what would tell is away."""
    try:
        return await is_so()
    except (*_AWAY, KeyError):
        return False


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(HUB_MARK)
    except (psutil.Error, OSError):
        return None


def _title(process: psutil.Process) -> str:
    try:
        words = process.cmdline()
    except psutil.Error:
        return ""
    return Path(words[0]).name if words and not words[0].startswith("ray::") else "".join(words[:1])
