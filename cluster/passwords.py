"""Passwords, hashed with argon2id, off the event loop and a few at a time."""

import asyncio
from functools import partial

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

AT_ONCE = 2
"""Each takes 19 MiB and a processor for some 20 ms."""


class Passwords:
    """Cost as OWASP's Password Storage Cheat Sheet recommends: 19 MiB, 2 passes, 1 lane."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """Takes as long where there is nobody whose password it could be."""
        if password_hash is None:
            if self._nobody is None:
                self._nobody = await self.hash("nobody has this password")
            await self._verify(password, self._nobody)
            return False
        return await self._verify(password, password_hash)

    async def _verify(self, password: str, password_hash: str) -> bool:
        async with self._places:
            try:
                return await asyncio.to_thread(
                    partial(self._hasher.verify, password_hash, password)
                )
            except (VerifyMismatchError, InvalidHashError):
                return False
