"""Embedded servers, started for real in homes of their own."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from cluster.home import Home
from cluster.servers.credentials import Credentials
from cluster.servers.embedded import plan_stores, prepare_home
from cluster.servers.parts import Part, PartsBoard, State, read_parts
from cluster.servers.ports import PortBook, is_free
from cluster.servers.postgres_server import PostgresServer
from cluster.servers.process import end, leftovers
from cluster.servers.stores import running_stores
from cluster.servers.supervisor import Patience, Supervisor
from cluster.settings import Settings
from domain.wire import DEAD_LETTERS, TOPICS
from tests.servers import FakeServer
from tests.stores import forget

STORES = ("postgres", "redis", "clickhouse", "s3", "kafka")
IMPATIENT = Patience(
    first_pause_s=0.01,
    longest_pause_s=0.05,
    ask_every_s=0.05,
    ask_within_s=0.5,
    stop_within_s=5.0,
    stop_hung_within_s=0.2,
    failures_before_down=3,
)


STUBBORN = "trap '' TERM; while true; do sleep 1; done"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    yield home
    forget(home)


@asynccontextmanager
async def supervised(home: Home, *servers: FakeServer) -> AsyncIterator[Supervisor]:
    prepare_home(home)
    board = PartsBoard(home.parts_file, [server.name for server in servers])
    supervisor = Supervisor(home, servers, board, IMPATIENT)
    running = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        running.cancel()
        await asyncio.wait([running])


async def until_part(home: Home, name: str, state: State, *, restarts: int = 0) -> Part:
    async with asyncio.timeout(60):
        while True:
            part = read_parts(home.parts_file)[name]
            if part.state == state and part.restarts >= restarts:
                return part
            await asyncio.sleep(0.02)


async def keep_something(settings: Settings) -> None:
    connection = await asyncpg.connect(str(settings.postgres.owner_dsn.get_secret_value()))  # type: ignore[union-attr]
    await connection.execute("create table kept (word text); insert into kept values ('here')")
    await connection.close()
    redis = settings.redis
    async with Redis(
        host=redis.host, port=redis.port, password=redis.password.get_secret_value()
    ) as client:
        await client.set("kept", "here")


async def find_it(settings: Settings) -> tuple[str, str]:
    connection = await asyncpg.connect(str(settings.postgres.owner_dsn.get_secret_value()))  # type: ignore[union-attr]
    row: str = await connection.fetchval("select word from kept")
    await connection.close()
    redis = settings.redis
    async with Redis(
        host=redis.host, port=redis.port, password=redis.password.get_secret_value()
    ) as client:
        value: Any = await client.get("kept")
    return row, value.decode()


@pytest.mark.stores
async def test_a_second_start_finds_its_data_and_its_ports(home: Home) -> None:
    async with running_stores(home):
        first = Settings(home=home.root)
        await keep_something(first)
    assert not leftovers(home.root)
    async with running_stores(home):
        second = Settings(home=home.root)
        assert await find_it(second) == ("here", "here")
        assert second.redis.port == first.redis.port


@pytest.mark.stores
async def test_a_home_that_only_its_owner_may_enter_works_too(home: Home) -> None:
    home.root.mkdir(mode=0o700)
    async with running_stores(home):
        await keep_something(Settings(home=home.root))
    async with running_stores(home):
        assert await find_it(Settings(home=home.root)) == ("here", "here")


@pytest.mark.stores
async def test_each_killed_server_is_started_again_with_what_it_held(home: Home) -> None:
    async with running_stores(home):
        settings = Settings(home=home.root)
        await keep_something(settings)
        for name in STORES:
            pid = read_parts(home.parts_file)[name].pid
            assert pid
            os.kill(pid, signal.SIGKILL)
            await until_part(home, name, State.UP, restarts=1)
        assert await find_it(settings) == ("here", "here")


@pytest.mark.stores
async def test_stores_ask_for_passwords_and_listen_on_loopback_only(
    embedded_stores: Settings,
) -> None:
    home = Home(embedded_stores.home)
    wrong = str(embedded_stores.postgres.dsn.get_secret_value()).replace("mch:", "mch:not", 1)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    family = {process.pid for process in leftovers(home.root)}
    listening = {
        str(connection.laddr).split("'")[1]
        for connection in psutil.net_connections("tcp")
        if connection.pid in family and connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    for secret in (home.servers_file, home.root / "credentials.json"):
        assert secret.stat().st_mode & 0o077 == 0


@pytest.mark.stores
async def test_topics_have_their_partitions(embedded_stores: Settings) -> None:
    async with AIOKafkaProducer(bootstrap_servers=embedded_stores.kafka.brokers) as producer:
        for topic in {*TOPICS.values(), DEAD_LETTERS}:
            assert await producer.partitions_for(topic) == set(range(12))


async def test_a_crash_loop_is_told_and_tried_again(home: Home) -> None:
    server = FakeServer("frail", home.root, script="echo no luck today; exit 3")
    async with supervised(home, server):
        part = await until_part(home, "frail", State.DOWN, restarts=2)
        assert "no luck today" in part.detail
        server.script = "sleep 60"
        await until_part(home, "frail", State.UP)


async def test_a_server_that_stops_answering_is_replaced(home: Home) -> None:
    server = FakeServer("stuck", home.root)
    async with supervised(home, server):
        first = await until_part(home, "stuck", State.UP)
        server.trouble = "frozen"
        await until_part(home, "stuck", State.STARTING)
        server.trouble = None
        again = await until_part(home, "stuck", State.UP, restarts=1)
        assert again.pid != first.pid


async def test_a_server_is_not_replaced_for_one_that_hangs(home: Home) -> None:
    below = FakeServer("below", home.root, script=STUBBORN)
    above = FakeServer("above", home.root, needs=("below",))
    async with supervised(home, above, below):
        first = await until_part(home, "above", State.UP)
        below.trouble = above.trouble = "frozen"
        began = time.monotonic()
        await until_part(home, "below", State.STARTING)
        assert time.monotonic() - began < IMPATIENT.stop_within_s, "it was not killed soon"
        below.trouble = None
        await until_part(home, "below", State.UP, restarts=1)
        above.trouble = None
        again = await until_part(home, "above", State.UP)
        assert (again.pid, again.restarts) == (first.pid, 0)


async def test_servers_start_after_what_they_need_and_stop_before_it(home: Home) -> None:
    below = FakeServer("below", home.root, trouble="not yet")
    above = FakeServer("above", home.root, needs=("below",))
    async with supervised(home, above, below) as supervisor:
        await asyncio.sleep(0.2)
        assert read_parts(home.parts_file)["above"].pid is None
        below.trouble = None
        await supervisor.up("above", "below")
        pids = [read_parts(home.parts_file)[name].pid for name in ("above", "below")]
    assert not any(pid and psutil.pid_exists(pid) for pid in pids)


def test_what_a_killed_supervisor_leaves_is_found_and_ended(home: Home) -> None:
    prepare_home(home)
    supervisor = subprocess.Popen(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "tests.servers", str(home.root)], cwd=Path(__file__).parents[2]
    )
    deadline = time.monotonic() + 30
    while (
        "stubborn" not in read_parts(home.parts_file)
        or not read_parts(home.parts_file)["stubborn"].pid
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    supervisor.kill()
    supervisor.wait()
    end(leftovers(home.root), within_s=2.0)
    assert not leftovers(home.root)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_an_address_in_the_settings_is_used_instead_of_a_server(home: Home) -> None:
    environment = {"MCH_KAFKA__BROKERS": "kafka:9092", "MCH_POSTGRES__DSN_FILE": "/run/dsn"}
    embedded = plan_stores(home, prepare_home(home), environment)
    assert {server.name for server in embedded.servers} == {"redis", "clickhouse", "s3"}
    assert "kafka" not in embedded.settings
    assert "postgres" not in embedded.settings


def test_two_homes_take_different_ports(tmp_path: Path) -> None:
    homes = [Home(tmp_path / name) for name in ("one", "two")]
    books = [prepare_home(home) for home in homes]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", books[0].take("redis")))
        taken.listen()
        assert not is_free(taken.getsockname()[1])
        again = PortBook(homes[0].run / "ports.json")
        assert again.take("redis") != taken.getsockname()[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for whom another user runs Postgres")
def test_data_that_its_user_cannot_reach_any_more_is_told(tmp_path: Path) -> None:
    """Not begun anew elsewhere, as if there were none."""
    tmp_path.chmod(0o700)
    server = PostgresServer(tmp_path, tmp_path / "data", 1, {})
    server.data.mkdir()
    with pytest.raises(PermissionError, match="may no longer enter the folders above"):
        server.prepare()


def test_passwords_are_made_once(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    assert Credentials(file).secret("redis") == Credentials(file).secret("redis")
    assert Credentials(file).secret("redis") != Credentials(file).secret("s3")
