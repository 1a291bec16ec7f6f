"""The dashboard's numbers as drawings: x in percent, y in pixels, so text keeps its size."""

from collections.abc import Sequence
from dataclasses import dataclass

from deployments.web.list_query import LABELS, TITLES, address
from domain.analytics import DayCount, Summary

PLOT_HEIGHT = 150
BASE = 118
"""Pixels from the top to the axis."""

DRAWN = 97.5
"""Percent of the width; the rest is for the numbers of the grid."""

SHOWN = 7
CHARTS = ("set_aside", "agency", "psc", "state")


@dataclass(frozen=True, slots=True)
class Kpi:
    name: str
    value: str
    about: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class DayBar:
    """Percent and pixels. `posted` is None for a day that no source was asked about."""

    label: str
    x: float
    width: float
    y: float
    height: float
    posted: int | None
    tick: str


@dataclass(frozen=True, slots=True)
class DaysView:
    heading: str
    bars: tuple[DayBar, ...]
    grid: tuple[tuple[float, int], ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    count: int
    percent: float
    href: str


@dataclass(frozen=True, slots=True)
class BarsView:
    heading: str
    bars: tuple[Bar, ...]


def kpis(summary: Summary) -> tuple[Kpi, ...]:
    totals, funnel = summary.totals, summary.funnel
    week = totals.closing.get(7, 0)
    opened = "/opportunities?medical=true"
    return (
        Kpi("Open, medical", f"{totals.open:,}", f"of {totals.known:,} known", opened),
        Kpi("Close within 7 days", f"{week:,}", "with a time given", opened),
        Kpi(
            "Posted this week",
            f"{totals.new_this_week:,}",
            f"{totals.new_today:,} of them today",
            "/opportunities?medical=true&sort=posted",
        ),
        Kpi(
            "Open matches of yours",
            f"{funnel.open:,}",
            f"{funnel.strong:,} with a fit of 75 or more",
            "/opportunities?medical=true&sort=fit",
        ),
    )


def days_view(days: Sequence[DayCount]) -> DaysView:
    """A day that was asked about and has nothing counts 0; one that was not is drawn as missing."""
    known = [day for day in days if day.posted is not None]
    most = max((day.posted or 0 for day in known), default=0)
    step = DRAWN / max(len(days), 1)
    scale = (BASE - 24) / max(most, 1)
    bars = tuple(_day(day, at, step, scale) for at, day in enumerate(days))
    return DaysView(_heading(known, most), bars, _grid(most, scale), len(days) - len(known))


def bars_by(summary: Summary) -> tuple[BarsView, ...]:
    charts = (_bars(summary, name) for name in CHARTS)
    return tuple(chart for chart in charts if chart.bars)


def _day(day: DayCount, at: int, step: float, scale: float) -> DayBar:
    height = (day.posted or 0) * scale
    label = f"{day.day:%a}, {day.day:%b} {day.day.day}"
    is_monday = day.day.weekday() == 0
    return DayBar(
        label=label,
        x=round(at * step + step * 0.12, 2),
        width=round(step * 0.76, 2),
        y=round(BASE - height, 1),
        height=round(height, 1),
        posted=day.posted,
        tick=f"{day.day:%b} {day.day.day}" if is_monday else "",
    )


def _grid(most: int, scale: float) -> tuple[tuple[float, int], ...]:
    if most < 2:
        return ()
    lines = {most // 2, most}
    return tuple((round(BASE - value * scale, 1), value) for value in sorted(lines))


def _heading(known: Sequence[DayCount], most: int) -> str:
    if not known or not most:
        return "No medical notice was posted on the days that were asked about"
    busiest = next(day for day in known if day.posted == most)
    noun = "notice was" if most == 1 else "notices were"
    day = f"{busiest.day:%a}, {busiest.day:%b} {busiest.day.day}"
    return f"{most:,} medical {noun} posted on {day}, the most on one day"


def _bars(summary: Summary, name: str) -> BarsView:
    values = list(summary.open_by.get(name, ()))
    told = [held for held in values if held.value][:SHOWN]
    most = max((held.count for held in told), default=1)
    bars = tuple(
        Bar(
            label=LABELS[name](held.value),
            count=held.count,
            percent=round(100 * held.count / most, 1),
            href=address({"medical": True, name: [held.value]}),
        )
        for held in told
    )
    return BarsView(f"Open by {TITLES[name][:1].lower()}{TITLES[name][1:]}", bars)
