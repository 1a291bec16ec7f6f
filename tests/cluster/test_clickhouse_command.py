"""Which command serves ClickHouse, and with what."""

import json
import stat
import sys
from pathlib import Path
from xml.etree import ElementTree

from cluster.servers.clickhouse import clickhouse_argv


def credentials(folder: Path) -> Path:
    file = folder / "credentials.json"
    file.write_text(json.dumps({"username": "mch", "password": "a<b&c"}))
    return file


def test_without_a_binary_the_front_is_started(tmp_path: Path) -> None:
    argv = clickhouse_argv(9, tmp_path, credentials(tmp_path), find=lambda name: None)
    assert argv[:3] == [sys.executable, "-m", "cluster.servers.clickhouse_front"]
    assert argv[argv.index("--data") + 1] == str(tmp_path / "chdb")


def test_a_binary_on_the_path_is_preferred(tmp_path: Path) -> None:
    file = credentials(tmp_path)
    argv = clickhouse_argv(9, tmp_path, file, find=lambda name: f"/opt/{name}")
    assert argv[:2] == ["/opt/clickhouse", "server"]
    configuration = Path(argv[2].removeprefix("--config-file="))
    told = ElementTree.fromstring(configuration.read_text())  # noqa: S314 - written just now
    assert told.findtext("http_port") == "9"
    assert told.findtext("listen_host") == "127.0.0.1"
    assert stat.S_IMODE(configuration.stat().st_mode) == 0o600
    assert "a<b&c" not in configuration.read_text()
    assert len(told.findtext("users/mch/password_sha256_hex") or "") == 64
