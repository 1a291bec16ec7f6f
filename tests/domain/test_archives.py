import pytest

from domain.archives import (
    MOST_MEMBER_BYTES,
    MOST_TOTAL_BYTES,
    SMALL_BYTES,
    Member,
    is_file,
    leads_out,
    refuse,
)

GOOD = Member("sow/a.pdf", 5_000, 4_000)


def test_what_is_taken() -> None:
    assert refuse(GOOD, 0) is None
    assert refuse(Member("a.txt", SMALL_BYTES, 10), 0) is None
    assert refuse(Member("a.pdf", MOST_MEMBER_BYTES, MOST_MEMBER_BYTES), 0) is None


@pytest.mark.parametrize(
    ("member", "taken", "code"),
    [
        (Member("../../etc/cron.d/x", 10, 10), 0, "unsafe"),
        (Member("a", 10, 10, is_link=True), 0, "unsafe"),
        (Member("a", 10, 10, is_encrypted=True), 0, "locked"),
        (Member("a", MOST_MEMBER_BYTES + 1, MOST_MEMBER_BYTES), 0, "oversized"),
        (Member("a", SMALL_BYTES + 1, 10), 0, "bomb"),
        (GOOD, MOST_TOTAL_BYTES, "bomb"),
    ],
)
def test_what_is_not(member: Member, taken: int, code: str) -> None:
    refusal = refuse(member, taken)
    assert refusal
    assert refusal.code == code


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a", "a/../../b", "..\\a", "C:\\a", "c:a", "\\\\host\\a", "a\0b"]
)
def test_a_name_that_leads_out(name: str) -> None:
    assert leads_out(name)


def test_a_name_that_stays_within_and_what_is_no_file() -> None:
    assert not leads_out("Attachments/1..2/SOW (v2).pdf")
    assert [is_file(name) for name in ("a/", "__MACOSX/._a.pdf", "a.pdf")] == [False, False, True]
