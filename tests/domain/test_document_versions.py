from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.amendments import Compared, compare
from domain.document_versions import MOST_COMPARED, Version, guesses, may_follow, relation, shared

T0 = datetime(2026, 4, 1, tzinfo=UTC)


def version(n: int, name: str = "SOW.pdf", **facts: Any) -> Version:
    return Version(UUID(int=n), name, T0 + timedelta(days=n), **facts)


@pytest.mark.parametrize(
    ("name", "opening", "number"),
    [
        ("36C24726Q0269_Amendment_0002.pdf", "", 2),
        ("RFQ 36C24726Q0269 Amd 3 conformed.docx", "", 3),
        ("36C24726Q0269-0001.pdf", "2. AMENDMENT/MODIFICATION NO. A00004", 4),
        ("SOW.pdf", "Amendment No. 0012 of solicitation 36C24726Q0269", 12),
        ("SOW.pdf", "x" * 5_000 + "Amendment 9", 0),
        ("Amended and restated.pdf", "No amendments are known.", 0),
    ],
)
def test_which_amendment_it_says_it_is(name: str, opening: str, number: int) -> None:
    assert version(1, name, opening=opening).amendment == number


@pytest.mark.parametrize(
    ("new", "old", "why"),
    [
        (version(2, notice_ids={"n1", "n2"}), version(1, notice_ids={"n1"}), "notice"),
        (
            version(2, "36C24726Q0269_A2.pdf"),
            version(1, numbers={"36C247-26-Q-0269"}),
            "solicitation",
        ),
        (
            version(2, opening="of Solicitation W81K00-26-R-0001"),
            version(1, "W81K0026R0001.docx"),
            "solicitation",
        ),
        (version(2, notice_ids={"n1"}), version(1, notice_ids={"n2"}), None),
        (version(2), version(1), None),
    ],
)
def test_what_they_have_in_common(new: Version, old: Version, why: str | None) -> None:
    assert relation(new, old) == why


def test_an_amendment_follows_lower_numbers_and_else_the_later_follows() -> None:
    same: dict[str, Any] = {"notice_ids": frozenset({"n1"})}
    original, second = version(3, **same), version(1, "Amendment 2.pdf", **same)
    assert may_follow(second, original)
    assert not may_follow(original, second)
    assert may_follow(version(2, **same), version(1, **same))
    assert not may_follow(version(1, **same), version(2, **same))
    assert not may_follow(original, original)


def test_the_likeliest_come_first_and_not_without_end() -> None:
    number: dict[str, Any] = {"numbers": frozenset({"36C24726Q0269"})}
    new = version(99, notice_ids=frozenset({"n1"}), **number)
    others = [version(n, **number) for n in range(1, 9)]
    beside = version(9, "SOW.pdf", notice_ids=frozenset({"n1"}), **number)
    found = guesses(new, [*others, beside])
    assert [guess.document_id.int for guess in found] == [9, 8, 7, 6, 5]
    assert [guess.why for guess in found[:2]] == ["notice", "solicitation"]
    assert len(found) == MOST_COMPARED


def rows(*quotes: str) -> list[Compared]:
    return [Compared(quote, quote, "C") for quote in quotes]


def test_how_much_both_ask_alike() -> None:
    before = rows("deliver ten gloves in May", "train the nurses", "mark each box")
    after = rows("deliver ten gloves in June", "train the nurses", "warrant every part")
    assert shared(compare(before, after)) == pytest.approx(2 / 3)
    assert shared(compare(before, rows("wholly other words"))) == 0.0
    assert shared(compare(before, before)) == 0.0  # The same in another format is no new version.
    assert shared(compare([], [])) == 0.0
