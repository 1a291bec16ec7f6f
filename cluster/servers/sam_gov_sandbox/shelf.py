"""What the sandbox holds: a backlog, what has been released since, and what was changed."""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cluster.clients.sam_gov_records import CSV_COLUMNS
from cluster.servers.sam_gov_sandbox.generator import Row, notice
from cluster.servers.sam_gov_sandbox.rendering import file_link, to_api

BACKLOG_DAYS = 45
MOST_RELEASED = 5_000
"""Older releases are archived: they disappear, as on SAM.gov."""

LINKED_SHARE = 0.03


@dataclass(slots=True)
class Held:
    """One notice. `answer` is the record as it was recorded, where there is one."""

    row: Row
    links: tuple[str, ...] = ()
    answer: dict[str, Any] | None = None

    @property
    def notice_id(self) -> str:
        return self.row["NoticeId"]

    def record(self) -> dict[str, Any]:
        return self.answer or to_api(self.row, self.links)


@dataclass(slots=True)
class Shelf:
    """Notices by id, in the order in which they came."""

    held: dict[str, Held] = field(default_factory=dict)

    def put(self, one: Held) -> None:
        self.held[one.notice_id] = one

    def newest_first(self) -> Iterator[Held]:
        return reversed(self.held.values())

    def change(self, notice_id: str, columns: Row) -> bool:
        """Set columns of the bulk file. False where there is no such notice or column."""
        one = self.held.get(notice_id)
        if one is None or not columns.keys() <= one.row.keys():
            return False
        one.row |= columns
        one.answer = None
        return True


class Releases:
    """Puts a new medical notice on the shelf from time to time, and remembers each in a file.

    The same start and the same releases give the same notices after a restart. Every fifth release
    also moves the deadline of an earlier notice, under its own id.
    """

    def __init__(self, shelf: Shelf, data: Path, backlog: int, now: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._now = now
        self._backlog = backlog
        self._log = data / "released.log"
        self._count = 0
        started_at = _started_at(data / "started.json", now)
        for number in range(backlog):
            shelf.put(_held(notice(number, _posted(number, backlog, started_at))))
        for line in self._log.read_text().splitlines() if self._log.exists() else ():
            self._put(datetime.fromisoformat(line))

    def release(self) -> str:
        """Returns the new notice's id."""
        moment = self._now()
        with self._log.open("a") as log:
            log.write(f"{moment.isoformat()}\n")
        return self._put(moment)

    def _put(self, moment: datetime) -> str:
        number = self._backlog + self._count
        self._count += 1
        released = _held(notice(number, moment, always_medical=True))
        self._shelf.put(released)
        if self._count % 5 == 0:
            self._amend(number, moment)
        if self._count > MOST_RELEASED:
            oldest = next(iter(self._shelf.held))
            del self._shelf.held[oldest]
        return released.notice_id

    def _amend(self, number: int, moment: datetime) -> None:
        chosen = random.Random(f"amend {number}").choice(list(self._shelf.held))  # noqa: S311
        due = f"{moment + timedelta(days=30):%Y-%m-%d}"
        archive = f"{moment + timedelta(days=45):%Y-%m-%d}"
        self._shelf.change(chosen, {"ResponseDeadLine": due, "ArchiveDate": archive})


def shelve_all(shelf: Shelf, held: Iterable[Held]) -> None:
    """Oldest first, so that the newest is found first."""
    for one in sorted(held, key=lambda one: one.row["PostedDate"]):
        shelf.put(one)


def _held(row: Row) -> Held:
    dice = random.Random(row["NoticeId"])  # noqa: S311
    count = dice.randrange(1, 4) if dice.random() < LINKED_SHARE else 0
    return Held(row, tuple(file_link(f"{row['NoticeId'][:24]}{n:08x}") for n in range(count)))


def _posted(number: int, backlog: int, started_at: datetime) -> datetime:
    """Spread over the days before the start, few at weekends."""
    moment = started_at - timedelta(days=BACKLOG_DAYS) * (1 - number / max(backlog, 1))
    return moment - timedelta(days=moment.weekday() - 4 if moment.weekday() > 4 else 0)


def _started_at(file: Path, now: Callable[[], datetime]) -> datetime:
    if not file.exists():
        file.write_text(json.dumps({"started_at": now().astimezone(UTC).isoformat()}))
    return datetime.fromisoformat(json.loads(file.read_text())["started_at"])


def empty_row(**columns: str) -> Row:
    return dict.fromkeys(CSV_COLUMNS, "") | columns
