"""What pages make of values: times, texts, codes, pieces."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from deployments.shapes import FitShape, HighlightShape
from deployments.web.dashboard_view import days_view
from deployments.web.description import render_description
from deployments.web.labels import agency_label, plain_title
from deployments.web.notices import plain_detail
from deployments.web.reasons import fit_view, gate_in_words, reason_in_words
from deployments.web.rows import pieces, place_words
from deployments.web.times import deadline_view, eastern, iso
from domain.analytics import DayCount

NOW = datetime(2026, 4, 13, 12, 40, tzinfo=UTC)  # 8:40 AM EDT.
PACIFIC = timezone(timedelta(hours=-7))
TODAY = datetime(2026, 4, 13, 10, tzinfo=PACIFIC)
WEDNESDAY = datetime(2026, 4, 15, 10, tzinfo=PACIFIC)
NEXT_YEAR = datetime(2027, 1, 4, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deadline", "urgency", "left", "text"),
    [
        (
            datetime(2026, 4, 13, 10, tzinfo=PACIFIC),
            "today",
            "4 h 20 min",
            "Mon, Apr 13, 1:00 PM EDT",
        ),
        (
            datetime(2026, 4, 15, 10, tzinfo=PACIFIC),
            "soon",
            "2 days 4 h",
            "Wed, Apr 15, 1:00 PM EDT",
        ),
        (datetime(2026, 4, 17, 22, tzinfo=UTC), "week", "4 days", "Fri, Apr 17, 6:00 PM EDT"),
        (
            datetime(2027, 1, 4, 22, tzinfo=UTC),
            "later",
            "266 days",
            "Mon, Jan 4, 5:00 PM EST, 2027",
        ),
        (datetime(2026, 4, 10, 22, tzinfo=UTC), "passed", "Apr 10", "Fri, Apr 10, 6:00 PM EDT"),
        (date(2026, 4, 17), "week", "4 days", "Fri, Apr 17, no time given"),
        (date(2026, 4, 13), "today", "today", "Mon, Apr 13, no time given"),
        (date(2026, 4, 12), "passed", "Apr 12", "Sun, Apr 12, no time given"),
        (datetime(2026, 4, 17, 10), "week", "4 days", "Fri, Apr 17, 10:00 AM, no zone given"),  # noqa: DTZ001
        (None, "none", "No deadline", "none in the notice"),
    ],
)
def test_a_deadline_says_how_long_is_left_and_when_that_is(
    deadline: datetime | date | None, urgency: str, left: str, text: str
) -> None:
    view = deadline_view(deadline, NOW)
    assert (view.urgency, view.left, view.text) == (urgency, left, text)


def test_the_notices_own_hour_stands_beside_ours() -> None:
    view = deadline_view(WEDNESDAY, NOW)
    assert view.told == "10:00 AM UTC-07:00 in the notice"
    assert view.large == "Closes in 2 days 4 h"


def test_times_are_named_and_days_stay_days() -> None:
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert (eastern(at), eastern(at, "short")) == (
        "Thu, Jan 1, 10:04 PM EST",
        "Jan 1, 10:04 PM EST",
    )
    assert eastern(date(2026, 1, 2), "long") == "Fri, Jan 2, 2026"
    assert (iso(at), iso(date(2026, 1, 2))) == ("2026-01-02T03:04:00Z", "2026-01-02")


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<p onclick=alert(1)>x</p>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<style>p{background:url(//evil.example)}</style>",
    "<p><iframe src=//evil.example></iframe>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<!--><script>alert(1)</script>-->",
    "</p></div></main><form action=//evil.example><input name=q>",
    '<p title="</p><script>alert(1)</script>">x',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_texts_own_markup_survives(text: str) -> None:
    written = str(render_description(f"<p>before</p>{text}"))
    tags = re.findall(r"<[^>]*>", written)
    assert all(re.fullmatch(r"</?(p|b|i|ul|ol|li|h3|br|table|tr|td|th|a)>", tag) for tag in tags)
    assert written.count("<p>") == written.count("</p>")


def test_plain_text_keeps_its_paragraphs_and_characters() -> None:
    assert str(render_description("One & two\r\nthree <5 mm\n\n\nFour")) == (
        "<p>One &amp; two<br>three &lt;5 mm</p><p>Four</p>"
    )


def test_markup_that_is_understood_is_written_anew() -> None:
    text = "<DIV><strong>Bold</strong><ul><li>one<li>two</ul></DIV><p>&nbsp;</p>a&amp;b"
    assert str(render_description(text)) == (
        "<p><b>Bold</b><ul><li>one</li><li>two</li></ul></p>a&amp;b"
    )


def test_pieces_are_the_whole_text_in_order() -> None:
    marks = ((4, 7), (6, 9), (2, 3), (9, 9))
    found = list(pieces(HighlightShape(field="title", text="0123456789", marks=marks)))
    assert "".join(piece.text for piece in found) == "0123456789"
    assert [piece.text for piece in found if piece.is_marked] == ["2", "456", "78"]


def test_every_gate_and_reason_has_words() -> None:
    assert gate_in_words("set_aside:ISBEE").text == "ISBEE set-aside: not yours"
    assert gate_in_words("something_new").sign == "stop"
    assert reason_in_words("something_new:1") is None
    reason = reason_in_words("not_psc:6505")
    assert reason
    assert (reason.text, reason.sign) == ("PSC 6505 is not yours", "minus")


def test_not_eligible_has_no_number() -> None:
    view = fit_view(FitShape(score=None, gates=("closed",), reasons=("psc:6515",)))
    assert (view.level, view.score, view.is_scored) == ("none", None, True)
    waiting = fit_view(FitShape(score=None, gates=(), reasons=("not_scored_yet",)))
    assert (waiting.reasons, waiting.is_scored) == ((), False)


def test_names_are_short_enough_for_a_row() -> None:
    assert agency_label("262-NETWORK CONTRACT OFFICE 22 (36C262)") == "Network Contract Office 22"
    assert agency_label("AGRICULTURE, DEPARTMENT OF") == "Agriculture"
    assert plain_title("6520--644-TITAN 3") == "644-TITAN 3"
    assert plain_title("A-10 parts") == "A-10 parts"
    assert place_words("Bay Pines", "FL", "USA") == "Bay Pines, FL"
    assert place_words(None, "FL", "USA") == "Florida"
    assert place_words(None, "KR-48", "KOR") == "KR-48, KOR"


def test_a_day_that_nobody_asked_about_is_missing_and_not_zero() -> None:
    days = [DayCount(date(2026, 4, 1), None, None), DayCount(date(2026, 4, 2), 0, 0)]
    view = days_view(days)
    assert [bar.posted for bar in view.bars] == [None, 0]
    assert view.unknown == 1


def test_what_libraries_say_becomes_words() -> None:
    assert plain_detail("ConnectError('All connection attempts failed')") == "Takes no connection"
    assert plain_detail("bucket mch") == "Bucket mch"
