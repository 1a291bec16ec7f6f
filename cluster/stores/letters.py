"""A message of an event topic as it lay there, and the event that it brought."""

from dataclasses import dataclass, fields
from typing import Any

from domain.events import Recorded
from domain.ports import Partition

_FACTS = tuple(field.name for field in fields(Recorded))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message as it lay in its partition. `retry` is the dead letter that it comes back from."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    retry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Recorded):
    """An event with the message that brought it."""

    letter: Letter

    @property
    def place(self) -> Partition:
        return self.letter.topic, self.letter.partition

    @property
    def retry(self) -> int | None:
        return self.letter.retry


def delivered(recorded: Recorded, letter: Letter) -> Delivered:
    return Delivered(**{name: getattr(recorded, name) for name in _FACTS}, letter=letter)


def letter_of(record: Any) -> Letter:
    """Of aiokafka's record, which is untyped."""
    return Letter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value or b"",
        headers=tuple((name, value or b"") for name, value in record.headers),
    )
