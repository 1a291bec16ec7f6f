"""ClickHouse's own client against the embedded front, in a process of its own."""

import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import httpx
import lz4.frame
import pyarrow as pa
import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.clickhouse import PASSWORD, Front, running_front

ROWS = 200_000
"""More than one block of an insert, so more than one LZ4 frame."""


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with running_front(tmp_path_factory.mktemp("front")) as front:
        yield front


async def connect(front: Front, **options: Any) -> AsyncClient:
    return await clickhouse_connect.get_async_client(
        host="127.0.0.1", port=front.port, username="mch", password=PASSWORD, **options
    )


@pytest.fixture
async def client(front: Front) -> AsyncIterator[AsyncClient]:
    client = await connect(front)
    await client.command(
        "create or replace table default.t (n UInt64, s String) engine=MergeTree order by n"
    )
    yield client
    await client.close()


async def told(client: AsyncClient, sql: str, **options: Any) -> Any:
    return (await client.query(sql, **options)).result_rows


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", False])
async def test_every_row_of_an_insert_arrives(
    front: Front, client: AsyncClient, compression: Any
) -> None:
    own = await connect(front, compress=compression)
    summary = await own.insert(
        "t", [[n, "x" * (n % 50)] for n in range(ROWS)], column_names=["n", "s"]
    )
    rows = await told(own, "select n from t order by n")
    await own.close()
    assert rows == [(n,) for n in range(ROWS)]
    assert summary.written_rows == ROWS


async def test_frames_after_the_first_are_rows_too(front: Front, client: AsyncClient) -> None:
    frames = [lz4.frame.compress(b'{"n": %d, "s": "a"}\n' % n) for n in range(500)]
    await client.raw_insert(
        "t", insert_block=b"".join(frames), fmt="JSONEachRow", compression="lz4"
    )
    assert await told(client, "select count(), uniqExact(n) from t") == [(500, 500)]


async def test_takes_arrow(client: AsyncClient) -> None:
    await client.insert_arrow("t", pa.table({"n": pa.array([1, 2], pa.uint64()), "s": ["a", "b"]}))
    assert await told(client, "select * from t order by n") == [(1, "a"), (2, "b")]
    assert (await client.query_arrow("select s from t order by n")).to_pylist() == [
        {"s": "a"},
        {"s": "b"},
    ]


@pytest.mark.parametrize("text", ["it's", 'say "hi"', "back\\slash", "tab\tand\nline", "Zoë 株"])
async def test_parameters_come_through_as_they_are(client: AsyncClient, text: str) -> None:
    assert await told(client, "select {text:String}", parameters={"text": text}) == [(text,)]


async def test_long_parameters_come_as_a_form(client: AsyncClient) -> None:
    values = [f"{n:040}" for n in range(1_000)]
    found = await told(
        client, "select arraySort({values:Array(String)})", parameters={"values": values}
    )
    assert found == [(values,)]


async def test_settings_hold_for_one_request(client: AsyncClient) -> None:
    sql = "select toUInt32(getSetting('max_block_size'))"
    assert await told(client, sql, settings={"max_block_size": 77}) == [(77,)]
    assert await told(client, sql) != [(77,)]


async def test_a_database_can_be_chosen(front: Front, client: AsyncClient) -> None:
    await client.command("create database if not exists other")
    own = await connect(front, database="other")
    assert await told(own, "select currentDatabase()") == [("other",)]
    await own.close()


async def test_an_error_tells_its_code_and_status(front: Front, client: AsyncClient) -> None:
    with pytest.raises(DatabaseError) as caught:
        await client.query("select * from missing")
    assert (caught.value.code, caught.value.name) == (60, "UNKNOWN_TABLE")
    answer = ask(front, "select * from missing")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (404, "60")


async def test_a_refused_insert_leaves_nothing(client: AsyncClient) -> None:
    with pytest.raises(DatabaseError):
        await client.raw_insert("t", insert_block=b'{"n": 1}\n{"n": "x"}\n', fmt="JSONEachRow")
    assert await told(client, "select count() from t") == [(0,)]


def ask(
    front: Front, sql: str | bytes, *, auth: tuple[str, str] = ("mch", PASSWORD), **options: Any
) -> httpx.Response:
    address = f"http://127.0.0.1:{front.port}/"
    with httpx.Client(trust_env=False) as http:
        return http.post(address, content=sql, auth=auth, **options)


def test_a_wrong_password_is_refused(front: Front) -> None:
    answer = ask(front, "select 1", auth=("mch", "wrong"))
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (403, "516")


def test_credentials_may_come_as_headers(front: Front) -> None:
    headers = {"X-ClickHouse-User": "mch", "X-ClickHouse-Key": PASSWORD}
    answer = httpx.post(
        f"http://127.0.0.1:{front.port}/", content="select 7", headers=headers, trust_env=False
    )
    assert answer.text == "7\n"


def test_a_get_may_not_write(front: Front) -> None:
    answer = httpx.get(
        f"http://127.0.0.1:{front.port}/",
        params={"query": "create table default.no (n Int8) engine=Memory"},
        auth=("mch", PASSWORD),
        trust_env=False,
    )
    assert answer.headers["x-clickhouse-exception-code"] == "164"


def test_ping_needs_no_password(front: Front) -> None:
    assert httpx.get(f"http://127.0.0.1:{front.port}/ping", trust_env=False).text == "Ok.\n"
    assert httpx.head(f"http://127.0.0.1:{front.port}/", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (lz4.frame.compress(b"select 1")[:-6], "271"),
        (b"no frame at all", "271"),
    ],
)
def test_a_body_cut_short_is_no_shorter_insert(front: Front, body: bytes, code: str) -> None:
    answer = ask(front, body, headers={"Content-Encoding": "lz4"})
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (400, code)


def test_a_bomb_is_refused(front: Front) -> None:
    bomb = gzip.compress(b" " * (300 << 20), compresslevel=1)
    assert ask(front, bomb, headers={"Content-Encoding": "gzip"}, timeout=60).status_code == 413


async def test_what_is_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    with running_front(tmp_path / "ch") as front:
        client = await connect(front)
        await client.command("create table default.k (n UInt64) engine=MergeTree order by n")
        for n in range(20):
            await client.insert("k", [[n * 10 + i] for i in range(10)], column_names=["n"])
        front.kill()
        front.start()
        assert await told(client, "select count(), uniqExact(n) from k") == [(200, 200)]
        await client.close()
        assert front.stop() == 0
