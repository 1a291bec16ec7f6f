from collections.abc import Sequence
from uuid import UUID

import pytest

from actors.lanes import quiet_lane
from actors.meaning import EMBEDDERS_POST, Meaning, Place
from domain.errors import NotYet
from domain.ports import Heads
from domain.vectors import Vector

PARTITION = ("opportunities", 3)


def place(position: int, *, is_live: bool = True) -> Place:
    return Place(PARTITION, position, is_live)


class CountingEmbedding:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.asked.extend(texts)
        return [[1.0] for _ in texts]


class OneVector:
    """Only n1 has one."""

    async def similarity(
        self, tenant_id: UUID, vector: Vector, keys: Sequence[str]
    ) -> dict[str, float]:
        return {key: 0.5 for key in keys if key == "n1"}


class Embedded:
    """How far the embedding post's live lane has got each time that one looks; the other, to 2."""

    def __init__(self, *positions: int) -> None:
        self.positions = list(positions)

    async def finished(self, consumer: str) -> Heads:
        if consumer == quiet_lane(EMBEDDERS_POST):
            return {PARTITION: 2}
        assert consumer == EMBEDDERS_POST
        position = self.positions.pop(0) if len(self.positions) > 1 else self.positions[0]
        return {PARTITION: position}


def meaning(*positions: int, patience_s: float = 0.05) -> Meaning:
    return Meaning(
        CountingEmbedding(),
        OneVector(),
        Embedded(*positions),
        patience_s=patience_s,
        look_every_s=0.01,
    )


async def test_waits_a_moment_for_a_vector_on_its_way() -> None:
    found = await meaning(6, 6, 7, patience_s=5).similarities("we sell", {"n1": place(7)})
    assert found == {"n1": 0.5}


async def test_a_vector_that_is_long_in_coming_is_not_there_yet() -> None:
    with pytest.raises(NotYet):
        await meaning(6).similarities("we sell", {"n1": place(7)})


async def test_an_embedding_that_came_to_nothing_is_left_out() -> None:
    asked = {"n1": place(7), "n2": place(5)}
    assert await meaning(7).similarities("we sell", asked) == {"n1": 0.5}


async def test_what_needs_no_event_embedded_waits_for_none() -> None:
    assert await meaning(0).similarities("we sell", {"n1": None}) == {"n1": 0.5}


async def test_what_is_live_does_not_wait_for_what_was_imported() -> None:
    assert await meaning(7).similarities("we sell", {"n1": place(7)}) == {"n1": 0.5}
    with pytest.raises(NotYet):
        await meaning(7).similarities("we sell", {"n1": place(7, is_live=False)})


async def test_a_partition_never_embedded_is_behind() -> None:
    with pytest.raises(NotYet):
        await meaning(9).similarities("we sell", {"n1": Place(("opportunities", 4), 1, True)})


@pytest.mark.parametrize(("statement", "notices"), [("", {"n1": None}), ("we sell", {})])
async def test_nothing_to_compare_asks_nobody(statement: str, notices: dict[str, None]) -> None:
    embedding = CountingEmbedding()
    silent = Meaning(embedding, OneVector(), Embedded(0))
    assert await silent.similarities(statement, notices) == {}
    assert embedding.asked == []


async def test_a_statement_is_embedded_once() -> None:
    embedding = CountingEmbedding()
    ours = Meaning(embedding, OneVector(), Embedded(0))
    for _ in range(3):
        await ours.similarities("we sell", {"n1": None})
    assert embedding.asked == ["we sell"]
