"""The hub of one home: its servers, its Ray and its applications, until it is told to stop.

`python -m cluster.servers.hub --home DIR`; people say `mch up`, which runs this in the background.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

from cluster.home import Home
from cluster.servers.applications import ServeClient, serve_config
from cluster.servers.credentials import write_private
from cluster.servers.deployment import HUB, Deployment
from cluster.servers.embedded import Embedded, plan_stores, prepare_home
from cluster.servers.lock import HomeLock
from cluster.servers.logs import rotate
from cluster.servers.mail import MailSink
from cluster.servers.parts import PartsBoard
from cluster.servers.ports import LOOPBACK, PortBook
from cluster.servers.process import HUB_MARK, end, leftovers
from cluster.servers.ray_head import plan_ray
from cluster.servers.sam_gov import SamGovSandbox
from cluster.servers.signing import own_signing_keys
from cluster.servers.supervisor import Supervisor
from cluster.settings import Settings

logger = logging.getLogger(__name__)

_PORT = 8000
_SAM_GOV = "MCH_SAM_GOV__BASE_URL"
_SIGNING = "MCH_TOKENS__SIGNING_KEYS"
_ROTATE_EVERY_S = 60.0
_LEFTOVERS_WITHIN_S = 15.0


def plan_hub(home: Home, ports: PortBook) -> Embedded:
    """All servers of this home, and what they determine. Reads the settings."""
    settings = Settings(home=home.root)
    stores = plan_stores(home, ports)
    servers, told = list(stores.servers), dict(stores.settings)
    told["port"] = os.environ.get("MCH_PORT") or ports.take("http", preferred=_PORT)
    if not os.environ.get("MCH_RAY__DASHBOARD"):
        ray = plan_ray(home.root, ports, settings.ray.num_cpus)
        servers.append(ray)
        told["ray"] = {"address": ray.address, "dashboard": ray.dashboard}
    if not settings.sam_gov.api_key.get_secret_value() and not os.environ.get(_SAM_GOV):
        sandbox = SamGovSandbox(
            home.root, home.data("sam_gov"), ports.take("sam_gov"), settings.sam_gov
        )
        servers.append(sandbox)
        told["sam_gov"] = {"base_url": sandbox.base_url}
    if not os.environ.get("MCH_MAIL__HOST"):
        sink = MailSink(home.data("mail"), ports.take("mail"))
        servers.append(sink)
        told["mail"] = {"host": LOOPBACK, "port": sink.port, "tls": "none"}
    if not os.environ.get(_SIGNING) and not os.environ.get(f"{_SIGNING}_FILE"):
        told["tokens"] = {"signing_keys": json.dumps(own_signing_keys(home))}
    return Embedded(tuple(servers), told)


async def run_hub(home: Home, stopped: asyncio.Event) -> None:
    """Returns when `stopped` is set and all that it started has ended."""
    planned = plan_hub(home, prepare_home(home))
    write_private(home.servers_file, planned.settings)
    settings = Settings(home=home.root)
    board = PartsBoard(home.parts_file, [HUB, *(server.name for server in planned.servers)])
    supervisor = Supervisor(home, planned.servers, board)
    serve = ServeClient(settings.ray.dashboard)
    config = serve_config(host=LOOPBACK, port=settings.port)
    deployment = Deployment(settings, serve, config, board)
    tasks = [
        asyncio.create_task(supervisor.run()),
        asyncio.create_task(deployment.run(supervisor)),
        asyncio.create_task(_rotate_logs(home)),
        asyncio.create_task(stopped.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in reversed(tasks):
            task.cancel()
            await asyncio.wait([task])
        await serve.close()
        board.clear()


async def _rotate_logs(home: Home) -> None:
    while True:
        await asyncio.to_thread(rotate, home.logs)
        await asyncio.sleep(_ROTATE_EVERY_S)


async def _serve(home: Home) -> None:
    stopped = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stopped.set)
    await run_hub(home, stopped)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--background", action="store_true", help="return once it has begun")
    asked = parser.parse_args()
    home = Home(asked.home.absolute())
    os.environ |= {"MCH_HOME": str(home.root), HUB_MARK: str(home.root)}
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("httpx", "aiokafka"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    prepare_home(home)
    lock = HomeLock(home.lock_file)
    if not lock.take():
        sys.exit(f"a hub of {home.root} runs already")
    if asked.background and os.fork():
        os._exit(0)  # The child has the lock as well, and keeps it.
    lock.sign()
    end(leftovers(home.root), within_s=_LEFTOVERS_WITHIN_S)
    asyncio.run(_serve(home))
    end(leftovers(home.root), within_s=_LEFTOVERS_WITHIN_S)


if __name__ == "__main__":
    main()
