"""Sessions in Redis: by the digest of what the cookie holds, and listed by person.

Whatever is ended or changed is called on the live feed's bell, so that open sockets hear of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter
from redis.asyncio import Redis

from cluster.stores.live_feed import BELL, ring
from cluster.stores.redis import key, outages
from domain.access import PUBLIC, Role
from domain.clock import Clock, utc_now
from domain.errors import NotFound, Unauthenticated
from domain.feed import Room
from domain.secrets import digest_of, new_secret
from domain.session import Session

OVER = "the session is over or was ended"

_SESSION = TypeAdapter(Session)

# Only what is as it was read: one that was ended meanwhile stays ended.
_REPLACE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
"""


class RedisSessions:
    """Every call raises `Unavailable`."""

    def __init__(self, client: Redis, clock: Clock = utc_now) -> None:
        self._client = client
        self._clock = clock
        self._replace = client.register_script(_REPLACE)

    async def open(self, session: Session) -> str:
        """Returns what the cookie is to hold. The session's id is given by it."""
        token = new_secret()
        digest = digest_of(token)
        await self._put(digest, replace(session, session_id=_id(digest)))
        return token

    async def find(self, token: str) -> Session:
        """Raises `Unauthenticated`. One round trip."""
        return await self._read(digest_of(token))

    async def rotate(self, token: str, session: Session) -> str:
        """The session as given, under a new id; the old one is over. Returns the new token."""
        fresh = await self.open(session)
        await self._end(session.person_id, digest_of(token))
        return fresh

    async def end(self, token: str) -> None:
        """Repeating it changes nothing."""
        digest = digest_of(token)
        with outages():
            held = await self._client.get(_key(digest))
        if held is not None:
            await self._end(_SESSION.validate_json(held).person_id, digest)

    async def of(self, person_id: UUID) -> list[Session]:
        """Those that hold, the newest first."""
        held = [session for _, session in await self._all(person_id)]
        return sorted(held, key=lambda session: session.created_at, reverse=True)

    async def end_one(self, person_id: UUID, session_id: str) -> None:
        """Raises `NotFound` for one that is not this person's."""
        for digest, session in await self._all(person_id):
            if session.session_id == session_id:
                return await self._end(person_id, digest)
        raise NotFound(what="session", key=session_id)

    async def end_all(self, person_id: UUID, *, but: str | None = None) -> None:
        """`but` is the id of one to keep."""
        for digest, session in await self._all(person_id):
            if session.session_id != but:
                await self._end(person_id, digest)

    async def tell(self, person_id: UUID, tenant_id: UUID, role: Role | None) -> None:
        """The person is this to the company from now on; None: nothing any more."""
        await self._change(
            person_id,
            lambda old: _as_member(old, role) if old.tenant_id == tenant_id else old,
        )

    async def renew(self, token: str, old: Session, role: Role | None) -> Session:
        """What was looked up anew. Raises `Unauthenticated` if it was ended or changed meanwhile:
        what was read is then older than what was told.
        """
        session = replace(_as_member(old, role), checked_at=self._clock())
        if not await self._swap(digest_of(token), old, session):
            return await self.find(token)
        return session

    async def _change(self, person_id: UUID, change: Callable[[Session], Session]) -> None:
        for digest, old in await self._all(person_id):
            session = change(old)
            while session != old and not await self._swap(digest, old, session):
                try:
                    old = await self._read(digest)
                except Unauthenticated:
                    break  # It was ended meanwhile: there is nothing left to change.
                session = change(old)

    async def _swap(self, digest: str, old: Session, new: Session) -> bool:
        told = [_SESSION.dump_json(old), _SESSION.dump_json(new)]
        with outages():
            swapped = bool(await self._replace(keys=[_key(digest)], args=told))
            if swapped and (old.tenant_id, old.role) != (new.tenant_id, new.role):
                await self._client.publish(BELL, ring(_room(digest)))
        return swapped

    async def _read(self, digest: str) -> Session:
        with outages():
            held = await self._client.get(_key(digest))
        if held is None:
            raise Unauthenticated(reason=OVER)
        return _SESSION.validate_json(held)

    async def _all(self, person_id: UUID) -> list[tuple[str, Session]]:
        index = _index(person_id)
        with outages():
            await self._client.zremrangebyscore(index, 0, self._clock().timestamp())
            found: list[bytes] = await self._client.zrange(index, 0, -1)  # type: ignore[assignment]
            digests = [digest.decode() for digest in found]
            keys = [_key(digest) for digest in digests]
            held = await self._client.mget(keys) if keys else []
        return [
            (digest, _SESSION.validate_json(value))
            for digest, value in zip(digests, held, strict=True)
            if value is not None
        ]

    async def _put(self, digest: str, session: Session) -> None:
        left = max(timedelta(seconds=1), session.expires_at - self._clock())
        index, until = _index(session.person_id), session.expires_at.timestamp()
        with outages():
            async with self._client.pipeline(transaction=True) as pipeline:
                pipeline.set(_key(digest), _SESSION.dump_json(session), px=left)
                pipeline.zadd(index, {digest: until})
                pipeline.expire(index, timedelta(days=31))
                await pipeline.execute()

    async def _end(self, person_id: UUID, digest: str) -> None:
        with outages():
            async with self._client.pipeline(transaction=True) as pipeline:
                pipeline.delete(_key(digest))
                pipeline.zrem(_index(person_id), digest)
                pipeline.publish(BELL, ring(_room(digest)))
                await pipeline.execute()


def credential_room(credential: str) -> Room:
    """Rung when a credential proves something else than before, or nothing. Nobody joins it."""
    return Room(PUBLIC, f"credential {credential}")


def _room(digest: str) -> Room:
    return credential_room(f"session:{_id(digest)}")


def _as_member(session: Session, role: Role | None) -> Session:
    tenant_id = session.tenant_id if role else None
    return replace(session, tenant_id=tenant_id, role=role)


def _id(digest: str) -> str:
    """What names a session to people: a part of the digest, from which nobody comes back."""
    return digest[:20]


def _key(digest: str) -> str:
    return key(PUBLIC, "session", digest)


def _index(person_id: UUID) -> str:
    return key(PUBLIC, "sessions", str(person_id))
