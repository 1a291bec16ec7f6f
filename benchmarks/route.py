"""A route under Ray Serve, as the hub runs Serve, against the same FastAPI app on uvicorn.

Two Ray heads run side by side: the hub's, with HAProxy and the throughput mode, and one as Ray
comes by default. The route does nothing, so that what is compared is the way to it.
"""

import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.harness import Comparison, Side, compare, of_package
from benchmarks.route_app import ANSWER
from cluster.servers.applications import ServeClient
from cluster.servers.ports import LOOPBACK, PortBook
from cluster.servers.process import Launch, end, hub_environment, leftovers, spawn, stop
from cluster.servers.ray_head import RayHead, plan_ray

CONNECTIONS = 32
READY_WITHIN_S = 150.0

_HOMES = ("uvicorn", "ours", "default")
_ROUTES = {"direct": "/direct", "hop": "/hop"}


class Asking(asyncio.Protocol):
    """One connection that asks again as soon as it is answered, until nothing is left to ask."""

    def __init__(self, request: bytes, left: list[int], done: "asyncio.Future[None]") -> None:
        self._request = request
        self._left = left
        self._done = done
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, _, body = self._answer.partition(b"\r\n\r\n")
        if not body.endswith(b"}"):
            return
        assert head.startswith(b"HTTP/1.1 200"), self._answer
        self._answer = b""
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionError("closed before all was answered"))

    def _ask(self) -> None:
        if self._left[0] > 0:
            self._left[0] -= 1
            self._transport.write(self._request)
        elif not self._done.done():
            self._done.set_result(None)
            self._transport.close()


def run(*, short: bool) -> list[Comparison]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mch")))
        for home in _HOMES:
            (folder / home).mkdir()
        try:
            return _compare(runner, runner.run(_open(stack, folder)), short=short)
        finally:
            runner.run(stack.aclose())


def _compare(runner: asyncio.Runner, urls: dict[str, str], *, short: bool) -> list[Comparison]:
    requests, rounds = (1_500, 5) if short else (4_000, 7)

    def side(name: str, package: str, *, share: int = 1) -> Side:
        work = lambda: runner.run(ask_all(urls[name], requests // share))  # noqa: E731
        return Side(f"{name}, {requests // share} requests", of_package(package), work)

    uvicorn, default = side("uvicorn", "uvicorn"), side("default Serve", "ray")
    for url in urls.values():
        runner.run(ask_all(url, 300))
    return [
        compare("route under Serve", side("direct", "ray"), uvicorn, goal=0.4, rounds=rounds),
        compare("route under Serve, one hop", side("hop", "ray"), uvicorn, goal=0.2, rounds=rounds),
        compare(
            "route under Serve, of its default", side("direct", "ray"), default, goal=5, rounds=3
        ),
    ]


async def ask_all(url: str, requests: int, *lines: str) -> None:
    """All requests, over keep-alive connections that never wait for each other.

    `lines` are headers beside `Host`.
    """
    at, loop = urlsplit(url), asyncio.get_running_loop()
    assert at.hostname
    assert at.port
    told = (f"GET {at.path} HTTP/1.1", f"Host: {at.netloc}", *lines, "")
    request = "".join(f"{line}\r\n" for line in told).encode()
    left = [requests]
    done = [loop.create_future() for _ in range(CONNECTIONS)]
    for each in done:
        await loop.create_connection(
            lambda each=each: Asking(request, left, each),  # type: ignore[misc]
            at.hostname,
            at.port,
        )
    await asyncio.gather(*done)


async def _open(stack: AsyncExitStack, folder: Path) -> dict[str, str]:
    """The URL of each side, up and answering alike. `folder` holds a home for each."""
    uvicorn = await stack.enter_async_context(_uvicorn(folder / "uvicorn"))
    ours = await stack.enter_async_context(_serve(folder / "ours", is_default=False))
    default = await stack.enter_async_context(_serve(folder / "default", is_default=True))
    urls = {
        "uvicorn": f"{uvicorn}/ping",
        "direct": f"{ours}{_ROUTES['direct']}/ping",
        "hop": f"{ours}{_ROUTES['hop']}/ping",
        "default Serve": f"{default}{_ROUTES['direct']}/ping",
    }
    for url in urls.values():
        await _until_it_answers(url)
    return urls


@asynccontextmanager
async def _uvicorn(home: Path) -> AsyncIterator[str]:
    port = PortBook(home / "ports.json").take("uvicorn")
    options = (f"--host={LOOPBACK}", f"--port={port}", "--no-access-log", "--loop=uvloop")
    launch = Launch(
        argv=(
            *(sys.executable, "-m", "uvicorn", "benchmarks.route_app:build", "--factory"),
            *(*options, "--http=httptools", "--log-level=warning"),
        ),
        cwd=Path(__file__).parents[1],
        env=hub_environment(home),
    )
    async with _running(launch, home):
        yield f"http://{LOOPBACK}:{port}"


@asynccontextmanager
async def _serve(home: Path, *, is_default: bool) -> AsyncIterator[str]:
    ports = PortBook(home / "ports.json")
    head: RayHead = plan_ray(home, ports, None)
    if is_default:
        head = replace(head, proxy={"RAY_SERVE_ENABLE_HA_PROXY": "0"})
    port = ports.take("http")
    async with _running(head.prepare(), home):
        await _until_it_answers(f"{head.dashboard}/api/gcs_healthz")
        serve = ServeClient(head.dashboard)
        await serve.deploy(_config(port))
        await serve.close()
        yield f"http://{LOOPBACK}:{port}"


def _config(port: int) -> dict[str, object]:
    return {
        "proxy_location": "EveryNode",
        "http_options": {"host": LOOPBACK, "port": port},
        "applications": [
            {"name": name, "route_prefix": prefix, "import_path": f"benchmarks.route_app:{name}"}
            for name, prefix in _ROUTES.items()
        ],
    }


@asynccontextmanager
async def _running(launch: Launch, home: Path) -> AsyncIterator[None]:
    process = await spawn(launch, home, home / "log")
    try:
        yield
    finally:
        await stop(process, signal.SIGTERM, within_s=15.0)
        await asyncio.to_thread(end, leftovers(home), within_s=5.0)


async def _until_it_answers(url: str) -> None:
    """And if it is the route, alike. Raises `TimeoutError` with what it said last."""
    told = "nothing"
    async with httpx.AsyncClient(timeout=5.0, trust_env=False) as client:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not (answer := await _answer(client, url)).is_success:
                    told = f"{answer.status_code} {answer.text[:200]}"
                    await asyncio.sleep(0.5)
        except TimeoutError as error:
            raise TimeoutError(f"{url} answered {told}") from error
        assert not url.endswith("/ping") or answer.json() == ANSWER


async def _answer(client: httpx.AsyncClient, url: str) -> httpx.Response:
    """503 where nobody listens yet."""
    try:
        return await client.get(url)
    except httpx.HTTPError as error:
        return httpx.Response(503, text=repr(error))
