"""A summary of the analytics with something of everything, for pages that show it."""

from datetime import datetime, timedelta

from domain.analytics import DIMENSIONS, DayCount, MatchFunnel, Summary, Totals, ValueCount


def summary_of(now: datetime) -> Summary:
    first = now.date() - timedelta(days=27)
    days = [
        DayCount(first + timedelta(days=at), *((None, None) if at == 5 else (at % 7, at % 5)))
        for at in range(28)
    ]
    values = [ValueCount("SDVOSBC", 12), ValueCount("SBA", 7)]
    return Summary(
        as_of_position=48_212,
        as_of=now,
        totals=Totals(
            known=2_160,
            open=612,
            medical=1_004,
            open_medical=408,
            new_today=3,
            new_this_week=41,
            closing={7: 24, 14: 61, 30: 140},
        ),
        open_by={name: values if name == "set_aside" else [] for name in DIMENSIONS},
        by_day=days,
        funnel=MatchFunnel(matched=40, open=22, strong=6, used={"OpportunityViewed": 4}),
    )
