"""What authentication, authorisation and limits cost on a route that does nothing.

The same route on uvicorn three times: alone, behind our gateway, and behind slowapi (moving windows
in the same Redis) and PyJWT. Also counted: round trips to Redis, as the server saw them.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
from redis.asyncio import Redis

from benchmarks.gateway_app import ANSWER, token
from benchmarks.harness import Comparison, Side, compare, compare_figures, of_package
from benchmarks.route import ask_all
from cluster.servers.ports import LOOPBACK, PortBook
from cluster.servers.process import Launch, hub_environment, spawn, stop
from cluster.servers.valkey import Valkey

PASSWORD = "benchmark"  # noqa: S105 - of a server that lives for minutes, on loopback
READY_WITHIN_S = 60.0
LONGEST_S = 3_600

_SIDES = ("bare", "ours", "peer")
_COUNTED = 500


def run(*, short: bool) -> list[Comparison]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mch")))
        try:
            urls, redis = runner.run(_open(stack, folder))
            return _compare(runner, urls, redis, short=short)
        finally:
            runner.run(stack.aclose())


def _compare(
    runner: asyncio.Runner, urls: dict[str, str], redis: Redis, *, short: bool
) -> list[Comparison]:
    requests, rounds = (1_500, 5) if short else (5_000, 9)
    names = {
        "bare": ("route alone", "fastapi"),
        "ours": ("gateway", "joserfc"),
        "peer": ("slowapi and PyJWT", "slowapi"),
    }

    def side(name: str) -> Side:
        told, package = names[name]
        return Side(
            f"{told}, {requests} requests",
            of_package(package),
            lambda: runner.run(_ask(urls[name], requests)),
        )

    for url in urls.values():
        runner.run(_ask(url, 500))
    trips = {name: [runner.run(_trips(redis, urls[name]))] for name in ("ours", "peer")}
    return [
        compare("gateway", side("ours"), side("peer"), goal=1.2, rounds=rounds),
        compare("gateway, of the route alone", side("ours"), side("bare"), goal=0.3, rounds=rounds),
        compare_figures(
            "gateway, round trips to Redis",
            ("gateway", trips["ours"]),
            (f"slowapi {of_package('slowapi')}", trips["peer"]),
            goal=1.0,
            unit="a request",
        ),
    ]


async def _trips(redis: Redis, url: str) -> float:
    """How often the server read from a connection for each request; what scripts call it does
    not read. The one look besides is our own.
    """
    before = await _read(redis)
    await _ask(url, _COUNTED)
    return (await _read(redis) - before - 1) / _COUNTED


async def _read(redis: Redis) -> int:
    return int((await redis.info("stats"))["total_reads_processed"])


async def _ask(url: str, requests: int) -> None:
    """All with one bearer token."""
    bearer = token(time.time() // LONGEST_S * LONGEST_S + 2 * LONGEST_S)
    await ask_all(url, requests, f"Authorization: Bearer {bearer}")


async def _open(stack: AsyncExitStack, folder: Path) -> tuple[dict[str, str], Redis]:
    """The URL of each side, up and answering alike, and the Redis that both count in."""
    ports = PortBook(folder / "ports.json")
    valkey = Valkey(folder / "redis", ports.take("redis"), PASSWORD)
    await stack.enter_async_context(_running(valkey.prepare(), folder))
    redis = Redis(host=LOOPBACK, port=valkey.port, password=PASSWORD, decode_responses=True)
    await stack.enter_async_context(redis)
    urls = {}
    for name in _SIDES:
        port = ports.take(name)
        launch = _uvicorn(folder, name, port, valkey.port)
        await stack.enter_async_context(_running(launch, folder))
        urls[name] = f"http://{LOOPBACK}:{port}/ping"
    for name, url in urls.items():
        await _until_it_answers(url, is_guarded=name != "bare")
    return urls, redis


def _uvicorn(home: Path, name: str, port: int, redis_port: int) -> Launch:
    options = (f"--host={LOOPBACK}", f"--port={port}", "--no-access-log", "--loop=uvloop")
    redis = {"MCH_REDIS__PORT": str(redis_port), "MCH_REDIS__PASSWORD": PASSWORD}
    return Launch(
        argv=(
            *(sys.executable, "-m", "uvicorn", f"benchmarks.gateway_app:{name}", "--factory"),
            *(*options, "--http=httptools", "--log-level=warning"),
        ),
        cwd=Path(__file__).parents[1],
        env=hub_environment(home) | redis,
    )


@asynccontextmanager
async def _running(launch: Launch, home: Path) -> AsyncIterator[None]:
    process = await spawn(launch, home, home / "log")
    try:
        yield
    finally:
        await stop(process, launch.stop_signal, within_s=5.0)


async def _until_it_answers(url: str, *, is_guarded: bool) -> None:
    """Alike: the same answer with the token, and a refusal without where there is a guard."""
    headers = {"authorization": f"Bearer {token(time.time() + LONGEST_S)}"}
    async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
        async with asyncio.timeout(READY_WITHIN_S):
            while True:
                try:
                    answer = await client.get(url, headers=headers)
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.3)
        assert answer.json() == ANSWER
        refused = await client.get(url)
        assert refused.is_success != is_guarded
        assert not is_guarded or re.search("limit", " ".join(answer.headers), re.IGNORECASE)
