"""Counting requests against limits, exactly and for all replicas, in one round trip to Redis.

Each limit keeps the times of what it let through, the oldest first (a sliding-window log): so a
quota holds in every window, not only in those of a clock, and what is refused costs nothing.
"""

import asyncio
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from redis.asyncio import Redis

from cluster.stores.redis import key, outages
from domain.access import PUBLIC
from domain.breaker import Breaker, Patience
from domain.errors import Unavailable
from domain.limits import Asker, Limit, Standing, Verdict, applying

PATIENCE_S = 3.0
"""A request waits no longer for being counted."""

PATIENCE = Patience(failures=3, first_s=0.5, longest_s=4.0)

_PREFIX = key(PUBLIC, "rate", "")
"""One slot of a cluster for all that one request looks at (see decision 0013)."""

# KEYS: the prefix, and where the caller's record lies, if anywhere. ARGV: whether the asker is
# known, what the record's digest must be and who shows it, how many limits are of known and how
# many of unknown askers, then name, whose, quota and milliseconds of each. A record is JSON:
# `tenant_id`, `person_id` of a session, `digest` of what proves an API key. With it the limits of
# known askers count, else the others. Answers the record, whether the request passes, whether the
# asker is known, and of each limit what is left and when its oldest ends.
_COUNT = """
local record = KEYS[2] and redis.call('GET', KEYS[2]) or false
local known, tenant, user = ARGV[1] == '1', '', ARGV[3]
local held = record and cjson.decode(record) or {}
local proves = record and (held.digest == nil or held.digest == ARGV[2])
if proves then
    known, user = true, held.person_id or user
    tenant = type(held.tenant_id) == 'string' and held.tenant_id or user
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local of_known, of_unknown = tonumber(ARGV[4]), tonumber(ARGV[5])
local first, last = 6, 5 + 5 * of_known
if not known then first, last = last + 1, last + 5 * of_unknown end
local logs, windows, answer, passes = {}, {}, {}, 1
for at = first, last, 5 do
    local whose = ARGV[at + 2]
    if proves and ARGV[at + 1] == 'tenant' then whose = tenant end
    if proves and ARGV[at + 1] == 'user' then whose = tenant .. '/' .. user end
    local log = KEYS[1] .. ARGV[at] .. ':' .. whose
    local quota, window = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    local oldest = redis.call('LINDEX', log, 0)
    while oldest and tonumber(oldest) <= now - window do
        redis.call('LPOP', log)
        oldest = redis.call('LINDEX', log, 0)
    end
    local left = quota - redis.call('LLEN', log)
    if left <= 0 then passes = 0 end
    logs[#logs + 1], windows[#windows + 1] = log, window
    answer[#answer + 1] = left
    answer[#answer + 1] = (oldest and tonumber(oldest) or now) + window - now
end
if passes == 1 then
    for each = 1, #logs do
        redis.call('RPUSH', logs[each], now)
        redis.call('PEXPIRE', logs[each], windows[each])
        answer[2 * each - 1] = answer[2 * each - 1] - 1
    end
end
return {record, passes, known and 1 or 0, answer}
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one look told. `record` is what lay under the key that was shown, if anything; only
    where it `has_looked` there does None mean that nothing did.
    """

    verdict: Verdict
    record: bytes | None = None
    has_looked: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a caller shows, and where its record lies. A record that tells a digest is proved by
    this one alone, so that who knows an API key's prefix does not use up its company's quota.
    """

    record_key: str
    user_id: str = ""
    digest: str = ""


class Rates(Protocol):
    """Raises `Unavailable`, within `PATIENCE_S`."""

    async def count(
        self, limits: Sequence[Limit], asker: Asker, shown: Shown | None = None
    ) -> Counted:
        """One request of the asker against those of the limits that apply to it: all or none."""


class RedisRates:
    """Implements `Rates`. One EVALSHA a call; only a server that is new is sent the script.

    A Redis that does not count in time is left alone for a moment, so that requests need not wait.
    """

    def __init__(self, client: Redis, breaker: Breaker | None = None) -> None:
        self._script = client.register_script(_COUNT)
        self._breaker = breaker or Breaker("redis", PATIENCE)

    async def count(
        self, limits: Sequence[Limit], asker: Asker, shown: Shown | None = None
    ) -> Counted:
        known, unknown = _sides(tuple(limits))
        proof = (shown.digest, shown.user_id) if shown else ("", "")
        arguments: list[str | int] = [int(asker.is_known), *proof, len(known), len(unknown)]
        for limit in (*known, *unknown):
            arguments += [limit.name, limit.per, asker.named(limit.per)]
            arguments += [limit.quota, limit.window_s * 1_000]
        keys = [_PREFIX, *([shown.record_key] if shown else [])]
        with self._breaker.call():
            answer = await self._ask(keys, arguments)
        record, passes, is_known, standings = answer
        counted = known if is_known else unknown
        return Counted(_verdict(counted, bool(passes), standings), record, shown is not None)

    async def _ask(self, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
        try:
            async with asyncio.timeout(PATIENCE_S):
                with outages():
                    return await self._script(keys=keys, args=arguments)
        except TimeoutError as error:
            raise Unavailable(service="redis", reason="does not count in time") from error


class MemoryRates:
    """Implements `Rates` for one process. It has no records: who shows one is counted as told."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._logs: dict[tuple[str, str], deque[int]] = defaultdict(deque)

    async def count(
        self, limits: Sequence[Limit], asker: Asker, shown: Shown | None = None
    ) -> Counted:
        now = int(self._now() * 1_000)
        known, unknown = _sides(tuple(limits))
        counted = known if asker.is_known else unknown
        logs = [self._log(limit, asker, now) for limit in counted]
        left = [limit.quota - len(log) for limit, log in zip(counted, logs, strict=True)]
        passes = all(each > 0 for each in left)
        standings: list[int] = []
        for limit, log, each in zip(counted, logs, left, strict=True):
            ends = (log[0] if log else now) + limit.window_s * 1_000
            standings += [each - passes, ends - now]
            if passes:
                log.append(now)
        return Counted(_verdict(counted, passes, standings))

    def _log(self, limit: Limit, asker: Asker, now: int) -> deque[int]:
        log = self._logs[limit.name, asker.named(limit.per)]
        while log and log[0] <= now - limit.window_s * 1_000:
            log.popleft()
        return log


@lru_cache(maxsize=64)
def _sides(limits: tuple[Limit, ...]) -> tuple[list[Limit], list[Limit]]:
    """Those that count if the asker turns out to be known, and else."""
    return applying(limits, Asker("", PUBLIC, "known")), applying(limits, Asker(""))


def _verdict(limits: Sequence[Limit], passes: bool, told: Sequence[Any]) -> Verdict:
    """`told` is for each limit what is left, and the milliseconds until that is one more."""
    standings = tuple(
        Standing(limit, left, max(1, math.ceil(ends_ms / 1_000)))
        for limit, left, ends_ms in zip(limits, told[::2], told[1::2], strict=True)
    )
    spent = [each.reset_s for each in standings if each.left <= 0]
    return Verdict(standings, 0 if passes else max(spent))
