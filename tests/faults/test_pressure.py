"""Ten times the normal load slows the hub down; nothing grows with it, and nothing is lost."""

import asyncio

import psutil
import pytest

from tests.faults.small import Small, post

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

NORMAL = 400
"""Notices at once: what a busy hour of SAM.gov brings."""

POSTS = ("relay_events", "write_analytics", "notify")
SLACK_BYTES = 80 * 2**20
"""What ten times the load may take beyond one time: batches are bounded, so it is not tenfold."""

WHOLE_WITHIN_S = 200.0


async def peak_bytes(small: Small, rows: int, processes: list[psutil.Process]) -> dict[str, int]:
    """The most that each post held until all of a burst was everywhere."""
    peak = dict.fromkeys(POSTS, 0)
    await small.accept(rows)
    settling = asyncio.create_task(
        small.audit.until_whole(small.ledger.accepted, within_s=WHOLE_WITHIN_S)
    )
    while not settling.done():
        for name, process in zip(POSTS, processes, strict=True):
            peak[name] = max(peak[name], process.memory_info().rss)
        await asyncio.wait([settling], timeout=0.2)
    await settling
    return peak


async def test_ten_times_the_load_takes_no_more_memory(small: Small) -> None:
    async with (
        post("relay_events", small.env()) as relay,
        post("write_analytics", small.env()) as analytics,
        post("notify", small.env()) as notify,
    ):
        processes = [psutil.Process(each.pid) for each in (relay, analytics, notify)]
        normal = await peak_bytes(small, NORMAL, processes)
        burst = await peak_bytes(small, 10 * NORMAL, processes)
    grown = {name: burst[name] - normal[name] for name in POSTS}
    assert all(more < SLACK_BYTES for more in grown.values()), grown
