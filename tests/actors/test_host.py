"""Posts in one process: kept filled, watched, obedient; told of even after an outage."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from actors.health import Health, State
from actors.host import Office, PostHost
from actors.keeper import Patience, Post
from cluster.stores.memory import MemoryEventStore
from cluster.stores.posts import Orders
from domain.access import PUBLIC, Permission
from domain.errors import TooManyDeadLetters, Unavailable
from domain.events import Stream
from domain.flows import EVENT_TYPES
from domain.post import PostReplaced

PATIENT = Patience(look_every_s=0.01, first_pause_s=0.01, longest_pause_s=0.02)


class Probe:
    """Stands at a post as the test says."""

    def __init__(self, run: Callable[["Probe"], Any] | None = None) -> None:
        self._run = run
        self.stopped = asyncio.Event()
        self.openings = 0
        self.closings = 0
        self.heartbeat = time.monotonic()

    async def run(self) -> None:
        if self._run:
            await self._run(self)
        while not self.stopped.is_set():
            self.heartbeat = time.monotonic()
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self.stopped.set()

    def health(self) -> Health:
        return Health("probe", silent_s=time.monotonic() - self.heartbeat)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Probe"]:
        self.openings += 1
        self.stopped.clear()
        self.heartbeat = time.monotonic()
        try:
            yield self
        finally:
            self.closings += 1


class PaperBook:
    """Orders that the test gives, and what posts told."""

    def __init__(self) -> None:
        self.given: dict[str, Orders] = {}
        self.told: dict[str, dict[str, Any]] = {}
        self.before: dict[str, Any] = {}
        self.is_away = False

    async def orders(self, names: Sequence[str]) -> dict[str, Orders]:
        if self.is_away:
            raise Unavailable(service="postgres", reason="away")
        return self.given

    async def told_lately(self, names: Sequence[str], within_s: float) -> dict[str, Any]:
        return self.before

    async def tell(self, statuses: dict[str, dict[str, Any]]) -> None:
        self.told.update(statuses)

    async def want(self, name: str, wanted: Any, reason: str | None = None) -> None:
        self.given[name] = Orders(wanted, reason, self.given.get(name, Orders()).restarts)


class Scene:
    def __init__(self, *probes: Probe, silence_s: float = 10.0) -> None:
        self.book, self.events = PaperBook(), MemoryEventStore(EVENT_TYPES)
        self.gave_up: list[str] = []
        self.lag = 0
        posts = [
            Post(
                "probe" if len(probes) == 1 else f"probe_{n}",
                probe.open,
                Permission.OPERATE,
                silence_s,
            )
            for n, probe in enumerate(probes)
        ]
        self.host = PostHost(posts, "v1", self.open_office, self.gave_up.append, PATIENT)

    @asynccontextmanager
    async def open_office(self) -> AsyncIterator[Office]:
        async def lags() -> dict[str, int]:
            return {"probe": self.lag}

        yield Office(self.book, self.events, lags)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.host.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def replacements(self, post: str = "probe") -> list[tuple[str, str | None]]:
        history = await self.events.load(Stream(PUBLIC, "Post", post))
        return [(e.reason, e.error) for e in history.events if isinstance(e, PostReplaced)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.host.TELL_EVERY_S", 0.02)
    monkeypatch.setattr("actors.host.WATCH_EVERY_S", 0.01)
    monkeypatch.setattr("actors.host.ENDS_WITHIN_S", 0.2)


async def until(reached: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.005)


async def fail_once(probe: Probe) -> None:
    if probe.openings == 1:
        raise ConnectionError("no route")


async def fail(probe: Probe) -> None:
    raise ConnectionError("no route")


async def hang(probe: Probe) -> None:
    if probe.openings == 1:
        await asyncio.Event().wait()


async def test_a_loop_that_ended_is_started_again_and_recorded() -> None:
    probe = Probe(fail_once)
    scene = Scene(probe)
    async with scene.running():
        await until(lambda: probe.openings == 2)
        await until(lambda: scene.book.told.get("probe", {}).get("restarts") == 1)
    assert await scene.replacements() == [("ended", "ConnectionError")]
    assert probe.closings == 2


async def test_a_crash_loop_is_down_with_its_last_error_and_its_neighbour_works_on() -> None:
    broken, sound = Probe(fail), Probe()
    scene = Scene(broken, sound)
    async with scene.running():
        await until(lambda: broken.openings > 4)
        first, second = scene.host.healths()
        assert (first.state, first.trouble) == (State.DOWN, "ConnectionError: no route")
        assert second.state is State.UP
    assert sound.openings == 1


async def test_a_task_that_is_cancelled_is_started_again() -> None:
    probe = Probe()
    scene = Scene(probe)
    async with scene.running():
        await until(lambda: probe.openings == 1)
        for task in asyncio.all_tasks():
            if task.get_name() == "probe":
                task.cancel()
        await until(lambda: probe.openings == 2)
        await asyncio.sleep(0.05)
    assert [reason for reason, _ in await scene.replacements()] in (["cancelled"], ["ended"])


async def test_a_silent_post_is_replaced_and_its_neighbour_is_not() -> None:
    silent, sound = Probe(hang), Probe()
    scene = Scene(silent, sound, silence_s=0.3)
    async with scene.running():
        await until(lambda: silent.openings == 2)
        await asyncio.sleep(0.05)
    assert await scene.replacements("probe_0") == [("stuck", None)]
    assert (sound.openings, scene.gave_up) == (1, [])


async def test_a_task_that_does_not_even_end_ends_the_process() -> None:
    async def cling(probe: Probe) -> None:
        while not scene.gave_up:
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue
        probe.stopped.set()  # Or the test's own end, swallowed above, would be waited for.

    probe = Probe(cling)
    scene = Scene(probe, silence_s=0.1)
    scene.host = PostHost(
        [Post("probe", probe.open, Permission.OPERATE, 0.1)],
        "v1", scene.open_office, scene.gave_up.append,
        Patience(look_every_s=0.01, settle_within_s=1.0),
    )  # fmt: skip
    async with scene.running():
        await until(lambda: scene.gave_up)


async def test_an_operator_pauses_and_resumes() -> None:
    probe = Probe()
    scene = Scene(probe)
    async with scene.running():
        await until(lambda: probe.openings == 1)
        scene.book.given["probe"] = Orders("pause", "maintenance")
        await until(lambda: scene.host.healths()[0].state is State.PAUSED)
        assert (probe.closings, scene.host.healths()[0].trouble) == (1, "maintenance")
        scene.book.given["probe"] = Orders("run")
        await until(lambda: scene.host.healths()[0].state is State.UP)


async def test_draining_works_on_until_nothing_is_left() -> None:
    probe = Probe()
    scene = Scene(probe)
    scene.lag = 5
    async with scene.running():
        await until(lambda: probe.openings == 1)
        scene.book.given["probe"] = Orders("drain")
        await asyncio.sleep(0.2)
        assert scene.host.healths()[0].state is State.UP
        scene.lag = 0
        await until(lambda: scene.host.healths()[0].state is State.PAUSED)
        await until(lambda: scene.book.given["probe"].wanted == "pause")


async def test_an_operator_restarts_a_post_once() -> None:
    probe = Probe()
    scene = Scene(probe)
    async with scene.running():
        await until(lambda: probe.openings == 1)
        scene.book.given["probe"] = Orders(restarts=1)
        await until(lambda: probe.openings == 2)
        await asyncio.sleep(0.1)
    assert probe.openings == 2


async def test_too_many_dead_letters_hold_the_post_until_an_operator_resumes_it() -> None:
    async def overflow(probe: Probe) -> None:
        if probe.openings == 1:
            raise TooManyDeadLetters(group="probe", dead=2, of=100, reason="no title")

    probe = Probe(overflow)
    scene = Scene(probe)
    async with scene.running():
        await until(lambda: scene.book.given.get("probe", Orders()).wanted == "pause")
        assert "set aside 2" in str(scene.host.healths()[0].trouble)
        scene.book.given["probe"] = Orders("run")
        await until(lambda: probe.openings == 2)


@pytest.mark.parametrize(
    ("before", "reasons"),
    [
        ({"code": "v1", "closed": False}, ["lost"]),
        ({"code": "v0", "closed": False}, ["outdated"]),
        ({"code": "v1", "closed": True}, []),
    ],
    ids=["its process vanished", "its code was replaced", "it was closed"],
)
async def test_whose_place_a_post_takes_is_recorded(
    before: dict[str, Any], reasons: list[str]
) -> None:
    scene = Scene(Probe())
    scene.book.before = {"probe": before}
    async with scene.running():
        await until(lambda: "probe" in scene.book.told)
        await asyncio.sleep(0.05)
    assert [reason for reason, _ in await scene.replacements()] == reasons


async def test_an_outage_of_the_office_stops_nobody_and_loses_no_news() -> None:
    probe = Probe(fail_once)
    scene = Scene(probe)
    scene.book.is_away = True
    async with scene.running():
        await until(lambda: probe.openings == 2)
        assert await scene.replacements() == []
        scene.book.is_away = False
        await until(lambda: "probe" in scene.book.told)
        await asyncio.sleep(0.05)
    assert await scene.replacements() == [("ended", "ConnectionError")]


async def test_a_host_that_closes_says_so() -> None:
    scene = Scene(Probe())
    async with scene.running():
        await until(lambda: "probe" in scene.book.told)
    assert scene.book.told["probe"]["closed"] is True
