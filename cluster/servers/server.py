"""What the supervisor knows of a server: how to prepare, start, ask and stop it."""

from pathlib import Path
from typing import Protocol

from cluster.servers.process import Launch


class Server(Protocol):
    """One process that the hub starts. A restart goes through `prepare` again."""

    @property
    def name(self) -> str:
        """The part's name, as in the contracts: `postgres`, `redis`, `kafka` and so on."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Servers that must be up before this one starts."""

    @property
    def ready_within_s(self) -> float: ...

    def prepare(self) -> Launch:
        """Make what the process needs on disk. Safe to repeat; blocks."""

    async def ask(self) -> None:
        """Returns when the server answers; raises whatever its client does while it doesn't."""

    async def settle(self) -> None:
        """Once it answers, after each start: roles, buckets, topics. Safe to repeat."""


def private_folder(path: Path, mode: int = 0o700) -> Path:
    """The folder, made with this mode, or given it."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    return path
