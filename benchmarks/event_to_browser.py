"""From an event's commit to a browser that hears of it, on a running hub.

Records notices that suit the sample company, one at a time, and times until a Socket.IO client has
(1) the list's announcement, which went through event store, relay, Kafka, `notify`, live feed; and
(2) the notification, which also waited for the notice's vector and its match. The notices stay in
the hub: give it a home of its own.

    MCH_HOME=<home of a running hub> python -m benchmarks.event_to_browser --address 127.0.0.1:8000
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import uuid4

import socketio

from cluster.settings import Settings
from cluster.stores.doorbell import open_doorbell
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import open_pool
from domain.access import LOCAL_USER, PUBLIC
from domain.clock import utc_now
from domain.decider import execute
from domain.events import Cause
from domain.feed import OPPORTUNITIES
from domain.flows import EVENT_TYPES
from domain.notice import Notice
from domain.opportunity import OPPORTUNITY, RecordNotice
from domain.ports import EventStore

PATIENCE_S = 30.0
PAUSE_S = 0.7

PRODUCTS = ("nitrile glove", "surgical gown", "bladder scanner", "patient monitor", "suture")


@dataclass(frozen=True, slots=True)
class Distribution:
    """In milliseconds. `lost` never came within `PATIENCE_S`."""

    what: str
    n: int
    lost: int
    median: float
    p95: float
    least: float
    most: float


class Browser:
    """Writes down when each notice was first heard of in a room."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient()
        self.announced: dict[str, float] = {}
        self.notified: dict[str, float] = {}
        self.client.on("message", self._hear)

    def _hear(self, room: str, message: dict[str, dict[str, object]]) -> None:
        now, body = time.perf_counter(), message["body"]
        if room == OPPORTUNITIES:
            discovered = body["discovered"]
            for notice_id in discovered if isinstance(discovered, list) else ():
                self.announced.setdefault(notice_id, now)
        else:
            self.notified.setdefault(str(body["notice_id"]), now)


async def measure(address: str, count: int) -> list[Distribution]:
    browser = Browser()
    await browser.client.connect(f"http://{address}", transports=["websocket"])
    for room in (f"user:{LOCAL_USER}", OPPORTUNITIES):
        answer = await browser.client.call("join", {"room": room})
        if not answer["ok"]:
            raise SystemExit(f"{room}: {answer['error']['detail']}")
    async with (
        open_pool(Settings().postgres, "mch_app", size=2) as pool,
        open_doorbell(pool) as ring,
    ):
        events = PostgresEventStore(
            pool, EVENT_TYPES, {OPPORTUNITY.aggregate_type: project_opportunities}, ring
        )
        committed = [await _record_and_wait(events, browser, number) for number in range(count)]
    await browser.client.disconnect()
    return [
        _distribution("event to list", committed, browser.announced),
        _distribution("event to notification", committed, browser.notified),
    ]


async def _record_and_wait(events: EventStore, browser: Browser, number: int) -> tuple[str, float]:
    """The notice's id, and when its event was committed."""
    notice = _suiting(number)
    stream = OPPORTUNITY.stream(PUBLIC, notice.notice_id)
    cause = Cause(correlation_id=uuid4(), causation_id=uuid4())
    await execute(events, OPPORTUNITY, stream, RecordNotice(notice), cause=cause)
    committed_at = time.perf_counter()
    while time.perf_counter() - committed_at < PATIENCE_S:
        if notice.notice_id in browser.announced and notice.notice_id in browser.notified:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(PAUSE_S)
    return notice.notice_id, committed_at


def _suiting(number: int) -> Notice:
    product = PRODUCTS[number % len(PRODUCTS)]
    return Notice.model_validate(
        {
            "notice_id": uuid4().hex,
            "title": f"Benchmark {number}: {product} for the medical center",
            "type": "o",
            "naics": "339113",
            "psc": "6515",
            "posted_date": utc_now().date(),
            "is_active": True,
        }
    )


def _distribution(
    what: str, committed: Sequence[tuple[str, float]], heard: dict[str, float]
) -> Distribution:
    took = [1_000 * (heard[notice_id] - at) for notice_id, at in committed if notice_id in heard]
    if len(took) < 2:
        return Distribution(what, len(took), len(committed) - len(took), *[float("nan")] * 4)
    p95 = statistics.quantiles(took, n=20, method="inclusive")[-1]
    lost = len(committed) - len(took)
    return Distribution(what, len(took), lost, statistics.median(took), p95, min(took), max(took))


def main() -> int:
    """Prints one line of JSON a distribution. Exits 1 if anything never came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True, help="host:port of the hub")
    parser.add_argument("-n", type=int, default=40)
    asked = parser.parse_args()
    found = asyncio.run(measure(asked.address, asked.n))
    for distribution in found:
        print(json.dumps(asdict(distribution)))
    return 1 if any(distribution.lost for distribution in found) else 0


if __name__ == "__main__":
    sys.exit(main())
