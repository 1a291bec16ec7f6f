"""Stores reached over TLS with a password, and who is refused."""

import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from cluster.settings import PostgresSettings, RedisSettings
from cluster.stores.migrate import migrate
from cluster.stores.postgres import open_pool, transaction
from cluster.stores.redis import open_redis, outages
from cluster.tls import client_context
from domain.errors import Unavailable
from tests.certificates import Authority, Certificate, tls_front
from tests.postgres import Server, place
from tests.valkey import LocalValkey

__all__ = ["place"]

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""PostgreSQL's frontend/backend protocol, section SSLRequest; the server answers `S`."""


@pytest.fixture
def authority(place: Path) -> Authority:
    return _authority(place, "ours")


@pytest.fixture
def stranger(place: Path) -> Authority:
    return _authority(place, "theirs")


def _authority(place: Path, name: str) -> Authority:
    folder = place / name
    folder.mkdir()
    folder.chmod(0o755)
    return Authority(folder)


@pytest.fixture
async def postgres(place: Path) -> AsyncIterator[Server]:
    async with Server(place / "pg") as server:
        yield server


@pytest.fixture
async def encrypted(postgres: Server, authority: Authority) -> AsyncIterator[int]:
    """Postgres behind TLS, for clients with a certificate."""
    front = tls_front(authority.front(), postgres.server.port, asked_with=SSL_REQUEST, answers=b"S")
    async with front as port:
        yield port


def reached(
    server: Server, port: int, ca_file: Path, client: Certificate | None
) -> PostgresSettings:
    """As the owner, who migrates. The front is the only way to that port."""
    dsn = server.owner.replace(f":{server.server.port}/", f":{port}/")
    files = {"cert_file": client.cert_file, "key_file": client.key_file} if client else {}
    tls = {"enabled": True, "ca_file": ca_file, **files}
    return PostgresSettings.model_validate({"dsn": dsn, "tls": tls})


async def migrated(settings: PostgresSettings) -> list[int]:
    return await migrate(str(settings.dsn.get_secret_value()), tls=client_context(settings.tls))


async def test_postgres_is_migrated_and_asked_over_tls(
    postgres: Server, encrypted: int, authority: Authority
) -> None:
    settings = reached(postgres, encrypted, authority.ca_file, authority.sign("client"))
    assert await migrated(settings)
    async with open_pool(settings, "mch_app") as pool, transaction(pool) as connection:
        assert await connection.fetchval("select current_user") == "mch_app"


async def test_a_postgres_of_another_authority_is_not_spoken_to(
    postgres: Server, encrypted: int, authority: Authority, stranger: Authority
) -> None:
    settings = reached(postgres, encrypted, stranger.ca_file, authority.sign("client"))
    with pytest.raises(ssl.SSLCertVerificationError):
        await migrated(settings)
    async with open_pool(settings, "mch_app") as pool:
        with pytest.raises(Unavailable, match="postgres"):
            async with transaction(pool):
                pytest.fail("spoke to a stranger")


async def test_postgres_is_away_for_whom_it_does_not_know(
    postgres: Server, encrypted: int, authority: Authority, stranger: Authority
) -> None:
    for client in (None, stranger.sign("client")):
        settings = reached(postgres, encrypted, authority.ca_file, client)
        async with open_pool(settings, "mch_app") as pool:
            with pytest.raises(Unavailable, match="postgres"):
                async with transaction(pool):
                    pytest.fail("let a stranger in")


async def test_a_wrong_password_is_refused(
    postgres: Server, encrypted: int, authority: Authority
) -> None:
    known = reached(postgres, encrypted, authority.ca_file, authority.sign("client"))
    guessed = str(known.dsn.get_secret_value()).replace(":secret@", ":guessed@")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await migrate(guessed, tls=client_context(known.tls))


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[LocalValkey]:
    valkey = LocalValkey(tmp_path)
    valkey.start()
    yield valkey
    valkey.stop()


@pytest.fixture
async def front(valkey: LocalValkey, authority: Authority) -> AsyncIterator[int]:
    async with tls_front(authority.front(), valkey.port) as port:
        yield port


def over(
    port: int, ca_file: Path, client: Certificate | None, given: str = "secret"
) -> RedisSettings:
    files = {"cert_file": client.cert_file, "key_file": client.key_file} if client else {}
    tls = {"enabled": True, "ca_file": ca_file, **files}
    return RedisSettings.model_validate({"port": port, "password": given, "tls": tls})


async def ping(settings: RedisSettings) -> object:
    async with open_redis(settings) as client:
        with outages():
            return await client.ping()


async def test_redis_is_asked_over_tls_with_a_clients_certificate(
    front: int, authority: Authority
) -> None:
    assert await ping(over(front, authority.ca_file, authority.sign("client")))


async def test_redis_is_away_for_whom_it_does_not_know(
    front: int, authority: Authority, stranger: Authority
) -> None:
    known = authority.sign("client")
    refused = (
        over(front, stranger.ca_file, known),
        over(front, authority.ca_file, None),
        over(front, authority.ca_file, stranger.sign("client")),
        over(front, authority.ca_file, known, "guessed"),
    )
    for settings in refused:
        with pytest.raises(Unavailable, match="redis"):
            await ping(settings)
