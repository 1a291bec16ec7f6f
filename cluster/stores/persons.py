"""People, what they sign in with, and the links that prove an address is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from cluster.sealing import Seals
from cluster.stores.postgres import Pool, fetch_row, fetch_rows, transaction
from domain.errors import Invalid
from domain.person import Person
from domain.secrets import digest_of, new_secret

SIGN_UP_HOURS = 24
RESET_MINUTES = 30

_COLUMNS = "person_id, email, name, password_hash, totp_secret, totp_step"
_BY_EMAIL = f"select {_COLUMNS} from person where email = $1"  # noqa: S608
_BY_ID = f"select {_COLUMNS} from person where person_id = $1"  # noqa: S608

_SIGN_UP = """
insert into sign_up (digest, email, name, password_hash, company, expires_at)
values ($1, $2, $3, $4, $5, now() + make_interval(hours => $6))
"""
_SIGNED_UP = """
select email, name, password_hash, company from sign_up where digest = $1 and expires_at > now()
"""
_ADD = "insert into person (person_id, email, name, password_hash) values ($1, $2, $3, $4)"
_FORGET_SIGN_UPS = "delete from sign_up where email = $1 or expires_at < now()"

_RESET = """
insert into password_reset (digest, person_id, expires_at)
values ($1, $2, now() + make_interval(mins => $3))
"""
_RESETTING = """
select person_id from password_reset where digest = $1 and expires_at > now()
"""
_FORGET_RESETS = "delete from password_reset where person_id = $1 or expires_at < now()"
_SET_PASSWORD = "update person set password_hash = $2 where person_id = $1"  # noqa: S105

_OFFER = "update person set totp_offered = $2 where person_id = $1"
_OFFERED = "select totp_offered from person where person_id = $1"
_CONFIRM = """
update person set totp_secret = totp_offered, totp_offered = null, totp_step = $2
where person_id = $1 and totp_offered = $3
"""
_TAKE_STEP = "update person set totp_step = $2 where person_id = $1 and totp_step < $2"
_SECRETS = """
select person_id, totp_secret, totp_offered from person
where totp_secret is not null or totp_offered is not null
"""
# Only what is as it was read.
_SEAL = """
update person set totp_secret = $4, totp_offered = $5
where person_id = $1 and totp_secret is not distinct from $2
    and totp_offered is not distinct from $3
"""
_ADDRESS = "select email from person where person_id = $1"
_DROP = "update person set totp_secret = null, totp_offered = null where person_id = $1"
_FORGET_CODES = "delete from recovery_code where person_id = $1"
_KEEP_CODES = "insert into recovery_code (person_id, digest) select $1, unnest($2::text[])"
_USE_CODE = "delete from recovery_code where (person_id, digest) = ($1, $2)"
_CODES = "select count(*) from recovery_code where person_id = $1"


@dataclass(frozen=True, slots=True)
class SigningUp:
    """What someone told who says that the address is theirs."""

    email: str
    name: str
    password_hash: str
    company: str


class PostgresPersons:
    """Secrets of second factors lie sealed for their person. Every call raises `Unavailable`."""

    def __init__(self, pool: Pool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals

    async def by_email(self, email: str) -> Person | None:
        return self._person(await fetch_row(self._pool, _BY_EMAIL, email))

    async def by_id(self, person_id: UUID) -> Person | None:
        return self._person(await fetch_row(self._pool, _BY_ID, person_id))

    async def address_of(self, person_id: UUID) -> str | None:
        """Also where no key opens what is sealed: who is erased needs none."""
        row = await fetch_row(self._pool, _ADDRESS, person_id)
        return row["email"] if row else None

    async def sign_up(self, told: SigningUp) -> str:
        """Returns the secret of the link that proves the address."""
        secret = new_secret()
        facts = (told.email, told.name, told.password_hash, told.company)
        async with transaction(self._pool) as connection:
            await connection.execute(_SIGN_UP, digest_of(secret), *facts, SIGN_UP_HOURS)
        return secret

    async def signed_up(self, secret: str) -> SigningUp | None:
        row = await fetch_row(self._pool, _SIGNED_UP, digest_of(secret))
        return SigningUp(**dict(row)) if row else None

    async def add(self, told: SigningUp) -> Person:
        """Whose address is proved. Raises `Invalid` if someone has it already."""
        person = Person(uuid4(), told.email, told.name, told.password_hash, None, 0)
        facts = (person.person_id, told.email, told.name, told.password_hash)
        try:
            async with transaction(self._pool) as connection:
                await connection.execute(_ADD, *facts)
                await connection.execute(_FORGET_SIGN_UPS, told.email)
        except asyncpg.UniqueViolationError as error:
            reason = "an account has it already; sign in, or reset the password"
            raise Invalid(what="this address", reason=reason) from error
        return person

    async def offer_reset(self, person_id: UUID) -> str:
        """Returns the secret of the link that lets a new password be set."""
        secret = new_secret()
        async with transaction(self._pool) as connection:
            await connection.execute(_RESET, digest_of(secret), person_id, RESET_MINUTES)
        return secret

    async def resetting(self, secret: str) -> Person | None:
        row = await fetch_row(self._pool, _RESETTING, digest_of(secret))
        return await self.by_id(row["person_id"]) if row else None

    async def set_password(self, person_id: UUID, password_hash: str) -> None:
        """Every link that could set another one is void afterwards."""
        async with transaction(self._pool) as connection:
            await connection.execute(_SET_PASSWORD, person_id, password_hash)
            await connection.execute(_FORGET_RESETS, person_id)

    async def offer_totp(self, person_id: UUID, secret: str) -> None:
        """It counts once a code of it was given."""
        sealed = self._seals.seal(secret, str(person_id))
        async with transaction(self._pool) as connection:
            await connection.execute(_OFFER, person_id, sealed)

    async def offered_totp(self, person_id: UUID) -> str | None:
        row = await fetch_row(self._pool, _OFFERED, person_id)
        return self._opened(row["totp_offered"], person_id) if row else None

    async def confirm_totp(
        self, person_id: UUID, secret: str, step: int, codes: Sequence[str]
    ) -> None:
        """Raises `Invalid` if another secret was offered meanwhile."""
        async with transaction(self._pool) as connection:
            offered = await connection.fetchval(_OFFERED, person_id)
            is_same = self._opened(offered, person_id) == secret
            done = await connection.execute(_CONFIRM, person_id, step, offered)
            if not is_same or done != "UPDATE 1":
                reason = "another one was offered since; begin again"
                raise Invalid(what="this second factor", reason=reason)
            await connection.execute(_FORGET_CODES, person_id)
            await connection.execute(_KEEP_CODES, person_id, [digest_of(code) for code in codes])

    async def take_step(self, person_id: UUID, step: int) -> bool:
        """False if this or a later one was used before, be it a moment ago elsewhere."""
        async with transaction(self._pool) as connection:
            done: str = await connection.execute(_TAKE_STEP, person_id, step)
        return done == "UPDATE 1"

    async def use_recovery_code(self, person_id: UUID, code: str) -> bool:
        """Once."""
        async with transaction(self._pool) as connection:
            done: str = await connection.execute(_USE_CODE, person_id, digest_of(code))
        return done == "DELETE 1"

    async def recovery_codes_left(self, person_id: UUID) -> int:
        row = await fetch_row(self._pool, _CODES, person_id)
        return row["count"] if row else 0

    async def drop_totp(self, person_id: UUID) -> None:
        async with transaction(self._pool) as connection:
            await connection.execute(_DROP, person_id)
            await connection.execute(_FORGET_CODES, person_id)

    async def seal_anew(self) -> int:
        """Every secret that the first key did not seal, or that lies there in clear. Returns how
        many people's. Repeating it changes nothing.
        """
        rows = await fetch_rows(self._pool, _SECRETS)
        stale = [row for row in rows if not self._is_current(row)]
        for row in stale:
            whose = str(row["person_id"])
            fresh = (held and self._seals.renew(held, whose) for held in row[1:])
            async with transaction(self._pool) as connection:
                await connection.execute(_SEAL, *row, *fresh)
        return len(stale)

    def _is_current(self, row: Any) -> bool:
        return all(self._seals.is_current(held) for held in row[1:] if held)

    def _opened(self, sealed: str | None, person_id: UUID) -> str | None:
        return self._seals.open(sealed, str(person_id)) if sealed else None

    def _person(self, row: Any) -> Person | None:
        if row is None:
            return None
        person = Person(**dict(row))
        return replace(person, totp_secret=self._opened(person.totp_secret, person.person_id))
