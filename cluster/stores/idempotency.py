"""Answers kept under idempotency keys, in Postgres, and their memory twin.

Not in Redis, which may lose its last second: a repetition would then act twice.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cluster.stores.postgres import Pool, as_tenant
from domain.clock import Clock, utc_now
from domain.errors import InProgress, Invalid
from domain.idempotency import CLAIMED_S, KEPT_S, Answer, Attempt

_FORGET = "delete from idempotent_answer where tenant_id = $1 and expires_at <= $2"

_CLAIM = """
insert into idempotent_answer (tenant_id, user_id, key, digest, expires_at)
values ($1, $2, $3, $4, $5)
on conflict do nothing
returning true
"""

_READ = """
select digest, status, headers, body from idempotent_answer
where (tenant_id, user_id, key) = ($1, $2, $3)
"""

_FINISH = """
update idempotent_answer set status = $5, headers = $6, body = $7, expires_at = $8
where (tenant_id, user_id, key, digest) = ($1, $2, $3, $4) and status is null
"""

_RELEASE = """
delete from idempotent_answer
where (tenant_id, user_id, key, digest) = ($1, $2, $3, $4) and status is null
"""


class PostgresIdempotency:
    """Implements `domain.idempotency.Idempotency`."""

    def __init__(self, pool: Pool, clock: Clock = utc_now) -> None:
        self._pool = pool
        self._clock = clock

    async def begin(self, attempt: Attempt) -> Answer | None:
        """What has expired is forgotten on the way, of the one tenant."""
        now = self._clock()
        until = now + timedelta(seconds=CLAIMED_S)
        async with as_tenant(self._pool, attempt.tenant_id) as connection:
            await connection.execute(_FORGET, attempt.tenant_id, now)
            if await connection.fetchval(_CLAIM, *_place(attempt), attempt.digest, until):
                return None
            row = await connection.fetchrow(_READ, *_place(attempt))
        if row is None:  # Released between the two.
            raise InProgress(what=f"the request under {attempt.key!r}")
        answer = None
        if row["status"] is not None:
            headers = tuple((name, value) for name, value in json.loads(row["headers"]))
            answer = Answer(row["status"], headers, row["body"])
        return _judge(attempt, row["digest"], answer)

    async def finish(self, attempt: Attempt, answer: Answer) -> None:
        told = (answer.status, json.dumps(answer.headers), answer.body)
        until = self._clock() + timedelta(seconds=KEPT_S)
        async with as_tenant(self._pool, attempt.tenant_id) as connection:
            await connection.execute(_FINISH, *_place(attempt), attempt.digest, *told, until)

    async def release(self, attempt: Attempt) -> None:
        async with as_tenant(self._pool, attempt.tenant_id) as connection:
            await connection.execute(_RELEASE, *_place(attempt), attempt.digest)


@dataclass
class _Held:
    digest: bytes
    answer: Answer | None
    expires_at: datetime


class MemoryIdempotency:
    """Implements `domain.idempotency.Idempotency`."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._held: dict[tuple[UUID, str, str], _Held] = {}

    async def begin(self, attempt: Attempt) -> Answer | None:
        now = self._clock()
        held = self._held.get(_place(attempt))
        if held is None or held.expires_at <= now:
            until = now + timedelta(seconds=CLAIMED_S)
            self._held[_place(attempt)] = _Held(attempt.digest, None, until)
            return None
        return _judge(attempt, held.digest, held.answer)

    async def finish(self, attempt: Attempt, answer: Answer) -> None:
        until = self._clock() + timedelta(seconds=KEPT_S)
        self._held[_place(attempt)] = _Held(attempt.digest, answer, until)

    async def release(self, attempt: Attempt) -> None:
        self._held.pop(_place(attempt), None)


def _place(attempt: Attempt) -> tuple[UUID, str, str]:
    return attempt.tenant_id, attempt.user_id, attempt.key


def _judge(attempt: Attempt, digest: bytes, answer: Answer | None) -> Answer:
    if digest != attempt.digest:
        raise Invalid(what="Idempotency-Key", reason="it stands for another request")
    if answer is None:
        raise InProgress(what=f"the request under {attempt.key!r}")
    return answer
