"""Companies, roles and keys over real stores: what is changed counts at the next request."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.companies import PostgresRecipients
from cluster.stores.postgres import open_pool
from cluster.stores.profiles import PostgresProfiles
from domain.company import CompanyProfileChanged, company_stream
from tests.colleagues import DANA, SAM, dana, sam
from tests.identity import PASSWORD, People, people

__all__ = ["dana", "sam"]

pytestmark = pytest.mark.stores
API = {"accept": "application/json"}
PROFILE = {"name": "Ortiz Medical", "act": "save", "keywords": "gloves\ngowns"}


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores) as found:
        yield found


async def id_of(hub: People, email: str) -> UUID:
    person = await hub.identity.persons.by_email(email)
    assert person
    return person.person_id


async def tenant_of(hub: People, email: str) -> UUID:
    [company, *_] = await hub.identity.companies.of_person(await id_of(hub, email))
    return company.tenant_id


async def save(client: AsyncClient) -> int:
    return (await client.post("/company", data=PROFILE)).status_code


async def test_who_is_invited_joins_with_the_role(
    hub: People, dana: AsyncClient, sam: AsyncClient
) -> None:
    page = (await dana.get("/company/members")).text
    assert "Sam Nair" in page
    assert await save(sam) == 303
    assert (await sam.get("/company/keys")).status_code == 403
    invited = {"email": "x@y.example", "role": "viewer"}
    assert (await sam.post("/company/invitations", data=invited)).status_code == 403


async def test_a_changed_role_counts_at_the_next_request(
    hub: People, dana: AsyncClient, sam: AsyncClient
) -> None:
    path = f"/company/members/{await id_of(hub, SAM)}"
    assert (await dana.post(f"{path}/role", data={"role": "viewer"})).status_code == 303
    assert await save(sam) == 403
    assert (await dana.post(f"{path}/role", data={"role": "admin"})).status_code == 303
    assert (await sam.get("/company/keys")).status_code == 200
    owner = await id_of(hub, DANA)
    raised = await sam.post(f"{path}/role", data={"role": "owner"})
    removed = await sam.post(f"/company/members/{owner}/remove")
    assert (raised.status_code, removed.status_code) == (403, 403)


async def test_who_is_removed_sees_nothing_of_the_company_at_once(
    hub: People, dana: AsyncClient, sam: AsyncClient
) -> None:
    assert (await sam.get("/company/members")).status_code == 200
    await dana.post(f"/company/members/{await id_of(hub, SAM)}/remove")
    for path in ("/company", "/company/members", "/opportunities"):
        refused = await sam.get(path)
        assert refused.status_code == 403
        assert 'href="/account"' in refused.text
    assert "You belong to no company" in (await sam.get("/account")).text


async def test_the_last_owner_stays(dana: AsyncClient) -> None:
    assert (await dana.post("/company/leave")).status_code == 422


async def test_an_invitation_is_for_its_address_and_for_once(
    hub: People, dana: AsyncClient
) -> None:
    await dana.post("/company/invitations", data={"email": SAM, "role": "viewer"})
    link = hub.post.link("invitation", SAM)
    async with hub.browser() as other:
        await hub.sign_up(other, "eve@elsewhere.example", "Elsewhere")
        assert (await other.post(link)).status_code == 403
    async with hub.browser() as client:
        await hub.sign_up(client, SAM, "Nair Supplies")
        assert (await client.post(link)).status_code == 303
        assert (await client.get("/company")).text.count("Ortiz Medical")
        assert (await client.post(link)).status_code == 404
        own = await hub.identity.companies.of_person(await id_of(hub, SAM))
        assert [company.name for company in own] == ["Nair Supplies", "Ortiz Medical"]
        before = client.cookies["mch_session"]
        chosen = {"tenant_id": str(own[0].tenant_id)}
        assert (await client.post("/account/companies/switch", data=chosen)).status_code == 303
        assert client.cookies["mch_session"] != before
        assert "Nair Supplies" in (await client.get("/company")).text
        foreign = {"tenant_id": str(UUID(int=1))}
        assert (await client.post("/account/companies/switch", data=foreign)).status_code == 422


async def test_a_withdrawn_invitation_is_void(hub: People, dana: AsyncClient) -> None:
    await dana.post("/company/invitations", data={"email": SAM, "role": "viewer"})
    link = hub.post.link("invitation", SAM)
    page = (await dana.get("/company/members")).text
    one = page.partition("/company/invitations/")[2].partition("/withdraw")[0]
    await dana.post(f"/company/invitations/{one}/withdraw")
    async with hub.browser() as client:
        assert (await client.get(link)).status_code == 404
        told = {"name": "Sam", "password": PASSWORD}
        assert (await client.post(f"{link}/new", data=told)).status_code == 404


async def test_events_hold_nothing_personal(
    hub: People, dana: AsyncClient, sam: AsyncClient
) -> None:
    await save(dana)
    stream = company_stream(await tenant_of(hub, DANA))
    written = await hub.identity.events.read_stream(stream)
    assert [one.event.type for one in written] == [
        *("CompanyFounded", "MemberInvited", "MemberJoined", "CompanyProfileChanged")
    ]
    told = " ".join(one.event.model_dump_json() for one in written).lower()
    for personal in ("dana", "sam", "nair", "ortiz", "gloves", "example"):
        assert personal not in told


async def test_the_profile_of_the_company_is_what_notices_are_matched_with(
    hub: People, dana: AsyncClient, database: PostgresSettings
) -> None:
    words = {"words": "surgical instruments and dental equipment", "certifications": "SDVOSB"}
    assert (await dana.post("/onboarding", data=words)).status_code == 303
    tenant_id = await tenant_of(hub, DANA)
    async with open_pool(database, "mch_app", size=1) as pool:
        held = await PostgresProfiles(pool).get(tenant_id)
    assert held.version == 2
    assert "339112" in held.profile.naics
    assert held.profile.keywords == (
        *("surgical instruments", "surgical instrument", "dental equipment"),
    )
    [*_, last] = await hub.identity.events.read_stream(company_stream(tenant_id))
    assert isinstance(last.event, CompanyProfileChanged)
    assert last.event.naics == held.profile.naics


async def test_codes_are_found_by_name_and_kept_when_ticked(dana: AsyncClient) -> None:
    asked = {**PROFILE, "act": "find", "find_naics": "dental laboratories", "naics": "339112"}
    page = (await dana.post("/company", data=asked)).text
    assert "339116" in page
    assert (
        await dana.post("/company", data={**PROFILE, "naics": ["339112", "339116"]})
    ).is_redirect
    page = (await dana.get("/company")).text
    assert "339116" in page
    assert "gloves" in page
    wrong = await dana.post("/company", data={**PROFILE, "uei": "SHORT"})
    assert wrong.status_code == 422
    assert "does not look right" in wrong.text


async def test_matches_are_told_to_the_members(
    hub: People, dana: AsyncClient, sam: AsyncClient, database: PostgresSettings
) -> None:
    async with open_pool(database, "mch_relay", size=1) as pool:
        recipients = PostgresRecipients(pool)
        told = await recipients(await tenant_of(hub, DANA))
        assert set(told) == {str(await id_of(hub, DANA)), str(await id_of(hub, SAM))}
        assert await recipients(UUID(int=1)) == ("local",)


async def make_key(client: AsyncClient, *scopes: str) -> str:
    told = {"name": "Nightly export", "days": "30", "scopes": list(scopes)}
    page = (await client.post("/company/keys", data=told)).text
    return page.partition('id="made">')[2].partition("</code>")[0]


async def test_a_key_is_shown_once_asks_within_its_scopes_and_is_revoked_at_once(
    hub: People, dana: AsyncClient
) -> None:
    key = await make_key(dana, "read opportunities")
    assert key.startswith("mch_")
    page = (await dana.get("/company/keys")).text
    assert key not in page
    assert key.rpartition("_")[0] in page
    async with hub.browser("curl/8") as program:
        del program.headers["origin"]
        program.headers.update({"authorization": f"Bearer {key}", **API})
        assert (await program.get("/api/v1/opportunities")).status_code == 200
        assert (await program.get("/api/v1/system")).status_code == 403
        [listed] = await hub.identity.keys.of(await tenant_of(hub, DANA))
        assert listed.last_used_at
        prefix = key.split("_")[1]
        assert (await dana.post(f"/company/keys/{prefix}/revoke")).status_code == 303
        assert (await program.get("/api/v1/opportunities")).status_code == 401
        program.headers["authorization"] = f"Bearer {key[:-1]}0"
        assert (await program.get("/api/v1/opportunities")).status_code == 401


async def test_a_key_may_no_more_than_who_makes_it(dana: AsyncClient) -> None:
    told = {"name": "x", "days": "30", "scopes": ["invite, change and remove members"]}
    assert (await dana.post("/company/keys", data=told)).status_code == 403
    assert (await dana.post("/company/keys", data={"name": "x"})).status_code == 422


async def test_another_companys_key_cannot_be_revoked(hub: People, dana: AsyncClient) -> None:
    key = await make_key(dana, "read opportunities")
    async with hub.browser() as other:
        await hub.sign_up(other, "eve@elsewhere.example", "Elsewhere")
        answer = await other.post(f"/company/keys/{key.split('_')[1]}/revoke")
        assert answer.status_code == 404


async def test_without_signing_in_the_local_principal_has_no_account(
    hub: People, dana: AsyncClient
) -> None:
    async with hub.browser() as client:
        assert (await client.get("/opportunities")).status_code == 200
        assert (await client.get("/account")).status_code == 403
        assert (await client.get("/company/members")).status_code == 200
        client.cookies.set("mch_session", "forged", domain="127.0.0.1")
        assert (await client.get("/api/v1/opportunities", headers=API)).status_code == 401


async def test_members_are_not_told_what_of_others_was_set_aside(
    hub: People, dana: AsyncClient
) -> None:
    assert (await dana.get("/api/v1/system", headers=API)).json()["dead_letters"] == []
    assert "Dead letters" not in (await dana.get("/system")).text
    async with hub.browser() as local:
        [told] = (await local.get("/api/v1/system", headers=API)).json()["dead_letters"]
    assert told["event_type"] == "OpportunityMatched"


async def test_a_stranger_changes_nothing_of_another_company(
    hub: People, dana: AsyncClient
) -> None:
    await dana.post("/company/invitations", data={"email": SAM, "role": "viewer"})
    tenant_id = await tenant_of(hub, DANA)
    [open_one] = await hub.identity.companies.invitations(tenant_id)
    async with hub.browser() as eve:
        await hub.sign_up(eve, "eve@elsewhere.example", "Elsewhere")
        member = f"/company/members/{await id_of(hub, DANA)}"
        answers = [
            await eve.post(f"{member}/role", data={"role": "viewer"}),
            await eve.post(f"{member}/remove"),
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        await eve.post(f"/company/invitations/{open_one.invitation_id}/withdraw")
        assert DANA not in (await eve.get("/company/members")).text
    assert await hub.identity.companies.invitations(tenant_id) == [open_one]
    assert (await dana.get("/company/keys")).status_code == 200
