from collections.abc import Sequence
from datetime import date, datetime
from itertools import permutations

import pytest

from domain.notice import Notice
from domain.opportunity import CloseReason
from domain.solicitation import (
    SOLICITATION,
    LinkNotices,
    LinkReason,
    NoticeUnlinked,
    NumberedNotice,
    Solicitation,
    SolicitationEvent,
    solicitation_key,
)

NUMBER = "36C24726Q0269"


def notice(
    notice_id: str, kind: str | None = "k", day: int | None = 1, **fields: str | None
) -> Notice:
    posted = date(2026, 4, day) if day else None
    told = {"notice_id": notice_id, "title": "Gloves", "type": kind, "posted_date": posted}
    return Notice.model_validate({**told, **fields})


def numbered(
    notice_id: str,
    kind: str | None = "k",
    day: int | None = 1,
    close_reason: CloseReason | None = None,
) -> NumberedNotice:
    return NumberedNotice.of(notice(notice_id, kind, day), close_reason)


def link(*notices: NumberedNotice, gone: tuple[str, ...] = ()) -> LinkNotices:
    return LinkNotices(NUMBER, notices, gone)


def after(*commands: LinkNotices) -> tuple[Solicitation, list[list[SolicitationEvent]]]:
    """The state that these leave, and what each of them caused."""
    state, caused = Solicitation(), []
    for command in commands:
        events = SOLICITATION.decide(command, state)
        for event in events:
            state = SOLICITATION.evolve(state, event)
        caused.append(list(events))
    return state, caused


def reasons(*commands: LinkNotices) -> dict[str, LinkReason]:
    state, _ = after(*commands)
    return {key: one.reason for key, one in state.links.items()}


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("36C247-26-Q-0269", NUMBER),
        (" 36c24726q0269 ", NUMBER),
        ("\uff13\uff16C24726Q0269", NUMBER),
        ("15205", "15205"),
        (None, None),
        ("", None),
        ("N/A", None),
        ("TBD", None),
        ("tbd-2026", None),
        ("Sources sought", None),
        ("RFQ", None),
        ("101", None),
        ("000000", None),
        ("12345", None),
        ("36C247", None),
        ("036-00", None),
    ],
)
def test_only_a_number_that_says_something_links(number: str | None, key: str | None) -> None:
    told = notice("n1", solicitation_number=number, cgac="03600", aac_code="36C247")
    assert solicitation_key(told) == key


@pytest.mark.parametrize(
    ("notices", "told"),
    [
        ([numbered("n1")], {"n1": "original"}),
        ([numbered("n1", "o"), numbered("n2", "k", 2)], {"n1": "original", "n2": "amendment"}),
        ([numbered("n2", day=2), numbered("n1")], {"n1": "original", "n2": "amendment"}),
        ([numbered("n1", day=None), numbered("n2")], {"n2": "original", "n1": "amendment"}),
        (
            [numbered("n1", "p"), numbered("n2", "o", 2), numbered("n3", "a", 3)],
            {"n1": "presolicitation", "n2": "original", "n3": "award"},
        ),
        (
            [numbered("n1", "p"), numbered("n2", "p", 2)],
            {"n1": "presolicitation", "n2": "amendment"},
        ),
        (
            [numbered("n1", "r"), numbered("n2", "s"), numbered("n3", "g"), numbered("n4", "i")],
            {
                "n1": "sources_sought",
                "n2": "special_notice",
                "n3": "surplus_sale",
                "n4": "intent_to_bundle",
            },
        ),
        ([numbered("n1", "a"), numbered("n2", "a", 2)], {"n1": "award", "n2": "award"}),
        ([numbered("n1", "u"), numbered("n2", None)], {"n1": "justification", "n2": "same_number"}),
        ([numbered("n1", close_reason="cancelled")], {"n1": "cancelled"}),
        ([numbered("n1", close_reason="deadline")], {"n1": "original"}),
        (
            [numbered("n1", close_reason="cancelled"), numbered("n2", "o", 2)],
            {"n1": "original", "n2": "amendment"},
        ),
        (
            [numbered("n1"), numbered("n2", "o", 2, "cancelled")],
            {"n1": "original", "n2": "cancelled"},
        ),
        ([numbered("n1", "a", close_reason="cancelled")], {"n1": "award"}),
    ],
)
def test_each_link_tells_why(
    notices: Sequence[NumberedNotice], told: dict[str, LinkReason]
) -> None:
    assert reasons(link(*notices)) == told


def test_a_type_that_is_none_of_the_list_goes_by_the_type_it_began_with() -> None:
    modified = notice("n2", "Modification/Amendment/Cancel", 2, base_type="o")
    command = link(numbered("n1", "o"), NumberedNotice.of(modified, None))
    assert reasons(command) == {"n1": "original", "n2": "amendment"}


def test_on_one_day_the_minute_tells_which_came_first() -> None:
    first = datetime.fromisoformat("2026-04-01T09:00:00-04:00")
    later = datetime.fromisoformat("2026-04-01T16:00:00-04:00")
    command = link(
        NumberedNotice("n1", "solicitation", later), NumberedNotice("n2", "solicitation", first)
    )
    assert reasons(command) == {"n1": "amendment", "n2": "original"}


def test_linking_again_is_no_event() -> None:
    both = link(numbered("n1"), numbered("n2", day=2))
    _, caused = after(both, both, link(numbered("n1")), link(numbered("n2", day=2)))
    assert [len(events) for events in caused] == [2, 0, 0, 0]


def test_an_earlier_notice_that_comes_later_takes_the_originals_place() -> None:
    _, [_, events] = after(link(numbered("n2", day=2)), link(numbered("n1")))
    told = [(event.notice_id, event.reason) for event in events if event.type == "NoticeLinked"]
    assert told == [("n1", "original"), ("n2", "amendment")]


def test_the_order_in_which_notices_come_changes_nothing() -> None:
    notices = [
        numbered("n1", "p"),
        numbered("n2", "o", 2, "cancelled"),
        numbered("n3", "k", 3),
        numbered("n4", "a", 4),
        numbered("n5", "k", None),
    ]
    left = {
        tuple(sorted(reasons(*(link(one) for one in ordered)).items()))
        for ordered in permutations(notices)
    }
    assert left == {tuple(sorted(reasons(link(*notices)).items()))}


def test_a_notice_of_another_type_is_linked_for_another_reason() -> None:
    _, [_, events] = after(link(numbered("n1", "p")), link(numbered("n1", "o")))
    assert [event.reason for event in events if event.type == "NoticeLinked"] == ["original"]


def test_what_bears_another_number_is_unlinked_once_and_the_rest_is_told_anew() -> None:
    both = link(numbered("n1"), numbered("n2", day=2))
    state, [_, events, again] = after(both, link(gone=("n1",)), link(gone=("n1",)))
    assert events[0] == NoticeUnlinked(solicitation_number=NUMBER, notice_id="n1")
    assert {key: one.reason for key, one in state.links.items()} == {"n2": "original"}
    assert again == []
