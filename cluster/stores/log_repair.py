"""A log that was restored into a fresh server: noticed, refused, and mended.

The relay's order is (transaction id, sequence), and a fresh server counts transactions from the
start again. So new events would sort below the relay's cursor and never be read.
"""

import ssl

import asyncpg

from cluster.stores.postgres import Pool, fetch_row
from domain.errors import LogAhead

_AHEAD = """
select greatest(
    (select transaction from event order by transaction desc, sequence desc limit 1),
    (select transaction from event_position order by position desc limit 1)
)::text as log, pg_snapshot_xmax(pg_current_snapshot())::text as server,
greatest(
    (select transaction from event order by transaction desc, sequence desc limit 1),
    (select transaction from event_position order by position desc limit 1)
) >= pg_snapshot_xmax(pg_current_snapshot()) as is_ahead
"""

_LOCK = """
set local statement_timeout = 0;
set local lock_timeout = '30s';
lock table event, event_position in access exclusive mode
"""

_EXPIRE = "update lease set epoch = epoch + 1, expires_at = '-infinity' where name = 'relay_events'"

_UNFORCE = "alter table event no force row level security"
_FORCE = "alter table event force row level security"

# Rows that were restored do not bear the mark of the transaction that first wrote them, those
# written since do; and they are the newer ones, whatever their numbers say.
_NUMBER = """
insert into event_position (position, transaction, sequence)
select (select max(position) from event_position)
       + row_number() over (order by is_native, transaction, sequence), transaction, sequence
from (
    select transaction, sequence,
           (transaction::text::numeric % 4294967296) = xmin::text::numeric as is_native
    from event
    where not exists (
        select from event_position as numbered
        where (numbered.transaction, numbered.sequence) = (event.transaction, event.sequence)
    )
) as unnumbered
"""

# All are numbered, so their order is told by positions alone, and any new event sorts above.
_RESTAMP_POSITIONS = "update event_position set transaction = '0' where transaction <> '0'"
_RESTAMP_EVENTS = "update event set transaction = '0' where transaction <> '0'"


async def refuse_log_ahead(pool: Pool) -> None:
    """Raises `LogAhead` if the log bears transaction ids that this server has not given yet."""
    row = await fetch_row(pool, _AHEAD)
    if row and row["is_ahead"]:
        raise LogAhead(log=row["log"], server=row["server"])


async def repair_log(dsn: str, *, tls: ssl.SSLContext | None = None) -> int:
    """Number what is not numbered, then forget the old server's transaction ids. As `mch_owner`.

    Tells how many events it numbered. Keeps every position; nothing is published by it. One
    transaction, which waits for writers and keeps them out. Repeating it changes nothing.
    """
    connection = await asyncpg.connect(dsn, ssl=tls)
    try:
        await connection.execute("set role mch_owner")
        async with connection.transaction():
            await connection.execute(_LOCK)
            await connection.execute(_EXPIRE)
            await connection.execute(_UNFORCE)
            numbered = await connection.execute(_NUMBER)
            await connection.execute(_RESTAMP_POSITIONS)
            await connection.execute(_RESTAMP_EVENTS)
            await connection.execute(_FORCE)
        return int(numbered.split()[-1])
    finally:
        await connection.close()
