"""The embedded stores alone, in the foreground: `python -m cluster.servers.stores --home DIR`."""

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cluster.home import Home
from cluster.servers.credentials import write_private
from cluster.servers.embedded import plan_stores, prepare_home
from cluster.servers.parts import PartsBoard
from cluster.servers.supervisor import Supervisor
from cluster.servers.topics import make_topics
from cluster.settings import Settings

READY = "stores.ready"
"""A file in the home's `run`, there while all of them are up."""

_READY_WITHIN_S = 90.0


@asynccontextmanager
async def running_stores(home: Home) -> AsyncIterator[Supervisor]:
    """Up while the block runs, with Kafka's topics, without any migration."""
    embedded = plan_stores(home, prepare_home(home))
    write_private(home.servers_file, embedded.settings)
    names = [server.name for server in embedded.servers]
    supervisor = Supervisor(home, embedded.servers, PartsBoard(home.parts_file, names))
    running = asyncio.create_task(supervisor.run())
    try:
        async with asyncio.timeout(_READY_WITHIN_S):
            await supervisor.up(*names)
        await make_topics(Settings(home=home.root).kafka)
        yield supervisor
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _serve(home: Home) -> None:
    stopped = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stopped.set)
    ready = home.run / READY
    ready.unlink(missing_ok=True)
    async with running_stores(home):
        ready.touch()
        await stopped.wait()
        ready.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    home = Home(parser.parse_args().home.absolute())
    os.environ["MCH_HOME"] = str(home.root)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(_serve(home))


if __name__ == "__main__":
    main()
