from collections.abc import Sequence

import pytest

from cluster.stores.vectors_memory import MemoryVectorCollections, MemoryVectorIndex
from domain.access import PUBLIC
from domain.embedding import EmbedNotices
from domain.events import Event, Recorded
from domain.narrowing import OPPORTUNITY_VECTORS
from domain.notice import Notice
from domain.opportunity import OpportunityAmended, OpportunityClosed, OpportunityDiscovered
from domain.ports import VectorIndex
from domain.vectors import OPPORTUNITIES
from pipelines.replay_vectors import next_version, replay_vectors
from tests.embedding import HashEmbedder
from tests.events import recorded

FIRST = OPPORTUNITY_VECTORS.name


class Texts:
    async def put(self, texts: object) -> None:
        raise AssertionError("nothing here writes texts")

    async def get(self, digests: Sequence[str]) -> dict[str, str]:
        return {digest: f"{digest} sentence. " * 99 for digest in digests}


class Live:
    """A log, and the post that follows it into whatever is live."""

    def __init__(self) -> None:
        self.collections = MemoryVectorCollections()
        self.log: list[Recorded] = []
        self._post = EmbedNotices(HashEmbedder(), self.index(OPPORTUNITIES), Texts())

    def index(self, name: str) -> VectorIndex:
        return MemoryVectorIndex(self.collections, name)

    async def happens(self, *events: Event) -> None:
        news = [recorded(event, len(self.log) + at) for at, event in enumerate(events, start=1)]
        self.log += news
        await self._post(news)

    async def read(self, *, after: int, limit: int) -> list[Recorded]:
        return self.log[after : after + limit]


def told(number: int, text: str) -> Notice:
    return Notice(notice_id=f"n{number}", title=f"Notice {number}", description_digest=text)


@pytest.fixture
async def live() -> Live:
    live = Live()
    await live.collections.create(OPPORTUNITY_VECTORS)
    await live.collections.point(OPPORTUNITIES, FIRST)
    await live.happens(*(OpportunityDiscovered(notice=told(n, "one")) for n in range(3)))
    await live.happens(OpportunityAmended(notice=told(1, "two"), changed=("description_digest",)))
    await live.happens(OpportunityClosed(notice_id="n2", reason="deadline"))
    return live


async def test_a_replay_equals_what_was_live(live: Live) -> None:
    replayed = await replay_vectors(live, live, HashEmbedder(), Texts())
    assert (replayed.replaced, replayed.position) == (FIRST, 5)
    assert await live.collections.target(OPPORTUNITIES) == replayed.collection != FIRST
    assert live.collections.held[replayed.collection] == live.collections.held[FIRST]


async def test_what_happens_meanwhile_is_in_the_new_one(live: Live) -> None:
    class Swapping(MemoryVectorCollections):
        """Things happen in the last moment before the swap, and in the first after it."""

        async def point(self, alias: str, name: str) -> None:
            late = OpportunityAmended(notice=told(0, "late"), changed=("description_digest",))
            await live.happens(late, OpportunityDiscovered(notice=told(9, "one")))
            await super().point(alias, name)
            await live.happens(OpportunityClosed(notice_id="n0", reason="cancelled"))

    live.collections = Swapping(live.collections.held, live.collections.aliases)
    replayed = await replay_vectors(live, live, HashEmbedder(), Texts())
    held = await live.index(OPPORTUNITIES).held(PUBLIC, ["n0", "n9"])
    assert replayed.position == len(live.log)
    assert held["n0"].properties["closed"] is True
    assert held["n9"].properties["closed"] is False
    old = await live.index(FIRST).held(PUBLIC, ["n0", "n9"])
    assert {key: it.digests for key, it in held.items()} == {k: it.digests for k, it in old.items()}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "opportunity_minilm_1"),
        (["opportunity_minilm_1", "opportunity_minilm_9"], "opportunity_minilm_10"),
        (["document_minilm_7", "opportunity_other_8"], "opportunity_minilm_1"),
    ],
)
def test_versions_are_not_used_again_while_one_is_there(names: list[str], expected: str) -> None:
    assert next_version("opportunity_minilm_1", names) == expected
