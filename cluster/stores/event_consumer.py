"""The event topics in Kafka, as a consumer group reads them."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from cluster.failpoints import reach
from cluster.settings import KafkaSettings
from cluster.stores.doorbell import Ears
from cluster.stores.kafka_client import client_options
from cluster.stores.letters import Delivered, Letter, delivered, letter_of
from domain.errors import PoisonMessage, Unavailable
from domain.events import EventTypes
from domain.wire import WireReader

logger = logging.getLogger(__name__)

_WAIT_MS = 1_000
_LOOK_MS = 150
_RETRIES_EVERY_S = 2.0
_LEAVE_WITHIN_S = 5.0


class DeadLetters(Protocol):
    """Where a group sets aside what it cannot handle."""

    async def put(self, letter: Letter, reason: str) -> None:
        """Raises `Unavailable`. Repeating it for one letter changes little."""

    async def to_retry(self, limit: int) -> Sequence[Letter]:
        """Those that an operator wants handled again."""

    async def settle(self, retries: Sequence[int]) -> None:
        """These were handled."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one batch; a single message may be larger. Once begun it waits `linger_s` for more.

    `ahead`: after a batch at least half full the next one is fetched while that one is handled,
    which holds the messages of a second batch in memory.
    """

    records: int = 200
    bytes: int = 4 * 1024 * 1024
    linger_s: float = 0.0
    ahead: bool = False


class Consumer(Protocol):
    """The part of `AIOKafkaConsumer` that we use."""

    async def getmany(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[Any, Sequence[Any]]: ...
    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...
    def assignment(self) -> Collection[TopicPartition]: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...


class KafkaEventSource:
    """Implements `actors.worker.Source`, with bounded batches. Not for two tasks at once."""

    def __init__(
        self,
        consumer: Consumer,
        types: EventTypes,
        dead_letters: DeadLetters,
        limits: Limits | None = None,
        ears: Ears | None = None,
    ) -> None:
        self._ears = ears
        self._consumer = consumer
        self._wire = WireReader(types)
        self._dead_letters = dead_letters
        self._limits = limits or Limits()
        self._waiting: deque[Letter] = deque()
        self._ahead: asyncio.Task[bool] | None = None
        self._retry_due = 0.0

    async def take(self) -> list[Delivered]:
        if retries := await self._retries():
            return await self._read(deque(retries))
        await self._fetched_ahead()
        if not self._waiting:
            await self._fetch()
        batch = await self._read(self._waiting)
        if self._limits.ahead and 2 * len(batch) >= self._limits.records and not self._waiting:
            self._ahead = asyncio.create_task(self._gather())
        return batch

    async def checkpoint(self, batch: Sequence[Delivered]) -> None:
        retries = [event.retry for event in batch if event.retry is not None]
        if retries:
            await self._dead_letters.settle(retries)
        await self._commit([event.letter for event in batch if event.retry is None])

    async def dead_letter(self, message: Delivered, reason: str) -> None:
        await self._dead_letters.put(message.letter, reason)

    def forget_waiting(self) -> None:
        """After a rebalance: whoever owns the partitions now starts at what is committed."""
        self._waiting.clear()

    async def close(self) -> None:
        """Fetches no more. What it fetched ahead is not committed, so it comes again."""
        if self._ahead:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)

    async def _fetched_ahead(self) -> None:
        """Raises what fetching it raised, once."""
        ahead, self._ahead = self._ahead, None
        if ahead:
            await ahead

    async def _retries(self) -> Sequence[Letter]:
        now = time.monotonic()
        if now < self._retry_due:
            return []
        self._retry_due = now + _RETRIES_EVERY_S
        return await self._dead_letters.to_retry(self._limits.records)

    async def _fetch(self) -> None:
        if not await self._gather() and self._ears:
            await self._listen(self._ears)

    async def _gather(self) -> bool:
        """Whether anything came: then as much as came while it lingered."""
        if not await self._ask(_LOOK_MS if self._ears else _WAIT_MS):
            return False
        await self._linger()
        return True

    async def _ask(self, timeout_ms: int) -> bool:
        """Whether anything came."""
        room = self._limits.records - len(self._waiting)
        with _outages_told():
            fetched = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=room)
        self._waiting.extend(
            letter_of(record) for records in fetched.values() for record in records
        )
        return bool(fetched)

    async def _linger(self) -> None:
        ends = time.monotonic() + self._limits.linger_s
        while len(self._waiting) < self._limits.records:
            left_ms = int(1_000 * (ends - time.monotonic()))
            if left_ms <= 0 or not await self._ask(left_ms):
                break

    async def _listen(self, ears: Ears) -> None:
        """Ask the broker nothing until the relay rings, or it is time to look again."""
        with suppress(IllegalStateError):  # The group is being shared out anew.
            self._consumer.pause(*self._consumer.assignment())
        await ears.wait(_WAIT_MS / 1000)
        with suppress(IllegalStateError):
            self._consumer.resume(*self._consumer.assignment())

    async def _read(self, letters: deque[Letter]) -> list[Delivered]:
        """As many as the limits allow, and at least one. What cannot be read is set aside.

        An outage is told once all before it is delivered: else that would be left out.
        """
        batch: list[Delivered] = []
        unreadable: list[Letter] = []
        try:
            await self._read_into(batch, unreadable, letters)
        except Unavailable:
            if not batch:
                raise
        if unreadable and not batch:
            await self._commit([letter for letter in unreadable if letter.retry is None])
        return batch

    async def _read_into(
        self, batch: list[Delivered], unreadable: list[Letter], letters: deque[Letter]
    ) -> None:
        size_bytes = 0
        while letters and len(batch) < self._limits.records:
            size_bytes += len(letters[0].value)
            if batch and size_bytes > self._limits.bytes:
                return
            event = await self._delivered(letters[0])
            letter = letters.popleft()
            if event:
                batch.append(event)
            else:
                unreadable.append(letter)

    async def _delivered(self, letter: Letter) -> Delivered | None:
        try:
            recorded = self._wire.read(letter.value, dict(letter.headers))
        except PoisonMessage as error:
            await self._dead_letters.put(letter, str(error))
            return None
        return delivered(recorded, letter)

    async def _commit(self, letters: Collection[Letter]) -> None:
        """Only where the partition is still ours: its new owner goes by what it finished itself."""
        owned = self._consumer.assignment()
        offsets: dict[TopicPartition, int] = {}
        for letter in letters:
            place = TopicPartition(letter.topic, letter.partition)
            if place in owned:
                offsets[place] = max(letter.offset + 1, offsets.get(place, 0))
        if offsets:
            reach("before_checkpoint")
            with _outages_told():
                await self._try_commit(offsets)

    async def _try_commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        try:
            await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            logger.info("the group was shared out anew before a commit: %r", error)
            self.forget_waiting()


class _Forgetting(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    def __init__(self) -> None:
        self.forget: Callable[[], None] = lambda: None

    async def on_partitions_revoked(self, revoked: object) -> None:
        self.forget()

    async def on_partitions_assigned(self, assigned: object) -> None:
        self.forget()


@asynccontextmanager
async def open_event_source(
    settings: KafkaSettings,
    group: str,
    topics: Collection[str],
    types: EventTypes,
    dead_letters: DeadLetters,
    limits: Limits | None = None,
    ears: Ears | None = None,
) -> AsyncIterator[KafkaEventSource]:
    """Joins the group, which starts at the earliest event. Raises `Unavailable`.

    With `ears` it asks the broker when the relay rings, and once a second otherwise: Tansu answers
    a waiting fetch late, and looks into its storage all the while.
    """
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=fetch_wait_ms(settings, limits, ears),
        fetch_max_bytes=8 * 1024 * 1024,
        session_timeout_ms=10_000,
        heartbeat_interval_ms=3_000,
        max_poll_interval_ms=300_000,
        request_timeout_ms=15_000,
    )
    listener = _Forgetting()
    consumer.subscribe(sorted(topics), listener=listener)
    source = KafkaEventSource(consumer, types, dead_letters, limits, ears)
    listener.forget = source.forget_waiting
    try:
        with _outages_told():
            await consumer.start()
        yield source
    finally:
        await source.close()
        with suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(consumer.stop(), _LEAVE_WITHIN_S)


def fetch_wait_ms(settings: KafkaSettings, limits: Limits | None, ears: Ears | None) -> int:
    """Short for whoever is rung and wants what comes at once. Tansu reads from its storage for as
    long as a fetch may wait, so who wants many events at a time lets it.
    """
    if ears and not (limits and limits.ahead):
        return min(settings.fetch_max_wait_ms, _LOOK_MS // 3)
    return settings.fetch_max_wait_ms


@contextmanager
def _outages_told() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable(service="kafka", reason=repr(error)) from error
