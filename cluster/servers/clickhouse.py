"""How ClickHouse starts on one machine: its own server where there is one, else chDB's front."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

MEMORY_BYTES = 1_500_000_000

_CONFIGURATION = """<clickhouse>
    <logger><level>warning</level><console>1</console></logger>
    <listen_host>127.0.0.1</listen_host>
    <http_port>{port}</http_port>
    <path>{data}/</path>
    <tmp_path>{data}/tmp/</tmp_path>
    <user_files_path>{data}/user_files/</user_files_path>
    <format_schema_path>{data}/format_schemas/</format_schema_path>
    <timezone>UTC</timezone>
    <max_server_memory_usage>{memory_bytes}</max_server_memory_usage>
    <mark_cache_size>67108864</mark_cache_size>
    <profiles><default/></profiles>
    <quotas><default/></quotas>
    <users>
        <{username}>
            <password_sha256_hex>{password_sha256}</password_sha256_hex>
            <networks><ip>127.0.0.1</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
            <access_management>1</access_management>
        </{username}>
    </users>
</clickhouse>
"""


def clickhouse_argv(
    port: int,
    data: Path,
    credentials_file: Path,
    *,
    find: Callable[[str], str | None] = shutil.which,
) -> list[str]:
    """The command that serves ClickHouse's HTTP interface on loopback, from this folder.

    `credentials_file` holds `{"username", "password"}` as JSON. A binary and chDB keep separate
    folders: neither opens what the other wrote.
    """
    if binary := find("clickhouse"):
        return [binary, "server", f"--config-file={_configure(port, data, credentials_file)}"]
    return [
        *(sys.executable, "-m", "cluster.servers.clickhouse_front"),
        *("--port", str(port)),
        *("--data", str(data / "chdb")),
        *("--credentials-file", str(credentials_file)),
        *("--memory-bytes", str(MEMORY_BYTES)),
    ]


def _configure(port: int, data: Path, credentials_file: Path) -> Path:
    credentials = json.loads(credentials_file.read_text(encoding="utf-8"))
    folder = data / "server"
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "config.xml"
    configuration.touch(mode=0o600)
    configuration.write_text(
        _CONFIGURATION.format(
            port=port,
            data=escape(str(folder)),
            memory_bytes=MEMORY_BYTES,
            username=credentials["username"],
            password_sha256=hashlib.sha256(credentials["password"].encode()).hexdigest(),
        ),
        encoding="utf-8",
    )
    return configuration
