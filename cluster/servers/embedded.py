"""Which servers a home's hub starts itself, on which ports, and what it tells of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.home import Home
from cluster.sealing import SETTING
from cluster.servers.clickhouse_server import USERNAME, ClickHouseServer
from cluster.servers.credentials import Credentials
from cluster.servers.ports import LOOPBACK, PortBook
from cluster.servers.postgres_server import SUPERUSER, PostgresServer
from cluster.servers.seaweedfs import PORTS, SeaweedFs
from cluster.servers.server import Server, private_folder
from cluster.servers.tansu import Tansu
from cluster.servers.valkey import Valkey

_POSTGRES_ROLES = (SUPERUSER, "mch_owner", "mch")


@dataclass(frozen=True, slots=True)
class Embedded:
    """Servers to start, and the settings that they determine, by group."""

    servers: tuple[Server, ...]
    settings: dict[str, Any]


def prepare_home(home: Home) -> PortBook:
    """Make its folders. Data stays traversable for the user who runs Postgres, not readable."""
    for folder in (home.root, home.root / "data"):
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    private_folder(home.run)
    private_folder(home.logs)
    return PortBook(home.run / "ports.json")


def plan_stores(
    home: Home, ports: PortBook, environment: Mapping[str, str] = os.environ
) -> Embedded:
    """Those whose address no setting names."""
    credentials = Credentials(home.root / "credentials.json")
    plans = {
        "MCH_POSTGRES__DSN": _postgres,
        "MCH_REDIS__HOST": _redis,
        "MCH_CLICKHOUSE__HOST": _clickhouse,
    }
    planned = [
        plan(home, ports, credentials)
        for variable, plan in plans.items()
        if not _is_set(environment, variable)
    ]
    planned.append(_s3_and_kafka(home, ports, credentials, environment))
    return Embedded(
        servers=tuple(server for plan in planned for server in plan.servers),
        settings={
            **{key: value for plan in planned for key, value in plan.settings.items()},
            **_auth(credentials, environment),
        },
    )


def _auth(credentials: Credentials, environment: Mapping[str, str]) -> dict[str, Any]:
    if _is_set(environment, SETTING):
        return {}
    return {"auth": {"sealing_keys": credentials.secret("sealing")}}


def _is_set(environment: Mapping[str, str], variable: str) -> bool:
    return bool(environment.get(variable) or environment.get(f"{variable}_FILE"))


def _postgres(home: Home, ports: PortBook, credentials: Credentials) -> Embedded:
    server = PostgresServer(
        home=home.root,
        data=home.data("postgres"),
        port=ports.take("postgres"),
        passwords={role: credentials.secret(f"postgres {role}") for role in _POSTGRES_ROLES},
    )
    told = {"dsn": server.dsn("mch"), "owner_dsn": server.dsn("mch_owner")}
    return Embedded((server,), {"postgres": told})


def _redis(home: Home, ports: PortBook, credentials: Credentials) -> Embedded:
    server = Valkey(home.data("redis"), ports.take("redis"), credentials.secret("redis"))
    told = {"host": LOOPBACK, "port": server.port, "password": server.password}
    return Embedded((server,), {"redis": told})


def _clickhouse(home: Home, ports: PortBook, credentials: Credentials) -> Embedded:
    password = credentials.secret("clickhouse")
    server = ClickHouseServer(home.data("clickhouse"), ports.take("clickhouse"), password)
    told = {
        "host": LOOPBACK,
        "port": server.port,
        "username": USERNAME,
        "password": server.password,
    }
    return Embedded((server,), {"clickhouse": told})


def _s3_and_kafka(
    home: Home, ports: PortBook, credentials: Credentials, environment: Mapping[str, str]
) -> Embedded:
    """The embedded broker keeps its topics in the embedded S3, whichever S3 the hub uses."""
    own_s3 = not _is_set(environment, "MCH_S3__ENDPOINT")
    own_kafka = not _is_set(environment, "MCH_KAFKA__BROKERS")
    servers: list[Server] = []
    told: dict[str, Any] = {}
    if own_s3 or own_kafka:
        s3 = SeaweedFs(
            data=home.data("s3"),
            ports={option: ports.take(f"s3 {option}") for option in PORTS},
            access_key=credentials.secret("s3 access"),
            secret_key=credentials.secret("s3 secret"),
        )
        servers.append(s3)
    if own_s3:
        told["s3"] = {
            "endpoint": s3.endpoint,
            "access_key": s3.access_key,
            "secret_key": s3.secret_key,
        }
    if own_kafka:
        kafka = Tansu(home.data("kafka"), ports.take("kafka"), s3)
        servers.append(kafka)
        told["kafka"] = {"brokers": kafka.brokers}
    return Embedded(tuple(servers), told)
