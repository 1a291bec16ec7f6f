"""Starts servers in the order of their needs, watches them, and starts them again."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.home import Home
from cluster.servers.logs import last_line
from cluster.servers.parts import PartsBoard, State
from cluster.servers.process import spawn, stop
from cluster.servers.server import Server

logger = logging.getLogger(__name__)


class ServerFailed(Exception):
    """A server ended, did not come up in time, or stopped answering. Told as the part's detail."""


class ServerHangs(ServerFailed):
    """It runs and does not answer, so it is not expected to end in good order either."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the supervisor waits, all in seconds. Tests are more impatient."""

    first_pause_s: float = 0.2
    longest_pause_s: float = 30.0
    healthy_after_s: float = 60.0
    ask_every_s: float = 5.0
    ask_within_s: float = 5.0
    stop_within_s: float = 20.0
    stop_hung_within_s: float = 2.0
    unanswered_before_kill: int = 3
    failures_before_down: int = 4


class Supervisor:
    """Owns its servers' processes: nothing else starts or stops them."""

    def __init__(
        self,
        home: Home,
        servers: Sequence[Server],
        board: PartsBoard,
        patience: Patience = Patience(),
    ) -> None:
        self._home = home
        self._servers = servers
        self._board = board
        self._patience = patience
        self._up = {server.name: asyncio.Event() for server in servers}

    async def run(self) -> None:
        """Until cancelled. Then servers stop in the reverse order, each waited for."""
        tasks = [asyncio.create_task(self._keep(server)) for server in self._servers]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in reversed(tasks):
                task.cancel()
                await asyncio.wait([task])

    async def up(self, *names: str) -> None:
        """Returns when all of these answer. Names of servers that are not ours count as up."""
        for name in names:
            if name in self._up:
                await self._up[name].wait()

    async def _keep(self, server: Server) -> None:
        failures = 0
        while True:
            await self.up(*server.needs)
            began = time.monotonic()
            try:
                await self._one_life(server)
            except Exception as error:  # noqa: BLE001 - shown on the board, then tried again
                failures = 1 if self._was_healthy(began) else failures + 1
                self._note_failure(server, error, failures)
            finally:
                self._up[server.name].clear()
            await asyncio.sleep(self._pause_s(failures))
            self._board.count_restart(server.name)

    def _was_healthy(self, began: float) -> bool:
        return time.monotonic() - began > self._patience.healthy_after_s

    def _pause_s(self, failures: int) -> float:
        pause_s: float = self._patience.first_pause_s * 2 ** min(failures - 1, 20)
        return min(pause_s, self._patience.longest_pause_s)

    def _note_failure(self, server: Server, error: Exception, failures: int) -> None:
        detail = str(error) or type(error).__name__
        logger.warning("%s failed, %d in a row: %s", server.name, failures, detail)
        crash_loop = failures >= self._patience.failures_before_down
        state = State.DOWN if crash_loop else State.STARTING
        self._board.note(server.name, state, detail=detail)

    async def _one_life(self, server: Server) -> None:
        """From prepared to ended. Raises `ServerFailed`, or what preparing raises."""
        launch = await asyncio.to_thread(server.prepare)
        log = self._home.logs / f"{server.name}.log"
        process = await spawn(launch, self._home.root, log)
        ended = asyncio.create_task(process.wait())
        stop_within_s = self._patience.stop_within_s
        try:
            await _unless_ended(ended, self._become_ready(server), server.ready_within_s)
            self._board.note(server.name, State.UP, pid=process.pid)
            self._up[server.name].set()
            await _unless_ended(ended, self._watch(server, process.pid), None)
        except ServerHangs:
            stop_within_s = self._patience.stop_hung_within_s
            raise
        except ServerFailed as error:
            raise ServerFailed(f"{error}: {last_line(log)}" if ended.done() else error) from error
        finally:
            await stop(process, launch.stop_signal, within_s=stop_within_s)

    async def _become_ready(self, server: Server) -> None:
        pause_s = 0.05
        while (trouble := await self._trouble(server)) is not None:
            if self._board[server.name].state != State.DOWN:
                self._board.note(server.name, State.STARTING, detail=trouble)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 0.5)
        await server.settle()

    async def _watch(self, server: Server, pid: int) -> None:
        """Raises when it goes on without an answer while all that it needs is there."""
        unanswered = 0
        while unanswered < self._patience.unanswered_before_kill:
            await asyncio.sleep(self._patience.ask_every_s)
            trouble = await self._trouble(server)
            if trouble is None:
                unanswered = 0
                self._board.note(server.name, State.UP, pid=pid)
                continue
            self._board.note(server.name, State.DEGRADED, pid=pid, detail=trouble)
            unanswered += all(self._is_well(need) for need in server.needs)
        raise ServerHangs(f"does not answer: {self._board[server.name].detail}")

    def _is_well(self, name: str) -> bool:
        """One that hangs makes those hang that need it: they are not replaced for that."""
        return name not in self._up or self._board[name].state == State.UP

    async def _trouble(self, server: Server) -> str | None:
        try:
            await asyncio.wait_for(server.ask(), self._patience.ask_within_s)
        except TimeoutError:
            return f"no answer within {self._patience.ask_within_s:g} s"
        except Exception as error:  # noqa: BLE001 - each server's client raises its own
            return str(error) or type(error).__name__
        return None


async def _unless_ended(
    ended: "asyncio.Task[int]", doing: Coroutine[Any, Any, None], within_s: float | None
) -> None:
    """Await it, but raise `ServerFailed` as soon as the process ends, or too late."""
    work = asyncio.create_task(doing)
    try:
        await asyncio.wait({ended, work}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        if ended.done():
            raise ServerFailed(f"ended with {ended.result()}")
        raise ServerFailed(f"was not ready within {within_s:g} s")
    finally:
        work.cancel()
