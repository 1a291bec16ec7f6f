"""What every store of notifications keeps to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from cluster.stores.notifications import MemoryNotifications, PostgresNotifications
from domain.notifications import NewNotification, notification_id
from domain.ports import Notifications

AT = datetime(2026, 4, 13, 12, 40, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
def notifications(request: pytest.FixtureRequest) -> Notifications:
    if request.param == "memory":
        return MemoryNotifications()
    return PostgresNotifications(request.getfixturevalue("app_pool"))


@pytest.fixture
def tenant() -> UUID:
    return uuid4()


def match(subject: str, user_id: str = "dana", minutes: int = 0) -> NewNotification:
    at = AT + timedelta(minutes=minutes)
    return NewNotification(user_id=user_id, kind="match", subject=subject, score=91, at=at)


async def test_it_is_kept_once_and_asked_again_until_announced(
    notifications: Notifications, tenant: UUID
) -> None:
    (first,) = await notifications.add(tenant, [match("n1")])
    assert first.notification_id == notification_id(tenant, "dana", "match", "n1")
    assert (first.subject, first.score, first.created_at) == ("n1", 91, AT)
    again = await notifications.add(tenant, [match("n1", minutes=5), match("n2", minutes=5)])
    assert [(one.subject, one.created_at.minute) for one in again] == [("n1", 40), ("n2", 45)]
    await notifications.mark_announced(tenant, [first.notification_id])
    left = await notifications.add(tenant, [match("n1"), match("n2")])
    assert [one.subject for one in left] == ["n2"]
    assert (await notifications.page(tenant, "dana", limit=10)).total == 2


async def test_pages_run_from_the_newest_to_the_oldest(
    notifications: Notifications, tenant: UUID
) -> None:
    await notifications.add(tenant, [match(f"n{n}", minutes=n // 2) for n in range(5)])
    seen: list[str] = []
    page = await notifications.page(tenant, "dana", limit=2)
    while page.next:
        seen += [one.subject for one in page.items]
        page = await notifications.page(tenant, "dana", limit=2, after=page.next)
    seen += [one.subject for one in page.items]
    assert seen[0] == "n4"
    assert sorted(seen) == ["n0", "n1", "n2", "n3", "n4"]
    assert page.total == 5


async def test_reading_counts_for_the_user_alone(
    notifications: Notifications, tenant: UUID
) -> None:
    added = await notifications.add(tenant, [match("n1"), match("n2"), match("n1", "sam")])
    await notifications.mark_read(tenant, "sam", [one.notification_id for one in added])
    assert await notifications.unread(tenant, "sam") == 0
    assert await notifications.unread(tenant, "dana") == 2
    dana = next(one for one in added if (one.user_id, one.subject) == ("dana", "n1"))
    await notifications.mark_read(tenant, "dana", [dana.notification_id])
    assert await notifications.unread(tenant, "dana") == 1
    await notifications.mark_read(tenant, "dana")
    assert await notifications.unread(tenant, "dana") == 0
    page = await notifications.page(tenant, "dana", limit=10)
    assert all(one.read_at for one in page.items)


async def test_another_tenant_sees_and_marks_nothing(
    notifications: Notifications, tenant: UUID
) -> None:
    other = uuid4()
    (ours,) = await notifications.add(tenant, [match("n1")])
    await notifications.mark_read(other, "dana", [ours.notification_id])
    await notifications.mark_announced(other, [ours.notification_id])
    assert (await notifications.page(other, "dana", limit=10)).items == []
    assert await notifications.unread(other, "dana") == 0
    assert await notifications.unread(tenant, "dana") == 1
    assert len(await notifications.add(tenant, [match("n1")])) == 1
