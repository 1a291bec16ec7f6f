"""A pool in a process of its own, for tests that kill it. Arguments: how long its leases are."""

import asyncio
import sys
from dataclasses import replace

from actors.process_documents import POST, open_desk, open_slots
from actors.reading_pool import ReadingPool
from cluster.settings import Settings
from cluster.stores.blob_store import open_blob_store
from cluster.stores.documents import project_documents
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.live_feed import MemoryLiveFeed
from cluster.stores.postgres import open_pool
from cluster.stores.work import PostgresWork
from domain.flows import EVENT_TYPES


async def main(lease_s: float) -> None:
    settings = Settings()
    files = open_blob_store(settings.s3)
    async with (
        open_pool(settings.postgres, "mch_app", size=4) as app,
        open_pool(settings.postgres, "mch_relay", size=3) as relay,
    ):
        events = PostgresEventStore(app, EVENT_TYPES, {"Document": project_documents})
        desk = open_desk(app, relay, files, MemoryLiveFeed(), events)
        brief = replace(desk, work=PostgresWork(app, relay, lease_s))
        await ReadingPool(POST, brief, open_slots(settings.reading, files)).run()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
