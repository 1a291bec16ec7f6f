"""After `notify`: mail to those who wish it, at once or once a day."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from actors.poller import Polled, Poller, open_poller
from cluster.clients.mail import SmtpMail
from cluster.sealing import Seals
from cluster.settings import Settings
from cluster.stores.mail_letters import MOST_ITEMS, Claimed, Item, PostgresLetters, Reader
from cluster.stores.postgres import open_pool
from cluster.unsubscribing import UnsubscribeLinks
from domain.clock import Clock, utc_now
from domain.errors import Invalid
from domain.mail import Mail, MailItem
from domain.notification_mail import Outcome, headline, path_of
from domain.notifications import FRESH_FOR
from domain.ports import Lease, SendsMail

POST = "mail_notifications"
EVERY_S = 5.0
AT_ONCE = 20


class Letters(Protocol):
    """As `PostgresLetters`."""

    async def due(self, now: datetime, *, limit: int) -> list[tuple[UUID, UUID]]: ...
    async def claim(self, tenant_id: UUID, letter_id: UUID, now: datetime) -> Claimed | None: ...
    async def settle(
        self, tenant_id: UUID, letter_id: UUID, outcome: Outcome, now: datetime
    ) -> None: ...


class MailNotifications:
    """Implements `actors.poller.Poll`: some letters at a time. The mark stays empty.

    A letter is claimed, sent, and settled. Where the mail server is away it raises `Unavailable`:
    the letter's claim ends by itself, and it is tried again while it is news.
    """

    def __init__(
        self,
        letters: Letters,
        mail: SendsMail,
        links: UnsubscribeLinks,
        public_url: str,
        clock: Clock = utc_now,
    ) -> None:
        self._letters = letters
        self._mail = mail
        self._links = links
        self._public_url = public_url
        self._clock = clock

    async def __call__(self, mark: Mapping[str, Any], lease: Lease) -> Polled:
        due = await self._letters.due(self._clock(), limit=AT_ONCE)
        for tenant_id, letter_id in due:
            if claimed := await self._letters.claim(tenant_id, letter_id, self._clock()):
                outcome = await self._deliver(claimed)
                await self._letters.settle(tenant_id, letter_id, outcome, self._clock())
        return Polled(again_in_s=0.0 if len(due) == AT_ONCE else None)

    async def _deliver(self, claimed: Claimed) -> Outcome:
        if claimed.reader is None:
            return "left"
        if self._clock() - claimed.letter.due_at > FRESH_FOR:
            return "stale"
        if not claimed.items:
            return "unwanted"
        try:
            await self._mail.send(self._write(claimed, claimed.reader))
        except Invalid:  # The address is refused for good: another try would be, too.
            return "refused"
        return "sent"

    def _write(self, claimed: Claimed, reader: Reader) -> Mail:
        items = tuple(self._item(item) for item in claimed.items)
        values = {"name": reader.name, "company": reader.company}
        is_digest = claimed.letter.cadence == "daily"
        if is_digest:
            noun = "notifications" if len(items) > 1 else "notification"
            link = f"{self._public_url}/notifications"
            values |= {"count": f"{len(items)} {noun}", "link": link}
        else:
            [item] = items
            values |= {"what": item.what, "title": item.title, "link": item.link}
        return Mail(
            kind="digest" if is_digest else "notification",
            to=reader.email,
            tenant_id=claimed.tenant_id,
            values=values,
            items=items[:MOST_ITEMS] if is_digest else (),
            mail_id=claimed.letter.letter_id,
            unsubscribe=self._links.link(claimed.tenant_id, UUID(claimed.letter.user_id)),
        )

    def _item(self, item: Item) -> MailItem:
        link = f"{self._public_url}{path_of(item.kind, item.subject)}"
        return MailItem(headline(item.kind, item.score), item.title or item.subject, link)


@asynccontextmanager
async def open_mail_notifications() -> AsyncIterator[Poller]:
    settings = Settings()
    links = UnsubscribeLinks(
        Seals(settings.auth.sealing_keys.get_secret_value()), settings.public_url
    )
    async with (
        open_pool(settings.postgres, "mch_app", size=1) as pool,
        open_pool(settings.postgres, "mch_relay", size=1) as relay_pool,
    ):
        letters = PostgresLetters(pool, relay_pool)
        poll = MailNotifications(letters, SmtpMail(settings.mail), links, settings.public_url)
        async with open_poller(POST, poll, every_s=EVERY_S) as poller:
            yield poller
