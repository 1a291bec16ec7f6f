"""A chain in which nothing can be changed, left out or cut off without being noticed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.audit import Act, Entry, Head, link, verify

AT = datetime(2026, 4, 13, 12, 40, 0, 123_456, tzinfo=UTC)


def _act(number: int) -> Act:
    return Act(
        tenant_id=UUID(int=7),
        actor="clerk",
        credential="session:1",
        action="revoke a key",
        subject=f"key:{number}",
        correlation_id=UUID(int=number),
        details={"address": "192.0.2.1"},
    )


@pytest.fixture
def chain() -> list[Entry]:
    entries: list[Entry] = []
    head = Head()
    for number in range(1, 6):
        entries.append(link(head, _act(number), AT + timedelta(number), bytes([number])))
        head = Head(entries[-1].sequence, entries[-1].hash)
    return entries


def _head(chain: list[Entry]) -> Head:
    return Head(chain[-1].sequence, chain[-1].hash)


def test_a_chain_as_it_was_written_is_whole(chain: list[Entry]) -> None:
    assert verify(chain, _head(chain)) is None
    assert verify([], Head()) is None
    assert verify(chain, _head(chain), noted=_head(chain[:3])) is None


CHANGES: dict[str, dict[str, Any]] = {
    "actor": {"actor": "other"},
    "credential": {"credential": "session:2"},
    "action": {"action": "make a key"},
    "subject": {"subject": "key:9"},
    "correlation_id": {"correlation_id": UUID(int=9)},
    "tenant_id": {"tenant_id": UUID(int=8)},
    "details": {"details": {"address": "192.0.2.2"}},
}


@pytest.mark.parametrize("field", CHANGES)
def test_whatever_is_edited_is_found(chain: list[Entry], field: str) -> None:
    edited = [*chain]
    edited[2] = replace(chain[2], act=replace(chain[2].act, **CHANGES[field]))
    found = verify(edited, _head(chain))
    assert found
    assert found.sequence == 3


def test_another_time_is_found(chain: list[Entry]) -> None:
    edited = [*chain]
    edited[2] = replace(chain[2], at=chain[2].at + timedelta(microseconds=1))
    assert (found := verify(edited, _head(chain)))
    assert found.sequence == 3


@pytest.mark.parametrize("position", range(5))
def test_a_missing_entry_is_found_wherever_it_stood(chain: list[Entry], position: int) -> None:
    rest = chain[:position] + chain[position + 1 :]
    found = verify(rest, _head(chain))
    assert found
    assert found.sequence == position + 1


def test_a_chain_that_is_written_anew_is_found_by_a_head_that_someone_kept(
    chain: list[Entry],
) -> None:
    head, anew = Head(), []
    for number in (9, 2, 3, 4, 5):
        anew.append(link(head, _act(number), AT, b"salt"))
        head = Head(anew[-1].sequence, anew[-1].hash)
    assert verify(anew, head) is None, "by itself it is a chain"
    found = verify(anew, head, noted=_head(chain[:3]))
    assert found
    assert found.sequence == 3


def test_a_chain_cut_short_with_its_head_is_found_by_one_that_someone_kept(
    chain: list[Entry],
) -> None:
    found = verify(chain[:3], _head(chain[:3]), noted=_head(chain))
    assert found
    assert found.sequence == 4


def test_details_may_be_erased_and_not_replaced(chain: list[Entry]) -> None:
    bare = replace(chain[2].act, details={})
    erased, replaced = [*chain], [*chain]
    erased[2] = replace(chain[2], act=bare, salt=b"", is_erased=True)
    replaced[2] = replace(chain[2], act=bare)
    assert verify(erased, _head(chain)) is None
    assert verify(replaced, _head(chain))


def test_what_is_erased_cannot_be_guessed_from_the_chain(chain: list[Entry]) -> None:
    same = link(Head(), _act(1), AT, b"another salt")
    assert same.details_digest != chain[0].details_digest
