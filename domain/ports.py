"""What the domain needs from the outside world. `cluster` supplies it; tests fake it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from domain.events import Append, Cause, Event, History, Recorded, Stream, Written
from domain.feed import Body, FeedHistory, FeedKind, FeedMessage, Mark, Room
from domain.mail import Mail
from domain.notifications import NewNotification, Notification, NotificationPage, Place
from domain.pages import Page
from domain.search import SearchQuery, SearchResult
from domain.vectors import (
    Asked,
    Collection,
    Held,
    Hit,
    Properties,
    Vector,
    VectorRecord,
    Where,
)

Partition = tuple[str, int]
"""Topic and number."""

Heads = Mapping[Partition, int]
"""A position in each of some partitions."""


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
        """Append all or nothing, under the ids given. Repeating it whole changes nothing.

        Raises `VersionConflict` if the stream is not at the version that `load` told, and
        `EventIdReused` if an id already stands for something else.
        """

    async def append_many(self, appends: Sequence[Append]) -> None:
        """All or nothing, for streams of one tenant. Else like `append`."""

    async def read_stream(self, stream: Stream) -> Sequence[Written]:
        """Every event of the stream with when and how it came about."""


class EventLog(Protocol):
    """Every event of every stream, in the order of their commits."""

    async def number(self, lease: Lease, *, limit: int) -> int:
        """Give the next positions to what has committed since, and tell to how many.

        Raises `LeaseLost`. Costs a read where nothing is new.
        """

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]: ...

    async def published(self) -> int:
        """The position up to which everything is published."""

    async def mark_published(self, lease: Lease, position: int, heads: Heads) -> None:
        """Also the highest position in each partition. Raises `LeaseLost`."""


class Progress(Protocol):
    """What each consumer group has finished: its memory across restarts, and its lag."""

    async def finished(self, consumer: str) -> Heads:
        """The highest position finished in each partition. Those never seen are left out."""

    async def advance(self, consumer: str, heads: Heads) -> None:
        """Never backwards."""


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


class LiveFeed(Protocol):
    """Rooms with a durable, bounded log each. Every call raises `Unavailable`."""

    async def publish(self, room: Room, kind: FeedKind, body: Body) -> FeedMessage:
        """Stored first, then announced to whoever listens. Repeating it says it twice: so a body
        that matters carries an id. Raises `Invalid` for one above `MAX_MESSAGE_BYTES`.
        """

    async def since(self, room: Room, mark: Mark | None) -> FeedHistory:
        """What came after the mark; `complete` is false if some of that is gone. Without a mark:
        nothing, and where the room stands.
        """


class Notifications(Protocol):
    """What each user of a tenant was told. Every call raises `Unavailable`."""

    async def add(self, tenant_id: UUID, new: Sequence[NewNotification]) -> list[Notification]:
        """Keep those that are not kept yet. Returns which of them are not announced, old or new."""

    async def mark_announced(self, tenant_id: UUID, ids: Sequence[UUID]) -> None:
        """Repeating it changes nothing."""

    async def page(
        self, tenant_id: UUID, user_id: str, *, limit: int, after: Place | None = None
    ) -> NotificationPage: ...

    async def unread(self, tenant_id: UUID, user_id: str) -> int: ...

    async def mark_read(
        self, tenant_id: UUID, user_id: str, ids: Sequence[UUID] | None = None
    ) -> None:
        """All of the user's without ids. Another's are left alone; repeating it changes nothing."""


OnRing = Callable[[Room | None], None]
"""Told a room that has news; None: any may have some."""


class FeedBell(Protocol):
    """Tells that there is news, and not what: that is read from the feed."""

    async def listen(self, on_ring: OnRing) -> None:
        """Until cancelled, through outages. After each of them, and at first, it rings for all."""

    def trouble(self) -> str | None:
        """Why rings may be missed at this moment."""


class SendsMail(Protocol):
    """Raises `Unavailable` where the mail was not taken over by whoever delivers it."""

    async def send(self, mail: Mail) -> None: ...


ShowPage = Callable[[], Awaitable[bytes]]
"""The page's picture, a PNG. Raises `Unreadable` and `ReaderEnded`."""


class SecondEngine(Protocol):
    """Reads a page that the first engine is not sure of. `name` goes into the page."""

    @property
    def name(self) -> str: ...

    async def read(self, first: Page, show: ShowPage) -> Page:
        """Its lines, with boxes where they are known. Raises `Forbidden` where it may not see the
        page, `Unavailable`, `Invalid`, `Unreadable` and `ReaderEnded` where nothing comes of it.
        """

    async def rest(self) -> None:
        """No page is doubtful for now: it lets go of what it holds. Repeating it is harmless."""


class Cache(Protocol):
    """What can be computed again, kept for a while. Raises `Unavailable`."""

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Those that are held."""

    async def put_many(self, values: Mapping[str, bytes], *, ttl_s: float) -> None: ...


class VectorIndex(Protocol):
    """Chunks of one subject with their vectors, in the collection that an alias points at.

    Each tenant sees its own and the public ones. Every call raises `Unavailable`, and `NotFound`
    while there is no such collection.
    """

    async def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Repeating it changes nothing."""

    async def describe(self, tenant_id: UUID, properties: Mapping[str, Properties]) -> None:
        """Set these properties, by key, on every chunk of a key; the others stay."""

    async def delete(self, tenant_id: UUID, keys: Sequence[str], *, from_chunk: int = 0) -> None:
        """The chunks of these keys, from that number on. Repeating it changes nothing."""

    async def held(self, tenant_id: UUID, keys: Sequence[str]) -> dict[str, Held]:
        """What the tenant itself holds of these keys, where it does."""

    async def search(
        self, tenant_id: UUID, vector: Vector, *, limit: int, where: Where = ()
    ) -> list[Hit]:
        """The nearest chunks, best first; several may be of one key."""

    async def hybrid(
        self, tenant_id: UUID, asked: Asked, *, limit: int, where: Where = ()
    ) -> list[Hit] | None:
        """The best chunks by words and meaning in one ranking, best first.

        None where this index, or this collection of it, holds no text: then who asks fuses.
        """

    async def similarity(
        self, tenant_id: UUID, vector: Vector, keys: Sequence[str]
    ) -> dict[str, float]:
        """Of each key that is held: the cosine similarity of its nearest chunk."""

    async def vectors_of(self, tenant_id: UUID, key: str) -> dict[int, Vector]:
        """By chunk number."""

    async def count(self, tenant_id: UUID) -> int:
        """Distinct keys."""


class VectorCollections(Protocol):
    """Versions of collections, and the aliases that tell which is live. Raises `Unavailable`."""

    async def create(self, collection: Collection) -> None:
        """Where there is none of this name."""

    async def point(self, alias: str, name: str) -> None:
        """At once for every reader. Raises `NotFound`."""

    async def target(self, alias: str) -> str | None: ...

    async def names(self) -> list[str]: ...

    async def drop(self, name: str) -> None:
        """Raises `Invalid` while an alias points at it. Repeating it changes nothing."""

    async def erase(self, tenant_id: UUID) -> None:
        """All that is the tenant's, from every collection. Repeating it changes nothing."""


class OpportunitySearch(Protocol):
    """Notices by words, by meaning, or by both, narrowed and paged."""

    async def search(self, tenant_id: UUID, query: SearchQuery) -> SearchResult:
        """Raises `Unavailable` where nothing is left to answer with, `Invalid` for a cursor that
        is not ours. What answers without a part names it in `degraded`.
        """
