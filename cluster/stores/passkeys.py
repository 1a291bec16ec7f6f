"""People's passkeys: each is seen by its person, and by whoever shows its credential id."""

from typing import Any
from uuid import UUID

import asyncpg

from cluster.stores.postgres import Pool, as_holder
from domain.errors import Invalid, NotFound
from domain.passkey import MOST_PASSKEYS, Passkey

_COLUMNS = (
    "passkey_id, person_id, name, credential_id, public_key, sign_count, transports, added_at,"
    " used_at"
)
_OF = f"select {_COLUMNS} from passkey where person_id = $1 order by added_at"  # noqa: S608
_SHOWN = f"select {_COLUMNS} from passkey where credential_id = $1"  # noqa: S608
_ADD = """
insert into passkey (passkey_id, person_id, name, credential_id, public_key, sign_count, transports,
    added_at)
select $1, $2, $3, $4, $5, $6, $7, $8
where (select count(*) from passkey where person_id = $2) < $9
"""
# Authenticators that do not count say 0 each time (7.2, 22).
_USE = """
update passkey set sign_count = $2, used_at = now()
where passkey_id = $1 and (sign_count < $2 or (sign_count = 0 and $2 = 0))
"""
_REMOVE = "delete from passkey where (person_id, passkey_id) = ($1, $2)"


class PostgresPasskeys:
    """Every call raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of(self, person_id: UUID) -> list[Passkey]:
        """The oldest first."""
        async with as_holder(self._pool, "person_id", str(person_id)) as connection:
            rows = await connection.fetch(_OF, person_id)
        return [_passkey(row) for row in rows]

    async def shown(self, credential_id: bytes) -> Passkey | None:
        """Whose it is; that whoever shows it is that person is not proved by it."""
        async with as_holder(self._pool, "credential_id", credential_id.hex()) as connection:
            row = await connection.fetchrow(_SHOWN, credential_id)
        return _passkey(row) if row else None

    async def add(self, passkey: Passkey) -> None:
        """Raises `Invalid` for one that anybody has, and for one too many."""
        facts = (
            *(passkey.passkey_id, passkey.person_id, passkey.name, passkey.credential_id),
            *(passkey.public_key, passkey.sign_count, list(passkey.transports), passkey.added_at),
        )
        try:
            async with as_holder(self._pool, "person_id", str(passkey.person_id)) as connection:
                done = await connection.execute(_ADD, *facts, MOST_PASSKEYS)
        except asyncpg.UniqueViolationError as error:
            raise Invalid(what="this passkey", reason="it was added before") from error
        if done != "INSERT 0 1":
            reason = f"you have {MOST_PASSKEYS}, which are the most; remove one first"
            raise Invalid(what="this passkey", reason=reason)

    async def use(self, passkey: Passkey, sign_count: int) -> bool:
        """False if the count did not go up, be it that the same was told a moment ago elsewhere,
        or if the passkey was removed meanwhile.
        """
        async with as_holder(self._pool, "person_id", str(passkey.person_id)) as connection:
            done: str = await connection.execute(_USE, passkey.passkey_id, sign_count)
        return done == "UPDATE 1"

    async def remove(self, person_id: UUID, passkey_id: UUID) -> None:
        """Raises `NotFound`, also for another person's."""
        async with as_holder(self._pool, "person_id", str(person_id)) as connection:
            done = await connection.execute(_REMOVE, person_id, passkey_id)
        if done != "DELETE 1":
            raise NotFound(what="passkey", key=str(passkey_id))


def _passkey(row: Any) -> Passkey:
    return Passkey(**{**dict(row), "transports": tuple(row["transports"])})
