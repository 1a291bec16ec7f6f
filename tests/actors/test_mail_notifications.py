"""Letters over real Postgres: once each in effect, to members alone, and none by a replay."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiosmtplib import SMTPException

from actors.mail_notifications import MailNotifications, open_mail_notifications
from actors.notify import Notify
from cluster.sealing import Seals
from cluster.servers.mail import MailSink
from cluster.servers.mail_sink.box import MailBox
from cluster.servers.process import spawn, stop
from cluster.settings import PostgresSettings, Settings
from cluster.stores.live_feed import MemoryLiveFeed
from cluster.stores.mail_letters import CLAIMED_FOR, PostgresLetters
from cluster.stores.mail_wishes import PostgresMailWishes
from cluster.stores.notifications import PostgresNotifications
from cluster.stores.postgres import Pool
from cluster.unsubscribing import UnsubscribeLinks
from domain.errors import Invalid, Unavailable
from domain.events import Cause, Origin, Recorded, Stream
from domain.mail import VALUES, Mail
from domain.matching import OpportunityMatched
from domain.notification_mail import Cadence, MailWishes, Outcome
from domain.notifications import FRESH_FOR, NewNotification, NotificationKind
from domain.ports import Lease
from tests.personal import behind_row_security

pytestmark = pytest.mark.stores

TENANT, DANA = UUID(int=7), UUID(int=8)
NOW = datetime(2026, 4, 13, 15, 0, tzinfo=UTC)
LEASE = Lease("mail_notifications", 1, 60.0)
HUB = "https://hub.example"
ALL: tuple[NotificationKind, ...] = ("match", "document", "amendment")


@dataclass
class Postbox:
    """Implements `domain.ports.SendsMail`."""

    sent: list[Mail] = field(default_factory=list)
    fails: Exception | None = None

    async def send(self, mail: Mail) -> None:
        if self.fails:
            raise self.fails
        assert set(mail.values) == VALUES[mail.kind]
        self.sent.append(mail)


class Crashing(PostgresLetters):
    """Ends after the mail was taken over, before that is noted."""

    async def settle(
        self, tenant_id: UUID, letter_id: UUID, outcome: Outcome, now: datetime
    ) -> None:
        raise Unavailable(service="postgres", reason="gone")


@dataclass
class Hub:
    """A company with one member, at a time that tests choose."""

    app: Pool
    relay: Pool
    database: PostgresSettings
    post: Postbox = field(default_factory=Postbox)
    now: datetime = NOW
    links: UnsubscribeLinks = field(default_factory=lambda: UnsubscribeLinks(Seals("k" * 32), HUB))

    @property
    def notifications(self) -> PostgresNotifications:
        return PostgresNotifications(self.app, lambda: self.now)

    async def add(self, kind: NotificationKind, *subjects: str) -> None:
        await self.notifications.add(
            TENANT,
            [
                NewNotification(user_id=str(DANA), kind=kind, subject=one, score=None, at=self.now)
                for one in subjects
            ],
        )

    async def wish(self, cadence: Cadence, zone: str = "UTC") -> None:
        wishes = MailWishes(dict.fromkeys(ALL, cadence), zone)
        await PostgresMailWishes(self.app).wish(TENANT, str(DANA), wishes)

    async def poll(self, letters: type[PostgresLetters] = PostgresLetters) -> None:
        kept = letters(self.app, self.relay)
        await MailNotifications(kept, self.post, self.links, HUB, lambda: self.now)({}, LEASE)

    async def run(self, statement: str, *values: object) -> None:
        async with behind_row_security(self.database) as owner:
            await owner.execute(statement, *values)

    async def outcomes(self) -> Sequence[str | None]:
        async with behind_row_security(self.database) as owner:
            rows = await owner.fetch("select outcome from notification_letter order by due_at")
        return [row["outcome"] for row in rows]


@pytest.fixture
async def hub(app_pool: Pool, relay_pool: Pool, database: PostgresSettings) -> Hub:
    hub = Hub(app_pool, relay_pool, database)
    await hub.run("insert into person values ($1, 'd@ortiz.example', 'Dana', 'x')", DANA)
    await hub.run("insert into company values ($1, 'Ortiz Medical')", TENANT)
    await hub.run("insert into membership values ($1, $2, 'owner', now())", TENANT, DANA)
    return hub


async def test_at_once_is_one_mail_for_each_however_often_it_is_told(hub: Hub) -> None:
    await hub.wish("at_once")
    for _ in range(2):
        await hub.add("match", "n1", "n2")
        await hub.poll()
    assert sorted(mail.values["title"] for mail in hub.post.sent) == ["n1", "n2"]
    mail = hub.post.sent[0]
    assert (mail.kind, mail.to, mail.tenant_id) == ("notification", "d@ortiz.example", TENANT)
    assert mail.values["link"].startswith(f"{HUB}/opportunities/n")
    assert mail.unsubscribe
    assert hub.links.read(mail.unsubscribe.rpartition("/")[2]) == (TENANT, DANA)
    assert await hub.outcomes() == ["sent", "sent"]


async def test_a_day_is_one_digest_at_seven_without_what_was_read(hub: Hub) -> None:
    await hub.wish("daily")
    await hub.add("match", "n1", "n2")
    hub.now += timedelta(hours=5)
    await hub.add("amendment", f"{UUID(int=1)}/2")
    await hub.poll()
    assert hub.post.sent == []
    page = await hub.notifications.page(TENANT, str(DANA), limit=9)
    [seen] = [one.notification_id for one in page.items if one.subject == "n1"]
    await hub.notifications.mark_read(TENANT, str(DANA), [seen])
    hub.now = datetime(2026, 4, 14, 7, 0, tzinfo=UTC)
    for _ in range(2):
        await hub.poll()
    [mail] = hub.post.sent
    assert mail.kind == "digest"
    assert mail.values["count"] == "2 notifications"
    assert {item.title for item in mail.items} == {"n2", f"{UUID(int=1)}/2"}
    hub.now += timedelta(days=1)
    await hub.add("match", "n3")
    hub.now = datetime(2026, 4, 16, 7, 0, tzinfo=UTC)
    await hub.poll()
    assert [item.title for item in hub.post.sent[1].items] == ["n3"]


async def test_a_crash_after_sending_sends_again_under_the_same_id_once_the_claim_is_over(
    hub: Hub,
) -> None:
    await hub.wish("at_once")
    await hub.add("match", "n1")
    with pytest.raises(Unavailable):
        await hub.poll(Crashing)
    await hub.poll()
    assert len(hub.post.sent) == 1
    hub.now += CLAIMED_FOR
    for _ in range(2):
        await hub.poll()
    assert len(hub.post.sent) == 2
    assert hub.post.sent[0].mail_id == hub.post.sent[1].mail_id is not None
    assert await hub.outcomes() == ["sent"]


async def test_an_outage_of_mail_is_told_and_the_letter_goes_out_afterwards(hub: Hub) -> None:
    await hub.wish("at_once")
    await hub.add("match", "n1")
    hub.post.fails = Unavailable(service="mail", reason="stopped")
    with pytest.raises(Unavailable):
        await hub.poll()
    hub.post.fails = None
    hub.now += CLAIMED_FOR
    await hub.poll()
    assert len(hub.post.sent) == 1


async def test_what_is_no_news_any_more_is_not_sent(hub: Hub) -> None:
    await hub.wish("at_once")
    await hub.add("match", "n1")
    hub.now += FRESH_FOR + timedelta(seconds=1)
    await hub.poll()
    assert (hub.post.sent, await hub.outcomes()) == ([], ["stale"])


async def test_who_has_left_gets_none_even_of_what_waited(hub: Hub) -> None:
    await hub.wish("at_once")
    await hub.add("match", "n1")
    await hub.run("delete from membership")
    await hub.poll()
    assert (hub.post.sent, await hub.outcomes()) == ([], ["left"])


async def test_who_ends_all_mail_gets_none_even_of_what_waited(hub: Hub) -> None:
    await hub.wish("at_once", "America/Denver")
    await hub.add("match", "n1")
    wishes = PostgresMailWishes(hub.app)
    await wishes.stop(TENANT, str(DANA))
    await hub.poll()
    await hub.add("amendment", "d/1")
    assert (hub.post.sent, await hub.outcomes()) == ([], ["unwanted"])
    assert (await wishes.of(TENANT, str(DANA))).zone == "America/Denver"


async def test_an_address_that_is_refused_for_good_is_not_tried_again(hub: Hub) -> None:
    await hub.wish("at_once")
    await hub.add("match", "n1")
    hub.post.fails = Invalid(what="an address", reason="its mail server does not know it")
    await hub.poll()
    assert await hub.outcomes() == ["refused"]


async def test_two_at_once_claim_a_letter_once(hub: Hub) -> None:
    await hub.wish("at_once")
    await hub.add("match", "n1")
    letters = PostgresLetters(hub.app, hub.relay)
    [(tenant_id, letter_id)] = await letters.due(hub.now, limit=9)
    assert await letters.claim(tenant_id, letter_id, hub.now)
    assert await letters.claim(tenant_id, letter_id, hub.now) is None
    assert await letters.due(hub.now, limit=9) == []


async def _until_it_answers(sink: MailSink) -> None:
    while True:
        with suppress(SMTPException):
            await sink.ask()
            return
        await asyncio.sleep(0.1)


async def test_the_post_mails_into_the_sink(
    hub: Hub, embedded_stores: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name, value in {
        "MCH_HOME": str(embedded_stores.home),
        "MCH_POSTGRES__DSN": str(hub.database.dsn.get_secret_value()),
        "MCH_MAIL__HOST": "127.0.0.1",
        "MCH_MAIL__PORT": str(port),
        "MCH_MAIL__TLS": "none",
    }.items():
        monkeypatch.setenv(name, value)
    await hub.wish("at_once")
    hub.now = datetime.now(UTC)
    await hub.add("match", "n1")
    sink = MailSink(tmp_path / "mail", port)
    launch = sink.prepare()
    process = await spawn(launch, tmp_path, tmp_path / "log")
    box = MailBox(tmp_path / "mail")
    try:
        async with asyncio.timeout(60):
            await _until_it_answers(sink)
        async with open_mail_notifications() as poller, asyncio.timeout(60):
            working = asyncio.create_task(poller.run())
            while not box.newest(1):
                await asyncio.sleep(0.05)
            await poller.stop()
            await working
    finally:
        await stop(process, launch.stop_signal, within_s=5.0)
    [kept] = box.newest(9)
    assert (kept.to, kept.subject) == ("d@ortiz.example", "New match: n1")
    assert any("/unsubscribe/sealed." in link for link in kept.links)
    assert await hub.outcomes() == ["sent"]


@pytest.mark.parametrize("origin", ["import", "replay", "live"])
async def test_replays_and_imports_write_no_letter(hub: Hub, origin: Origin) -> None:
    async def members(tenant_id: UUID) -> Sequence[str]:
        return [str(DANA)]

    await hub.wish("at_once")
    matched = OpportunityMatched(notice_id="n1", score=91, profile_version=1, notice_version=1)
    event = Recorded(
        position=1,
        stream=Stream(TENANT, "Match", "n1"),
        version=1,
        event_id=uuid4(),
        schema_version=1,
        cause=Cause(correlation_id=uuid4(), causation_id=uuid4(), origin=origin),
        recorded_at=hub.now,
        event=matched,
    )
    notify = Notify(hub.notifications, MemoryLiveFeed(), members, lambda: hub.now)
    await notify([event])
    await hub.poll()
    assert len(hub.post.sent) == (1 if origin == "live" else 0)
    assert len(await hub.outcomes()) == len(hub.post.sent)
