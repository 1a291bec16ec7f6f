"""Postgres refuses to run as root: who runs it then, and where that user can reach."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

OWN_USER = "medcontracthub"
_OTHERS = ("postgres", "nobody")
_ROOT = Path("/var/lib/medcontracthub")


def unprivileged_user() -> str | None:
    """None where we are no root. Else our own user, made if possible, or one that is there."""
    if os.geteuid() != 0:
        return None
    if _exists(OWN_USER):
        return OWN_USER
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if useradd:
        subprocess.run(  # noqa: S603 - our own constant arguments
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_USER],
            check=False,
            capture_output=True,
        )
    return next(user for user in (OWN_USER, *_OTHERS) if _exists(user))


def reachable(path: Path) -> bool:
    """Whether a stranger may walk to it."""
    resolved = path.resolve()
    return all(parent.stat().st_mode & 0o001 for parent in resolved.parents if parent.exists())


def folder_for(home: Path, wanted: Path) -> Path:
    """Where a stranger's data of this home lies: as wanted, or beside if that is out of reach.

    A link there leads to where it was put before: the stranger may not be able to follow it.
    """
    if reachable(wanted):
        return wanted.resolve() if wanted.is_symlink() else wanted
    digest = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return _ROOT / digest / wanted.name


def reachable_copy(program: Path, version: str) -> Path:
    """The program's folder, or a copy of it that a stranger may run."""
    if reachable(program):
        return program
    copy = _ROOT / f"{program.name}-{version}"
    if not copy.exists():
        _ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = copy.with_name(f".{copy.name}.{os.getpid()}")
        shutil.copytree(program, fresh, symlinks=True)
        try:
            fresh.rename(copy)
        except OSError:  # Another hub was first.
            shutil.rmtree(fresh)
    return copy


def give(path: Path, user: str | None) -> Path:
    """Make the folder, 0700, the user's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    if user and path.owner() != user:
        shutil.chown(path, user, user)
    return path


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
