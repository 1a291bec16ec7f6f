"""What the domain needs from the outside world. `cluster` supplies it; tests fake it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from domain.events import Cause, Event, History, Recorded, Stream
from domain.vectors import Vector


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to be alone at something, until someone else takes the next epoch."""

    name: str
    epoch: int
    ttl_s: float


class EventStore(Protocol):
    """Streams of events, each written under optimistic concurrency."""

    async def load(self, stream: Stream) -> History: ...

    async def append(
        self,
        stream: Stream,
        events: Mapping[UUID, Event],
        *,
        expected_version: int,
        cause: Cause,
    ) -> None:
        """Append all or nothing, under the ids given. Repeating it changes nothing.

        Raises `VersionConflict` if the stream is past the version that `load` told, and
        `EventIdReused` if an id already stands for something else.
        """


class EventLog(Protocol):
    """Every event of every stream, in the order of their commits."""

    async def number(self, lease: Lease, *, limit: int) -> None:
        """Give the next positions to what has committed since. Raises `LeaseLost`."""

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]: ...

    async def published(self) -> int:
        """The position up to which everything is published."""

    async def mark_published(self, lease: Lease, position: int) -> None:
        """Raises `LeaseLost`."""


class Embedder(Protocol):
    """A text embedding model in this process."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Blocks for as long as the model computes."""


class TextEmbedding(Protocol):
    """Embeddings from wherever the model runs. Raises `Unavailable`."""

    async def embed(self, texts: Sequence[str]) -> list[Vector]: ...


class TextStore(Protocol):
    """Long texts by the sha256 of their UTF-8, in hex."""

    async def put(self, texts: Mapping[str, str]) -> None: ...

    async def get(self, digests: Sequence[str]) -> dict[str, str]:
        """Those that are held."""


class BlobStore(Protocol):
    """Files by tenant and digest: `<tenant>/<sha256[:2]>/<sha256>`."""

    async def put(self, tenant_id: UUID, content: bytes) -> str:
        """Returns the digest. Repeating it changes nothing."""

    async def get(self, tenant_id: UUID, digest: str) -> bytes:
        """Raises `NotFound`."""


@dataclass(frozen=True, slots=True)
class FeedMessage:
    """One message in a room, as a browser gets it."""

    offset: str
    epoch: str
    kind: str
    at: str
    body: Mapping[str, object]


class LiveFeed(Protocol):
    """Rooms with a durable, bounded log each."""

    async def publish(self, room: str, kind: str, body: Mapping[str, object]) -> FeedMessage:
        """Stored first, then announced to whoever listens."""

    async def since(self, room: str, offset: str | None, epoch: str | None) -> "FeedHistory":
        """What came after `offset`; `complete` is false if some of it is gone."""


@dataclass(frozen=True, slots=True)
class FeedHistory:
    messages: Sequence[FeedMessage]
    complete: bool
