import threading
from collections.abc import Sequence
from datetime import date

import pytest

from cluster.stores.vectors_memory import MemoryVectorCollections, MemoryVectorIndex
from domain.access import PUBLIC
from domain.embedding import EmbedNotices
from domain.events import Event
from domain.narrowing import OPPORTUNITY_VECTORS, conditions, properties_of
from domain.notice import Notice
from domain.opportunity import OpportunityAmended, OpportunityClosed, OpportunityDiscovered
from domain.precision import Place
from domain.search import SearchQuery
from domain.vectors import Is, Vector, meets
from tests.embedding import HashEmbedder
from tests.events import recorded

LONG = "A sentence about nitrile gloves of size large. " * 60
NOTICE = Notice(
    notice_id="n1",
    title="Gloves",
    naics="339113",
    psc="6515",
    department="VETERANS AFFAIRS",
    sub_tier="VHA",
    place=Place(state="FL"),
    posted_date=date(2026, 3, 7),
    response_deadline=date(2026, 4, 1),
    description_digest="long",
)


class Texts:
    def __init__(self) -> None:
        self.held = {"long": LONG, "short": "Short."}

    async def put(self, texts: object) -> None:
        raise AssertionError("nothing here writes texts")

    async def get(self, digests: Sequence[str]) -> dict[str, str]:
        return {digest: self.held[digest] for digest in digests if digest in self.held}


class Trial:
    """What a sequence of batches leaves behind."""

    def __init__(self, embedder: HashEmbedder | None = None) -> None:
        self.collections = MemoryVectorCollections()
        self.index = MemoryVectorIndex(self.collections, OPPORTUNITY_VECTORS.name)
        self.embedder = embedder or HashEmbedder()
        self._embed = EmbedNotices(self.embedder, self.index, Texts())

    async def given(self, *events: Event) -> None:
        await self.collections.create(OPPORTUNITY_VECTORS)
        await self._embed([recorded(event, at) for at, event in enumerate(events, start=1)])

    async def digests(self) -> list[str]:
        held = await self.index.held(PUBLIC, ["n1"])
        return [held["n1"].digests[n] for n in range(len(held["n1"].digests))]

    async def is_closed(self) -> bool:
        query = await self.index.search(PUBLIC, [1, 1, 1], limit=99, where=[Is("closed", True)])
        held = await self.index.held(PUBLIC, ["n1"])
        assert len(query) in {0, len(held["n1"].digests)}
        return bool(query)


def amended(notice: Notice, *changed: str) -> OpportunityAmended:
    return OpportunityAmended(notice=notice, changed=changed)


DISCOVERED = OpportunityDiscovered(notice=NOTICE)
CLOSED = OpportunityClosed(notice_id="n1", reason="deadline")
SHORT = amended(NOTICE.model_copy(update={"description_digest": "short"}), "description_digest")
RENAMED = amended(NOTICE.model_copy(update={"naics": "621111"}), "naics")
LATER = amended(
    NOTICE.model_copy(update={"response_deadline": date(2026, 5, 1)}), "response_deadline"
)


async def test_a_notice_gets_a_vector_for_each_chunk() -> None:
    trial = Trial()
    await trial.given(DISCOVERED)
    assert len(await trial.digests()) == len(trial.embedder.asked) > 2


async def test_repeating_events_embeds_nothing() -> None:
    trial = Trial()
    await trial.given(DISCOVERED)
    before, trial.embedder.asked = await trial.digests(), []
    await trial.given(DISCOVERED)
    await trial.given(DISCOVERED, RENAMED, DISCOVERED)
    assert trial.embedder.asked == []
    assert await trial.digests() == before


async def test_a_shorter_text_leaves_no_chunks_behind() -> None:
    trial = Trial()
    await trial.given(DISCOVERED)
    trial.embedder.asked = []
    await trial.given(SHORT)
    assert trial.embedder.asked == ["Gloves\nShort."]
    assert len(await trial.digests()) == 1


async def test_other_codes_change_properties_alone() -> None:
    trial = Trial()
    await trial.given(DISCOVERED)
    trial.embedder.asked = []
    await trial.given(RENAMED)
    assert trial.embedder.asked == []
    assert (await trial.index.held(PUBLIC, ["n1"]))["n1"].properties["naics"] == "621111"


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([[DISCOVERED]], False),
        ([[DISCOVERED, CLOSED]], True),
        ([[DISCOVERED], [CLOSED]], True),
        ([[DISCOVERED], [CLOSED], [RENAMED]], True),
        ([[DISCOVERED], [CLOSED], [SHORT]], True),
        ([[DISCOVERED, CLOSED, SHORT]], True),
        ([[DISCOVERED], [CLOSED], [LATER]], False),
        ([[DISCOVERED], [CLOSED, LATER]], False),
        ([[DISCOVERED], [LATER, CLOSED]], True),
    ],
)
async def test_what_is_closed_is_known(batches: list[list[Event]], expected: bool) -> None:
    trial = Trial()
    for batch in batches:
        await trial.given(*batch)
    assert await trial.is_closed() is expected


async def test_closing_what_was_never_told_is_nothing() -> None:
    trial = Trial()
    await trial.given(CLOSED)
    assert await trial.index.count(PUBLIC) == 0


async def test_a_notice_without_its_text_is_known_by_its_title() -> None:
    trial = Trial()
    await trial.given(amended(NOTICE.model_copy(update={"description_digest": "lost"})))
    assert trial.embedder.asked == ["Gloves"]


async def test_the_model_computes_beside_the_loop() -> None:
    class Thoughtful(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> list[Vector]:
            assert threading.current_thread() is not threading.main_thread()
            return super().embed(texts)

    await Trial(Thoughtful()).given(DISCOVERED)


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ({}, True),
        ({"naics": ("62", "3391")}, True),
        ({"naics": ("62",)}, False),
        ({"psc": ("65",)}, True),
        ({"psc": ("66",)}, False),
        ({"state": ("GA", "FL")}, True),
        ({"agency": ("VHA",)}, True),
        ({"agency": ("DOD",)}, False),
        ({"set_aside": ("SBA",)}, False),
        ({"type": ("o",)}, False),
        ({"posted_from": date(2026, 3, 7), "posted_to": date(2026, 3, 7)}, True),
        ({"posted_from": date(2026, 3, 8)}, False),
        ({"deadline_to": date(2026, 3, 31)}, False),
        ({"deadline_from": date(2026, 3, 31)}, True),
        ({"medical": True}, True),
        ({"medical": False}, False),
        ({"status": "open"}, True),
        ({"status": "closed"}, False),
        ({"status": "open", "psc": ("66",)}, False),
    ],
    ids=str,
)
def test_a_query_narrows_by_what_a_notice_tells(query: dict[str, object], met: bool) -> None:
    properties = properties_of(NOTICE, is_closed=False)
    assert properties.keys() == OPPORTUNITY_VECTORS.fields.keys()
    assert meets(properties, conditions(SearchQuery.model_validate(query))) is met
