"""A server that does as it is told, and a supervisor of one to be killed."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from cluster.home import Home
from cluster.servers.parts import PartsBoard
from cluster.servers.process import Launch, plain_environment
from cluster.servers.supervisor import Supervisor


@dataclass
class FakeServer:
    """Its process is a shell script. `trouble` is what asking it raises."""

    name: str
    home: Path
    script: str = "sleep 60"
    needs: tuple[str, ...] = ()
    trouble: str | None = None
    ready_within_s: float = 20.0

    def prepare(self) -> Launch:
        return Launch(("/bin/sh", "-c", self.script), cwd=self.home, env=plain_environment())

    async def ask(self) -> None:
        if self.trouble:
            raise OSError(self.trouble)
        await asyncio.sleep(0.05)

    async def settle(self) -> None:
        """Nothing to do."""


def main() -> None:
    """Supervise a server that neither its parent's death nor SIGTERM impresses."""
    home = Home(Path(sys.argv[1]))
    script = "trap '' TERM; while true; do sleep 1; done"
    board = PartsBoard(home.parts_file, ["stubborn"])
    supervisor = Supervisor(home, [FakeServer("stubborn", home.root, script)], board)
    asyncio.run(supervisor.run())


if __name__ == "__main__":
    main()
