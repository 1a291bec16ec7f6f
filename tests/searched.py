"""Five notices as a read model and vectors hold them, and an embedder that knows their subjects."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from cluster.stores.event_store import PostgresEventStore
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import Pool
from cluster.stores.texts import PostgresTextStore
from cluster.stores.vectors import Vectors, ensure_live, in_postgres
from domain.access import PUBLIC
from domain.embedding import EmbedNotices
from domain.errors import Unavailable
from domain.events import Append
from domain.flows import EVENT_TYPES
from domain.narrowing import FIELDS
from domain.notice import LATEST, Notice
from domain.opportunity import OPPORTUNITY, OpportunityClosed, OpportunityDiscovered
from domain.precision import Place
from domain.vectors import OPPORTUNITIES, Collection, Vector
from tests.events import CAUSE, recorded

SUBJECTS = {"glove": 0, "hand protection": 0, "ventilator": 1, "breath": 1, "waste": 2}


class Subjects:
    """An embedder that knows three subjects, each by several words."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return [self._one(text.lower()) for text in texts]

    def _one(self, text: str) -> Vector:
        vector = [0.01, 0.01, 0.01]
        for word, axis in SUBJECTS.items():
            vector[axis] += text.count(word)
        return vector


class Near(Subjects):
    """Implements `TextEmbedding`, as long as it is up."""

    def __init__(self, *, is_up: bool = True) -> None:
        self._is_up = is_up

    async def embed(self, texts: Sequence[str]) -> list[Vector]:  # type: ignore[override]
        if not self._is_up:
            raise Unavailable(service="ai", reason="away")
        return super().embed(texts)


def notice(notice_id: str, title: str, day: int, **facts: Any) -> Notice:
    told: dict[str, Any] = {
        "naics": "339113",
        "psc": "6515",
        "type": "o",
        "department": "VETERANS AFFAIRS",
        "sub_tier": "VHA",
        "posted_date": date(2026, 3, day),
        "response_deadline": date(2026, 4, day),
        **facts,
    }
    return Notice(notice_id=notice_id, title=title, **told)


NOTICES = [
    notice("n1", "Nitrile gloves", 1, solicitation_number="36C24726Q0269"),
    notice("n2", "Surgical gloves", 2, set_aside="SBA", place=Place(state="FL")),
    notice("n3", "Ventilator", 3, psc="6515", naics="621111", type="r"),
    notice(
        "n4",
        "Collection of medical waste",
        4,
        naics="562111",
        psc="S205",
        department="DEFENSE",
        response_deadline=datetime(2026, 3, 20, 17, tzinfo=UTC),
    ),
    notice("n5", "Parts NSN 6515-01-234-5678", 5, response_deadline=None, posted_date=None),
]
TEXT = "<p>The hospital needs <b>gloves</b> &amp; masks.</p>" + "<p>Nothing more.</p>" * 9
CLOSED = OpportunityClosed(notice_id="n2", reason="deadline")


async def tell(app_pool: Pool, vectors: Vectors | None = None) -> Vectors:
    """Five notices, one of them closed, in the read model and in the vectors: pgvector's if none
    are given.
    """
    texts = PostgresTextStore(app_pool)
    digest = "0" * 64
    await texts.put({digest: TEXT})
    notices = [NOTICES[0].model_copy(update={"description_digest": digest}), *NOTICES[1:]]
    discovered = [OpportunityDiscovered(notice=it, form=LATEST) for it in notices]
    store = PostgresEventStore(app_pool, EVENT_TYPES, {"Opportunity": project_opportunities})
    for event in discovered:
        stream = OPPORTUNITY.stream(PUBLIC, event.notice.notice_id)
        events = {uuid4(): event}
        await store.append_many(
            [Append(stream=stream, events=events, expected_version=0, cause=CAUSE)]
        )
    stream = OPPORTUNITY.stream(PUBLIC, "n2")
    closed = Append(stream=stream, events={uuid4(): CLOSED}, expected_version=1, cause=CAUSE)
    await store.append_many([closed])
    vectors = vectors or in_postgres(app_pool)
    toy = Collection("opportunity_toy_1", 3, FIELDS, keeps_text=True)
    await ensure_live(vectors.collections, OPPORTUNITIES, toy)
    embed = EmbedNotices(Subjects(), vectors.index(OPPORTUNITIES), texts)
    await embed([recorded(event) for event in (*discovered, CLOSED)])
    return vectors
