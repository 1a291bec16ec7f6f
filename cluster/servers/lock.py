"""Who runs a home's hub: a lock that the kernel takes back when its holder dies."""

import fcntl
import os
from pathlib import Path


class HomeLock:
    """Held by one process at a time, whose id stands in the file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: int | None = None

    def take(self) -> bool:
        """False if someone else holds it. Held until this process ends or releases it."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._held = descriptor
        self.sign()
        return True

    def sign(self) -> None:
        """Write our id into the file that we hold, also where our parent took it and forked."""
        if self._held is not None:
            os.ftruncate(self._held, 0)
            os.pwrite(self._held, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def holder(self) -> int | None:
        """The process that holds it now, None where nobody does."""
        if not self._file.exists():
            return None
        with self._file.open() as content:
            try:
                fcntl.flock(content, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(content.read() or 0) or None
            return None
