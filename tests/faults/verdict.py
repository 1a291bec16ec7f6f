"""What must hold of the stores after any fault, as a pure function of what lies in them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

SHOWN = 5


class Logged(NamedTuple):
    """An event in Postgres. `position` is None while the relay has not numbered it."""

    position: int | None
    event_id: str
    stream: tuple[str, str, str]
    version: int
    event_type: str


class Sent(NamedTuple):
    """A message in Kafka, at its place in the order of its partition."""

    place: tuple[str, int]
    position: int
    event_id: str


class Row(NamedTuple):
    """An event in ClickHouse, as readers see it."""

    position: int
    event_id: str


class Chunk(NamedTuple):
    key: str
    number: int


class Lack(str):
    """A complaint that time may mend: something has not arrived yet."""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in the stores. Doubles stay in: they are what is looked for.

    `counted` is what ClickHouse's counts of events by day add up to, `known` the notices that its
    view of opportunities has. `vectors` is None where nobody embeds.
    """

    log: Sequence[Logged]
    notices: Sequence[str]
    sent: Sequence[Sent]
    rows: Sequence[Row]
    counted: int
    known: Sequence[str]
    vectors: Sequence[Chunk] | None
    dead_letters: Sequence[str]
    told: Sequence[str] = ()
    """Subjects of notifications."""


def complaints(found: Found, expected: Collection[str]) -> list[str]:
    """One line for each promise that does not hold. `expected` are the acknowledged notices."""
    return [
        *_log(found.log),
        *_same("notices in Postgres", found.notices, expected),
        *_discovered(found.log, expected),
        *_kafka(found.sent, found.log),
        *_clickhouse(found, expected),
        *_vectors(found.vectors, expected),
        *(f"dead letter: {letter}" for letter in found.dead_letters),
        *_only_once("notifications of", found.told),
    ]


def damage(found: Found, expected: Collection[str]) -> list[str]:
    """Complaints that nothing mends. They may be sought while work goes on."""
    return [each for each in complaints(found, expected) if not isinstance(each, Lack)]


def _log(log: Sequence[Logged]) -> Iterator[str]:
    yield from _only_once("event ids in the log", [event.event_id for event in log])
    positions = sorted(event.position for event in log if event.position is not None)
    if len(positions) < len(log):
        yield Lack(f"{len(log) - len(positions)} events have no position")
    if positions != list(range(1, len(positions) + 1)):
        yield f"positions are not dense: {len(positions)} up to {positions[-1]}"
    versions = defaultdict(list)
    for event in log:
        versions[event.stream].append(event.version)
    for stream, held in versions.items():
        if sorted(held) != list(range(1, len(held) + 1)):
            yield f"versions of {stream} are not dense: {sorted(held)}"


def _discovered(log: Sequence[Logged], expected: Collection[str]) -> Iterator[str]:
    keys = [event.stream[2] for event in log if event.event_type == "OpportunityDiscovered"]
    yield from _same("notices discovered in the log", keys, expected)


def _kafka(sent: Sequence[Sent], log: Sequence[Logged]) -> Iterator[str]:
    """At least once, each under its own position, and rising but for what came before."""
    by_id = {event.event_id: event.position for event in log}
    yield from _same("distinct events in Kafka", {one.event_id for one in sent}, by_id)
    for one in sent:
        if by_id.get(one.event_id, one.position) != one.position:
            yield f"{one.event_id} is at {by_id[one.event_id]}, Kafka says {one.position}"
    for place in {one.place for one in sent}:
        yield from _rising(place, [one.position for one in sent if one.place == place])


def _rising(place: tuple[str, int], positions: Sequence[int]) -> Iterator[str]:
    """First occurrences rise: a consumer that drops what is not above loses nothing."""
    firsts = list(dict.fromkeys(positions))
    for before, after in pairwise(firsts):
        if after < before:
            yield f"in {place} {after} comes for the first time after {before}"


def _clickhouse(found: Found, expected: Collection[str]) -> Iterator[str]:
    held = [f"{row.position} {row.event_id}" for row in found.rows]
    yield from _same(
        "events in ClickHouse", held, [f"{each.position} {each.event_id}" for each in found.log]
    )
    if found.counted > len(found.log):
        yield f"ClickHouse counts {found.counted} events of {len(found.log)}"
    if found.counted < len(found.log):
        yield Lack(f"ClickHouse counts only {found.counted} events of {len(found.log)}")
    yield from _same("notices in ClickHouse", found.known, expected)


def _vectors(vectors: Sequence[Chunk] | None, expected: Collection[str]) -> Iterator[str]:
    if vectors is None:
        return
    yield from _same("notices with vectors", {chunk.key for chunk in vectors}, expected)
    numbers = defaultdict(list)
    for chunk in vectors:
        numbers[chunk.key].append(chunk.number)
    for key, held in numbers.items():
        if sorted(held) != list(range(len(held))):
            yield f"chunks of {key}: {sorted(held)}"


def _same(what: str, held: Iterable[str], wanted: Iterable[str]) -> Iterator[str]:
    """Each of them, and each once."""
    found, asked = list(held), set(wanted)
    yield from _only_once(what, found)
    if missing := asked - set(found):
        yield Lack(f"{what}: {len(missing)} are missing: {sorted(missing)[:SHOWN]}")
    if surplus := set(found) - asked:
        yield f"{what}: {len(surplus)} too many: {sorted(surplus)[:SHOWN]}"


def _only_once(what: str, held: Sequence[str]) -> Iterator[str]:
    if doubled := [each for each, times in Counter(held).items() if times > 1]:
        yield f"{what}: {len(doubled)} more than once: {sorted(doubled)[:SHOWN]}"
