"""The auditor finds each kind of damage, and complains of nothing else."""

from dataclasses import replace

import pytest

from tests.faults.long_document import PAGES, dense, each_once
from tests.faults.verdict import Chunk, Found, Logged, Row, Sent, complaints, damage

pytestmark = pytest.mark.faults

PLACE = ("contracts.opportunities.events", 3)
LOG = tuple(
    Logged(number, f"e{number}", ("t", "Opportunity", f"n{number}"), 1, "OpportunityDiscovered")
    for number in (1, 2, 3)
)
CHUNKS = (Chunk("n1", 0), Chunk("n1", 1), Chunk("n2", 0), Chunk("n3", 0))
WHOLE = Found(
    log=LOG,
    notices=("n1", "n2", "n3"),
    sent=tuple(Sent(PLACE, number, f"e{number}") for number in (1, 2, 3)),
    rows=tuple(Row(number, f"e{number}") for number in (1, 2, 3)),
    counted=3,
    known=("n1", "n2", "n3"),
    vectors=CHUNKS,
    dead_letters=(),
)
SENT = WHOLE.sent
AGAIN = LOG[1]._replace(position=4, event_id="e4", version=2)


def test_whole_stores_are_fine() -> None:
    assert not complaints(WHOLE, {"n1", "n2", "n3"})


def test_repeats_of_what_came_before_are_fine() -> None:
    repeated = replace(WHOLE, sent=(*SENT, *SENT[1:]))
    assert not complaints(repeated, {"n1", "n2", "n3"})


def test_work_in_progress_is_no_damage() -> None:
    going_on = replace(WHOLE, sent=SENT[:2], rows=WHOLE.rows[:1], counted=1, known=("n1",))
    assert complaints(going_on, {"n1", "n2", "n3"})
    assert not damage(going_on, {"n1", "n2", "n3"})


@pytest.mark.parametrize(
    ("damaged", "complaint"),
    [
        (replace(WHOLE, notices=("n1", "n3")), "notices in Postgres: 1 are missing"),
        (replace(WHOLE, log=(*LOG, AGAIN)), "discovered in the log: 1 more than once"),
        (replace(WHOLE, log=(*LOG[:2], LOG[2]._replace(position=4))), "positions are not dense"),
        (replace(WHOLE, log=(*LOG[:2], LOG[2]._replace(position=None))), "have no position"),
        (replace(WHOLE, log=(*LOG[:2], LOG[2]._replace(version=2))), "versions of"),
        (replace(WHOLE, sent=SENT[:2]), "in Kafka: 1 are missing"),
        (replace(WHOLE, sent=(SENT[0], SENT[2], SENT[1])), "2 comes for the first time after 3"),
        (replace(WHOLE, sent=(*SENT[:2], SENT[2]._replace(position=9))), "Kafka says 9"),
        (replace(WHOLE, rows=WHOLE.rows[1:]), "events in ClickHouse: 1 are missing"),
        (replace(WHOLE, rows=(*WHOLE.rows, WHOLE.rows[0])), "in ClickHouse: 1 more than once"),
        (replace(WHOLE, counted=4), "ClickHouse counts 4 events of 3"),
        (replace(WHOLE, known=("n1", "n2")), "notices in ClickHouse: 1 are missing"),
        (replace(WHOLE, vectors=CHUNKS[:3]), "with vectors: 1 are missing"),
        (replace(WHOLE, vectors=(*CHUNKS, Chunk("n3", 2))), "chunks of n3"),
        (replace(WHOLE, dead_letters=("notify",)), "dead letter: notify"),
        (replace(WHOLE, told=("n1", "n1")), "notifications of: 1 more than once"),
    ],
)
def test_damage_is_found(damaged: Found, complaint: str) -> None:
    assert any(complaint in each for each in complaints(damaged, {"n1", "n2", "n3"}))


ALL_PAGES = tuple(map(str, range(1, PAGES + 1)))


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (ALL_PAGES, ""),
        (ALL_PAGES[:-1], "1 are missing: [200]"),
        ((*ALL_PAGES, "7"), "1 more than once: [7]"),
        ((*ALL_PAGES, "201"), "[201] too many"),
    ],
)
def test_a_page_that_is_lost_or_doubled_is_found(told: tuple[str, ...], complaint: str) -> None:
    found = " ".join(each_once("pages", list(told)))
    assert complaint in found
    assert bool(complaint) == bool(found)


@pytest.mark.parametrize("numbers", [[], [1], [0, 2], [0, 0, 1]])
def test_chunks_that_are_lost_or_doubled_are_found(numbers: list[int]) -> None:
    assert list(dense("chunks", numbers))
    assert not list(dense("chunks", [2, 0, 1]))
