"""From servers that run to a hub that answers: stores prepared, applications deployed, watched."""

import asyncio
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from cluster.servers.applications import Application, ServeClient
from cluster.servers.parts import PartsBoard, State
from cluster.servers.ports import LOOPBACK
from cluster.servers.process import HUB_MARK, hub_environment
from cluster.servers.supervisor import Supervisor
from cluster.settings import Settings

logger = logging.getLogger(__name__)

HUB = "hub"
"""The part that is up once everything has come up: not before may people be told so."""

PREPARED = "waits for the applications"
"""The hub's detail once the stores can be used."""

STORES = ("postgres", "redis", "kafka", "clickhouse", "s3")
_LOOK_EVERY_S = 1.0
_LOOK_EVERY_IDLE_S = 5.0
_AGAIN_AFTER_S = 1.0


class Deployment:
    """Deploys when Ray is new, tells the board how each application fares."""

    def __init__(
        self, settings: Settings, serve: ServeClient, config: dict[str, Any], board: PartsBoard
    ) -> None:
        self._settings = settings
        self._serve = serve
        self._config = config
        self._board = board
        self._applications: list[dict[str, Any]] = config["applications"]
        self._names = [application["name"] for application in self._applications]

    async def run(self, supervisor: Supervisor) -> None:
        """Until cancelled."""
        for name in self._names:
            self._board.note(name, State.STARTING, detail="waits for the stores")
        await supervisor.up(*STORES)
        await self._prepare_stores()
        self._board.note(HUB, State.STARTING, detail=PREPARED)
        while True:
            await supervisor.up("ray")
            try:
                await self._look()
            except (httpx.HTTPError, ValueError) as error:
                self._note_all(State.DEGRADED, f"Serve does not answer: {error!r}")
            await asyncio.sleep(_LOOK_EVERY_IDLE_S if self._is_up() else _LOOK_EVERY_S)

    async def _prepare_stores(self) -> None:
        self._board.note(HUB, State.STARTING, detail="prepares the stores")
        while True:
            try:
                return await _prepare(self._settings.home)
            except (RuntimeError, OSError) as error:
                logger.warning("the stores are not prepared: %s", error)
                detail = f"the stores are not prepared: {error}"
                self._board.note(HUB, State.DEGRADED, detail=detail)
            await asyncio.sleep(_AGAIN_AFTER_S)

    async def _look(self) -> None:
        found = await self._serve.applications()
        if not set(self._names) <= set(found):
            return await self._deploy(found)
        for name in self._names:
            self._board.note(name, _state(found[name]), detail=found[name].message)
        await self._tell_whether_ready(found)
        return None

    async def _deploy(self, found: Mapping[str, Application]) -> None:
        """The first application alone, which shows the pages, and once it has come up the others.

        On few processors it would else come up last, behind models that take long to load.
        """
        first = found.get(self._names[0])
        if first is None:
            await self._serve.deploy(self._config | {"applications": self._applications[:1]})
            self._note_all(State.STARTING, "is deployed next")
        elif first.runs or first.failed:
            await self._serve.deploy(self._config)
            self._note_all(State.STARTING, "is deployed")

    async def _tell_whether_ready(self, found: Mapping[str, Application]) -> None:
        failed = [found[name] for name in self._names if found[name].failed]
        if failed:
            reasons = "; ".join(f"{each.name}: {each.message or each.status}" for each in failed)
            self._board.note(HUB, State.DEGRADED, detail=reasons)
        elif all(found[name].runs for name in self._names) and await self._answers():
            self._board.note(HUB, State.UP, detail=self.address)
        elif not self._is_up():
            self._board.note(HUB, State.STARTING, detail=PREPARED)

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._settings.port}"

    async def _answers(self) -> bool:
        """Through the proxy, as people will ask."""
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            try:
                return (await client.get(f"{self.address}/health/live")).is_success
            except httpx.HTTPError:
                return False

    def _is_up(self) -> bool:
        return self._board[HUB].state == State.UP

    def _note_all(self, state: State, detail: str) -> None:
        for name in self._names:
            self._board.note(name, state, detail=detail)


async def _prepare(home: Path) -> None:
    """In a process of its own: the clients of all stores would stay in this one's memory."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cluster.servers.preparation"),
        env={**hub_environment(home), HUB_MARK: str(home)},
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, told = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = told.decode(errors="replace").strip().splitlines()
        raise RuntimeError(lines[-1] if lines else f"exit code {process.returncode}")


def _state(application: Application) -> State:
    if application.runs:
        return State.UP
    return State.DOWN if application.failed else State.STARTING
