"""Letters about notifications in Postgres: written with what they tell of, claimed, settled.

A letter is sent once in effect, and at least once in truth: who crashes after the mail server took
it over and before that is noted leaves a claim that ends, and another sends the letter again under
the same Message-ID, by which mail programs know it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cluster.stores.mail_wishes import read_wishes
from cluster.stores.postgres import Connection, Pool, as_tenant, fetch_rows
from domain.notification_mail import Cadence, Letter, MailWishes, Outcome, letter_of
from domain.notifications import NewNotification, NotificationKind

CLAIMED_FOR = timedelta(minutes=2)
MOST_ITEMS = 50

_WRITE = """
insert into notification_letter (tenant_id, letter_id, user_id, cadence, due_at)
select $1, letter_id, user_id, cadence, due_at
from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
    as new (letter_id, user_id, cadence, due_at)
on conflict do nothing
"""
_PUT_IN = """
update notification set letter_id = told.letter_id
from unnest($2::uuid[], $3::uuid[]) as told (notification_id, letter_id)
where tenant_id = $1 and notification.notification_id = told.notification_id
"""
_DUE = """
select tenant_id, letter_id from notification_letter
where settled_at is null and due_at <= $1 and (claimed_until is null or claimed_until <= $1)
order by due_at limit $2
"""
_CLAIM = """
update notification_letter set claimed_until = $4
where tenant_id = $1 and letter_id = $2 and settled_at is null and due_at <= $3
    and (claimed_until is null or claimed_until <= $3)
returning user_id, cadence, due_at
"""
_SETTLE = """
update notification_letter set settled_at = $3, outcome = $4
where tenant_id = $1 and letter_id = $2 and settled_at is null
"""
_READER = """
select email, person.name, company.name as company
from membership join person using (person_id) join company using (tenant_id)
where tenant_id = $1 and person_id = $2::uuid
"""
# What was read meanwhile needs no mail.
_ITEMS = """
select notification.kind, subject, score, coalesce(title, document.name) as title
from notification
left join opportunity on notification.kind = 'match' and notice_id = subject
left join document on notification.kind in ('document', 'amendment')
    and document.tenant_id = notification.tenant_id
    and document.document_id::text = split_part(subject, '/', 1)
where notification.tenant_id = $1 and letter_id = $2 and read_at is null
    and notification.kind = any($3)
order by score desc nulls last, created_at desc, notification_id
"""


@dataclass(frozen=True, slots=True)
class Reader:
    email: str
    name: str
    company: str


@dataclass(frozen=True, slots=True)
class Item:
    """A notification as a letter tells it. `title` is None where there is none to read."""

    kind: NotificationKind
    subject: str
    score: int | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours to send. Without a reader: that person has left the company."""

    tenant_id: UUID
    letter: Letter
    reader: Reader | None
    items: Sequence[Item]


class PostgresLetters:
    """Needs a pool of each role: `mch_relay` learns which are due. Raises `Unavailable`."""

    def __init__(self, app: Pool, relay: Pool) -> None:
        self._app = app
        self._relay = relay

    async def due(self, now: datetime, *, limit: int) -> list[tuple[UUID, UUID]]:
        """Tenant and letter of those that nobody has claimed, the longest due first."""
        rows = await fetch_rows(self._relay, _DUE, now, limit)
        return [(row["tenant_id"], row["letter_id"]) for row in rows]

    async def claim(self, tenant_id: UUID, letter_id: UUID, now: datetime) -> Claimed | None:
        """None where another has it, or it is settled. The claim ends after `CLAIMED_FOR`."""
        until = now + CLAIMED_FOR
        async with as_tenant(self._app, tenant_id) as connection:
            row = await connection.fetchrow(_CLAIM, tenant_id, letter_id, now, until)
            if row is None:
                return None
            letter = Letter(letter_id, row["user_id"], row["cadence"], row["due_at"])
            reader = await connection.fetchrow(_READER, tenant_id, letter.user_id)
            wishes = (await read_wishes(connection, tenant_id, [letter.user_id]))[letter.user_id]
            items = await connection.fetch(_ITEMS, tenant_id, letter_id, _wanted(wishes))
        told = [Item(**dict(item)) for item in items]
        return Claimed(tenant_id, letter, Reader(**dict(reader)) if reader else None, told)

    async def settle(
        self, tenant_id: UUID, letter_id: UUID, outcome: Outcome, now: datetime
    ) -> None:
        """For good. Repeating it changes nothing."""
        async with as_tenant(self._app, tenant_id) as connection:
            await connection.execute(_SETTLE, tenant_id, letter_id, now, outcome)


async def write_letters(
    connection: Connection,
    tenant_id: UUID,
    added: Mapping[UUID, NewNotification],
    now: datetime,
) -> None:
    """In the transaction that adds these notifications: so each falls into one letter, or none."""
    wishes = await read_wishes(connection, tenant_id, list({one.user_id for one in added.values()}))
    letters: dict[UUID, Letter] = {}
    for notification_id, one in added.items():
        told = (notification_id, one.user_id, one.kind)
        if letter := letter_of(tenant_id, told, wishes[one.user_id], now):
            letters[notification_id] = letter
    if not letters:
        return
    of_each = {letter.letter_id: letter for letter in letters.values()}
    columns = (
        list(of_each),
        [letter.user_id for letter in of_each.values()],
        [letter.cadence for letter in of_each.values()],
        [letter.due_at for letter in of_each.values()],
    )
    await connection.execute(_WRITE, tenant_id, *columns)
    put_in = [letter.letter_id for letter in letters.values()]
    await connection.execute(_PUT_IN, tenant_id, list(letters), put_in)


def _wanted(wishes: MailWishes) -> list[str]:
    """Whoever wants none of a kind meanwhile gets none of what waited."""
    none: Cadence = "none"
    kinds: tuple[NotificationKind, ...] = ("match", "document", "amendment")
    return [kind for kind in kinds if wishes.of(kind) != none]
