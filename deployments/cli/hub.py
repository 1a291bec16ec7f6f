"""`mch up`, `mch down`, `mch deploy`: the hub of this home, or of a cluster."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import typer
from rich.console import Console

from cluster.home import Home
from cluster.servers.applications import ServeClient, serve_config
from cluster.servers.embedded import prepare_home
from cluster.servers.lock import HomeLock
from cluster.servers.logs import last_line
from cluster.servers.process import HUB_MARK, end, leftovers
from cluster.settings import Profile, Settings
from deployments.cli.start import Start, is_prepared, is_ready
from deployments.cli.trouble import Trouble

_CHECKOUT = Path(__file__).parents[2]
_READY_WITHIN_S = 300.0
_STOPPED_WITHIN_S = 90.0
_ENDED_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.2


def up() -> None:
    """Start the hub, wait until it is ready, and leave it running."""
    from deployments.cli.sample import import_sample  # noqa: PLC0415 - seconds

    home = Home.default()
    if Settings().profile == Profile.CLUSTER:
        raise Trouble("MCH_PROFILE=cluster starts no servers; use `mch deploy`")
    prepare_home(home)
    turn = HomeLock(home.run / "up.lock")
    while not turn.take():
        time.sleep(_LOOK_EVERY_S)
    with Console(stderr=True).status("starts") as shown:
        if HomeLock(home.lock_file).holder() is None:
            _start(home)
        start = Start(home, shown.update)
        start.wait_until(is_prepared)
        asyncio.run(import_sample(Settings(), shown.update))
        start.wait_until(is_ready)
    typer.echo(f"MedContractHub is ready at http://127.0.0.1:{Settings().port}")


def down() -> None:
    """Stop the hub and everything that it started."""
    home = Home.default()
    holder = HomeLock(home.lock_file).holder()
    if holder:
        with Console(stderr=True).status("stops"):
            _stop(holder)
    rest = leftovers(home.root)
    end(rest, within_s=_ENDED_WITHIN_S)
    typer.echo("stopped" if holder or rest else "nothing was running")


def deploy() -> None:
    """Prepare the stores and deploy serve_config.yaml on the Ray that the settings name."""
    settings = Settings()
    if not settings.ray.dashboard:
        raise Trouble("MCH_RAY__DASHBOARD is not set, and no hub of this home is running")
    asyncio.run(_deploy(settings))
    typer.echo("deployed")


async def _deploy(settings: Settings) -> None:
    from cluster.servers.preparation import prepare_stores  # noqa: PLC0415 - seconds

    await prepare_stores(settings)
    serve = ServeClient(settings.ray.dashboard, settings.ray.token.get_secret_value())
    config = serve_config(port=settings.port or None)
    try:
        await serve.deploy(config)
        async with asyncio.timeout(_READY_WITHIN_S):
            while True:
                found = await serve.applications()
                if failed := [each for each in found.values() if each.failed]:
                    raise Trouble(f"{failed[0].name} failed: {failed[0].message}")
                if found and all(each.runs for each in found.values()):
                    return
                await asyncio.sleep(1.0)
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise Trouble(f"Ray at {settings.ray.dashboard}: {reason}") from error
    except TimeoutError as error:
        raise Trouble(f"the applications do not run after {_READY_WITHIN_S:g} s") from error
    finally:
        await serve.close()


def _start(home: Home) -> None:
    """Returns when the hub has the home's lock. Raises `Trouble`."""
    home.parts_file.unlink(missing_ok=True)
    log = home.logs / "hub.log"
    with log.open("ab") as out:
        begun = subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "cluster.servers.hub", "--background", "--home", str(home.root)],
            cwd=_CHECKOUT,
            env={**os.environ, HUB_MARK: str(home.root)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            check=False,
        )
    if begun.returncode:
        raise Trouble(f"the hub did not begin: {last_line(log)}")


def _stop(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        with suppress(psutil.TimeoutExpired):
            process.wait(_STOPPED_WITHIN_S)
