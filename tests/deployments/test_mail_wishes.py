"""What one is mailed of: chosen on a page, ended by the link in a mail without signing in."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from domain.notification_mail import DEFAULTS, NO_MAIL, MailWishes
from tests.colleagues import DANA, dana
from tests.identity import People, people

__all__ = ["dana"]

pytestmark = pytest.mark.stores

PAGE = "/account/notifications"
CHOSEN = {"match": "at_once", "amendment": "none", "document": "daily", "zone": "America/Chicago"}


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores) as found:
        yield found


async def _who(hub: People) -> tuple[UUID, UUID]:
    person = await hub.identity.persons.by_email(DANA)
    assert person
    [company] = await hub.identity.companies.of_person(person.person_id)
    return company.tenant_id, person.person_id


async def _wishes(hub: People) -> MailWishes:
    tenant_id, person_id = await _who(hub)
    return await hub.identity.wishes.of(tenant_id, str(person_id))


async def test_one_chooses_by_kind_and_sees_it_again(hub: People, dana: AsyncClient) -> None:
    assert (await _wishes(hub)).cadences == DEFAULTS
    assert "For Ortiz Medical" in (await dana.get(PAGE)).text
    assert (await dana.post(PAGE, data=CHOSEN)).status_code == 303
    assert await _wishes(hub) == MailWishes(
        {"match": "at_once", "amendment": "none", "document": "daily"}, "America/Chicago"
    )
    page = (await dana.get(PAGE)).text
    assert 'name="match" value="at_once" checked' in page
    assert 'value="America/Chicago"' in page


@pytest.mark.parametrize("wrong", [{"zone": "Chicago"}, {"match": "hourly"}, {"match": ""}])
async def test_what_is_wrong_is_told_and_changes_nothing(
    hub: People, dana: AsyncClient, wrong: dict[str, str]
) -> None:
    assert (await dana.post(PAGE, data=CHOSEN | wrong)).status_code == 422
    assert (await _wishes(hub)).cadences == DEFAULTS


async def test_a_link_ends_it_without_signing_in_and_looking_at_it_does_not(
    hub: People, dana: AsyncClient
) -> None:
    await dana.post(PAGE, data=CHOSEN)
    link = hub.identity.unsubscribing.link(*await _who(hub))
    async with hub.browser() as stranger:
        shown = await stranger.get(link)
        assert shown.status_code == 200
        assert "of Ortiz Medical" in shown.text
        assert (await _wishes(hub)).cadences != NO_MAIL
    async with hub.browser() as program:
        del program.headers["origin"]
        one_click = {"List-Unsubscribe": "One-Click"}
        for _ in range(2):
            assert (await program.post(link, data=one_click)).status_code == 200
    assert await _wishes(hub) == MailWishes(NO_MAIL, "America/Chicago")


async def test_a_link_that_nobody_sealed_ends_nothing(hub: People, dana: AsyncClient) -> None:
    link = hub.identity.unsubscribing.link(*await _who(hub))
    forged = f"{link[:-6]}AAAAAA"
    async with hub.browser() as stranger:
        for path in (forged, "/unsubscribe/x", f"/unsubscribe/{uuid4()}"):
            assert (await stranger.post(path)).status_code == 404
    assert (await _wishes(hub)).cadences == DEFAULTS


async def test_a_link_of_who_has_left_leaves_nothing_behind(hub: People, dana: AsyncClient) -> None:
    tenant_id, _ = await _who(hub)
    gone = uuid4()
    async with hub.browser() as stranger:
        answer = await stranger.post(hub.identity.unsubscribing.link(tenant_id, gone))
    assert answer.status_code == 200
    assert await hub.identity.wishes.of(tenant_id, str(gone)) == MailWishes()
