"""The solicitation aggregate: which notices are of one solicitation, and what each is in it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, assert_never, get_args

from domain.decider import Decider
from domain.events import Event
from domain.notice import Notice
from domain.opportunity import CloseReason
from domain.precision import Moment, latest_moment

Stage = Literal[
    "solicitation",
    "presolicitation",
    "sources_sought",
    "special_notice",
    "award",
    "justification",
    "surplus_sale",
    "intent_to_bundle",
    "other",
]
"""What a notice is by its type alone."""

LinkReason = Literal[
    "original",
    "amendment",
    "cancelled",
    "presolicitation",
    "sources_sought",
    "special_notice",
    "award",
    "justification",
    "surplus_sale",
    "intent_to_bundle",
    "same_number",
]
"""What a notice is among all of its solicitation."""

_STAGES: Mapping[str | None, Stage] = {
    "o": "solicitation",
    "k": "solicitation",
    "p": "presolicitation",
    "r": "sources_sought",
    "s": "special_notice",
    "a": "award",
    "u": "justification",
    "g": "surplus_sale",
    "i": "intent_to_bundle",
}

# Each of these tells something of its own: a later one amends no earlier one.
_APART: Mapping[Stage, LinkReason] = {
    "award": "award",
    "justification": "justification",
    "other": "same_number",
}

_FIRST: Mapping[Stage, LinkReason] = {
    "solicitation": "original",
    "presolicitation": "presolicitation",
    "sources_sought": "sources_sought",
    "special_notice": "special_notice",
    "surplus_sale": "surplus_sale",
    "intent_to_bundle": "intent_to_bundle",
}

_SHORTEST = 5
_PLACEHOLDER = re.compile(r"(?:NA|TBA|TBD|NONE|PENDING|UNKNOWN)\d{0,4}")
_COUNTING = "12345678901234567890"


@dataclass(frozen=True, slots=True)
class NumberedNotice:
    """A notice as far as its solicitation asks: what it is, since when, and whether cancelled."""

    notice_id: str
    stage: Stage
    posted_date: Moment | None = None
    is_cancelled: bool = False

    @classmethod
    def of(cls, notice: Notice, close_reason: CloseReason | None) -> "NumberedNotice":
        """By its type; where that is none of SAM.gov's list, by the type that it began with."""
        stage = _STAGES.get(notice.type) or _STAGES.get(notice.base_type) or "other"
        is_cancelled = close_reason == "cancelled"
        return cls(notice.notice_id, stage, notice.posted_date, is_cancelled)


class NoticeLinked(Event):
    """A notice is of this solicitation; again if what it is there changes.

    Beside the reason stands what it was drawn from, as in `NumberedNotice`.
    """

    type: Literal["NoticeLinked"] = "NoticeLinked"
    solicitation_number: str
    notice_id: str
    reason: LinkReason
    stage: Stage
    posted_date: Moment | None = None
    is_cancelled: bool = False

    def notice(self) -> NumberedNotice:
        return NumberedNotice(self.notice_id, self.stage, self.posted_date, self.is_cancelled)


class NoticeUnlinked(Event):
    """The notice bears another number now, or none that says anything."""

    type: Literal["NoticeUnlinked"] = "NoticeUnlinked"
    solicitation_number: str
    notice_id: str


SolicitationEvent = NoticeLinked | NoticeUnlinked


@dataclass(frozen=True, slots=True)
class LinkNotices:
    """Notices that bear this number, and ids of some that bear it no longer."""

    solicitation_number: str
    notices: tuple[NumberedNotice, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Solicitation:
    """Its links, by notice id."""

    links: Mapping[str, NoticeLinked] = field(default_factory=dict)


def solicitation_key(notice: Notice) -> str | None:
    """Under which notices belong together: the number in capitals and digits alone.

    None where it says nothing: a placeholder, words, a bare code of the agency.
    """
    key = normal_number(notice.solicitation_number)
    codes = {normal_number(code) for code in (notice.cgac, notice.fpds_code, notice.aac_code)}
    is_number = len(key) >= _SHORTEST and any(sign.isdigit() for sign in key)
    is_filler = len(set(key)) == 1 or key in _COUNTING or _PLACEHOLDER.fullmatch(key)
    return key if is_number and not is_filler and key not in codes else None


def decide(command: LinkNotices, state: Solicitation) -> list[SolicitationEvent]:
    """Whatever the order in which notices come, the same links are left. Repeating is silent."""
    number = command.solicitation_number
    gone = [key for key in command.gone if key in state.links]
    notices = {key: link.notice() for key, link in state.links.items() if key not in gone}
    notices |= {notice.notice_id: notice for notice in command.notices}
    links = [_link(number, notice, reason) for notice, reason in _reasons(notices.values())]
    return [
        *(NoticeUnlinked(solicitation_number=number, notice_id=key) for key in gone),
        *(link for link in links if state.links.get(link.notice_id) != link),
    ]


def evolve(state: Solicitation, event: SolicitationEvent) -> Solicitation:
    """Fold one event into the state. Total, pure, and never raises."""
    match event:
        case NoticeLinked():
            return Solicitation({**state.links, event.notice_id: event})
        case NoticeUnlinked():
            kept = {key: link for key, link in state.links.items() if key != event.notice_id}
            return Solicitation(kept)
        case _:
            assert_never(event)


def _reasons(
    notices: Iterable[NumberedNotice],
) -> Iterator[tuple[NumberedNotice, LinkReason]]:
    """In the order in which they were posted, each stage for itself."""
    stages: dict[Stage, list[NumberedNotice]] = {}
    for notice in sorted(notices, key=_order):
        stages.setdefault(notice.stage, []).append(notice)
    for stage, ordered in stages.items():
        for notice in ordered:
            is_first, is_last = notice is ordered[0], notice is ordered[-1]
            yield notice, _reason(stage, notice, is_first=is_first, is_last=is_last)


def _reason(stage: Stage, notice: NumberedNotice, *, is_first: bool, is_last: bool) -> LinkReason:
    """SAM.gov also ends what an amendment follows: so only the last of a stage is cancelled."""
    if stage in _APART:
        return _APART[stage]
    if notice.is_cancelled and is_last:
        return "cancelled"
    return _FIRST[stage] if is_first else "amendment"


def _order(notice: NumberedNotice) -> tuple[date, datetime, str]:
    """By the day, then by the minute where it is known. Those without a day come last."""
    posted = notice.posted_date
    if posted is None:
        return date.max, datetime.max.replace(tzinfo=UTC), notice.notice_id
    day = posted.date() if isinstance(posted, datetime) else posted
    return day, latest_moment(posted), notice.notice_id


def _link(number: str, notice: NumberedNotice, reason: LinkReason) -> NoticeLinked:
    return NoticeLinked(
        solicitation_number=number,
        notice_id=notice.notice_id,
        reason=reason,
        stage=notice.stage,
        posted_date=notice.posted_date,
        is_cancelled=notice.is_cancelled,
    )


def normal_number(number: str | None) -> str:
    """Capitals and digits alone; empty for none."""
    text = unicodedata.normalize("NFKC", number or "").upper()
    return re.sub(r"[^0-9A-Z]", "", text)


SOLICITATION: Decider[LinkNotices, Solicitation, SolicitationEvent] = Decider(
    "Solicitation", get_args(SolicitationEvent), Solicitation(), decide, evolve
)
"""One stream a number, in its normal form."""
