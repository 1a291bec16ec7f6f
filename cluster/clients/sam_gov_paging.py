"""Turning pages, whatever `offset` means on the server: a page's index, or a row's."""

from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]


class Paging:
    """Which offset to ask for next; None when there is nothing more to ask.

    Starts as documented, with page indexes. When offset 1 brings what offset 0 brought, shifted by
    a row, the server counts rows, and from there on so do we. A page with nothing new ends it, so
    that a server that repeats itself is never asked for ever.
    """

    def __init__(self, limit: int) -> None:
        self.offset: int | None = 0
        self.complete = True
        self._limit = limit
        self._step = 1
        self._seen: set[str] = set()

    def turn(self, records: Sequence[Record], total: int) -> list[Record]:
        """Take a page in; returns what earlier pages did not hold."""
        fresh: list[Record] = []
        for record in records:
            key = str(record.get("noticeId") or id(record))
            if key not in self._seen:
                self._seen.add(key)
                fresh.append(record)
        shifted = self.offset == 1 and 2 * len(fresh) < len(records)
        if shifted:
            self._step = self._limit
        self._advance(bool(fresh) or shifted, total)
        return fresh

    def _advance(self, news: bool, total: int) -> None:
        if len(self._seen) >= total or not news:
            self.complete = len(self._seen) >= total
            self.offset = None
        elif self._step > 1:
            self.offset = len(self._seen) // self._limit * self._limit
        else:
            self.offset = (self.offset or 0) + 1
