"""The pool that reads documents: a few tasks, each with a child process while there is work."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from actors.health import Health
from actors.pulse import Pulse
from actors.reading_task import KINDS, OPEN, Desk, Reader, Reading, ReadingTask
from cluster.stores.work import WorkItem

LOOK_EVERY_S = 2.0
BACKOFF_S = 1.0
_READING = TypeAdapter(Reading)

Fetch = Callable[[Reading, Path], Any]
"""Puts the document's file there. A coroutine function. Raises `NotFound` and `Unavailable`."""

Start = Callable[[Path, Reading], Any]
"""Starts a reader of the file. A coroutine function that returns a `Reader`."""


def reading_payload(reading: Reading) -> Mapping[str, Any]:
    """What a row of work carries about it."""
    told: dict[str, Any] = _READING.dump_python(reading, mode="json")
    return told


class Slot:
    """One reader at a time, kept from row to row while they are of one document."""

    def __init__(self, fetch: Fetch, start: Start) -> None:
        self._fetch = fetch
        self._start = start
        self._of: Reading | None = None
        self._reader: Reader | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def prefix(self) -> str:
        """Of the keys of its document's rows: these need no other process."""
        return f"{self._of.document_id}/{self._of.run}/" if self._of else ""

    async def reader(self, reading: Reading) -> Reader:
        """A fresh one where the last has ended or was another document's.

        Its pages are counted already, save for the first who opens it.
        """
        if self._of != reading or self._folder is None:
            await self.clear()
            self._folder = tempfile.TemporaryDirectory(prefix="mch-document-")
            self._of = reading
            await self._fetch(reading, Path(self._folder.name) / "document")
        if self._reader is None or self._reader.has_ended:
            started: Reader = await self._start(Path(self._folder.name) / "document", reading)
            self._reader = started
        return self._reader

    async def clear(self) -> None:
        """Ends the process and removes the file. Repeating it is harmless."""
        self._of = None
        if self._reader is not None:
            await self._reader.close()
            self._reader = None
        if self._folder is not None:
            await asyncio.to_thread(self._folder.cleanup)
            self._folder = None


class ReadingPool:
    """Implements `actors.health.Runnable`. Idle, it has no process and asks every two seconds."""

    def __init__(self, post: str, desk: Desk, slots: tuple[Slot, ...]) -> None:
        self._pulse = Pulse(post)
        self._desk = desk
        self._slots = slots
        self._stopping = asyncio.Event()
        self._nudges = {slot: asyncio.Event() for slot in slots}

    def nudge(self) -> None:
        """There is work: look at once."""
        for nudge in self._nudges.values():
            nudge.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for slot in self._slots:
                group.create_task(self._work(slot))
            group.create_task(self._pulse.beat(self._stopping))

    async def stop(self) -> None:
        """Each finishes the page in hand."""
        self._stopping.set()
        self.nudge()

    def health(self) -> Health:
        return self._pulse.health()

    async def _work(self, slot: Slot) -> None:
        holder = uuid4()
        try:
            while not self._stopping.is_set():
                if not await self._pulse.watch(self._one(slot, holder)):
                    await slot.clear()
                    await self._rest(slot)
        finally:
            await slot.clear()

    async def _one(self, slot: Slot, holder: UUID) -> bool:
        """Take a row and do it. False where there was none."""
        item = await self._desk.work.take(KINDS, holder, slot.prefix)
        if item is None:
            return False
        await self._do(slot, item, holder)
        return True

    async def _do(self, slot: Slot, item: WorkItem, holder: UUID) -> None:
        reading = _READING.validate_python({name: item.payload[name] for name in _FIELDS})
        who = reading.tenant_id, reading.document_id
        task = ReadingTask(self._desk, item, reading, slot.reader)
        alive = asyncio.create_task(self._pulse.keep(self._desk.work, item, holder))

        async def still(done: int) -> bool:
            if done and not await self._desk.work.renew(item, holder, done):
                return False
            return not alive.done() and await self._desk.documents.is_reading(*who, reading.run)

        try:
            if item.kind == OPEN:
                await task.look()
                self.nudge()
                is_done = True
            else:
                is_done = await task.read(still)
        finally:
            alive.cancel()
        await (self._desk.work.finish if is_done else self._desk.work.release)(item, holder)
        self._pulse.count()

    async def _rest(self, slot: Slot) -> None:
        nudge = self._nudges[slot]
        with suppress(TimeoutError):
            await asyncio.wait_for(nudge.wait(), LOOK_EVERY_S)
        nudge.clear()


_FIELDS = ("tenant_id", "document_id", "digest", "run", "mode", "cause")
