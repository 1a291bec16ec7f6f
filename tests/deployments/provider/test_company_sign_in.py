"""Signing in through a company's own provider: whom it lets in, and as what."""

from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient

from domain.access import Permission, Role
from tests.identity import PASSWORD, People
from tests.providers import (
    API,
    DANA,
    DOOR,
    LEE,
    SmallProvider,
    configure,
    me,
    sign_in,
    there,
)

pytestmark = pytest.mark.stores


async def test_who_is_of_an_allowed_domain_joins_with_the_role_that_is_set(
    hub: People, owner: AsyncClient
) -> None:
    async with hub.browser() as lee:
        page = await lee.get("/sign-in/company", params={"name": "Ortiz"})
        assert "Go on to your company" in page.text
        answer = await lee.get(await there(lee, "/opportunities?q=kit"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/opportunities?q=kit")
        known = await me(lee)
        assert "change the company's profile" in known["permissions"]
        assert "invite, change and remove members" not in known["permissions"]
        assert (await sign_in(lee)).status_code == 303
        assert (await me(lee))["user_id"] == known["user_id"]
    members = (await owner.get("/api/v1/company/members", headers=API)).json()["items"]
    assert [(one["name"], one["role"]) for one in members] == [("Dana", "owner"), ("Lee", "editor")]


async def test_what_a_provider_proves_holds_in_its_company_alone(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    """Admins set it: so it makes nobody more than an admin, and opens no account."""
    provider.user = {"sub": "boss", "email": DANA, "email_verified": True}
    async with hub.browser() as browser:
        assert (await sign_in(browser)).status_code == 303
        known = await me(browser)
        assert known["user_id"] == (await me(owner))["user_id"]
        assert Permission.MANAGE_MEMBERS in known["permissions"]
        for beyond in (
            Permission.APPOINT_OWNERS,
            Permission.MANAGE_PERSONAL_DATA,
            Permission.OWN_ACCOUNT,
        ):
            assert beyond not in known["permissions"]
        assert (await browser.get("/account")).status_code == 403
        assert (await browser.post("/account/companies", data={"company": "X"})).status_code == 403
        assert "Sign out" in (await browser.get("/company")).text
        person = await hub.identity.persons.by_email(DANA)
        assert person
        company = (await hub.identity.companies.of_person(person.person_id))[0].tenant_id
        await hub.identity.sessions.tell(person.person_id, company, None)
        assert (await browser.get("/api/v1/me", headers=API)).status_code == 403


async def test_an_account_of_another_company_is_not_taken_over(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    """Whoever sets a provider can have it say any address, verified."""
    async with hub.browser() as other, hub.browser() as browser:
        await hub.sign_up(other, "sam@other.example", "Other")
        assert (await configure(owner, provider, domains=["other.example"])).status_code == 200
        provider.user = {"sub": "x", "email": "sam@other.example", "email_verified": True}
        assert (await sign_in(browser)).status_code == 422
        assert (await browser.get("/api/v1/me", headers=API)).status_code == 401


async def test_an_invitation_lets_in_whom_no_domain_does(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    provider.user = {"sub": "y", "email": "kim@agency.example", "email_verified": True}
    async with hub.browser() as kim:
        assert (await sign_in(kim)).status_code == 422
        told = {"email": "kim@agency.example", "role": "reviewer"}
        await owner.post("/company/invitations", data=told)
        assert (await sign_in(kim)).status_code == 303
        person = await hub.identity.persons.by_email("kim@agency.example")
        assert person
        [company] = await hub.identity.companies.of_person(person.person_id)
        assert company.role is Role.REVIEWER
        path = f"/company/members/{person.person_id}/remove"
        assert (await owner.post(path)).status_code == 303
        assert (await sign_in(kim)).status_code == 422  # Who was removed does not come back.


async def test_an_address_that_was_given_to_another_is_not_linked_twice(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    async with hub.browser() as lee, hub.browser() as newcomer:
        assert (await sign_in(lee)).status_code == 303
        provider.user = {**LEE, "sub": "u-2"}
        assert (await sign_in(newcomer)).status_code == 422


async def test_an_answer_comes_back_once_and_to_the_browser_that_asked(
    hub: People, owner: AsyncClient
) -> None:
    async with hub.browser() as lee, hub.browser() as other:
        back = await there(lee)
        assert (await other.get(back)).status_code == 422  # As a link that is sent to someone.
        assert (await lee.get(back)).status_code == 422  # And it is over for everyone.
        back = await there(lee)
        assert (await lee.get(back)).status_code == 303
        assert (await lee.get(back)).status_code == 422
        back = await there(lee)
        assert (await lee.get(back.replace("state=", "state=x"))).status_code == 422
        assert (await lee.get(f"{DOOR}/callback?error=access_denied")).status_code == 422


async def test_a_stolen_code_is_worth_nothing_in_another_flow(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    """The provider looks at PKCE's verifier; where it does not, the nonce tells."""
    for provider.is_lax in (False, True):
        async with hub.browser() as lee, hub.browser() as thief:
            stolen = parse_qs(urlsplit(await there(lee)).query)["code"][0]
            own = await there(thief)
            injected = own.replace(parse_qs(urlsplit(own).query)["code"][0], stolen)
            assert (await thief.get(injected)).status_code == 422


async def test_no_provider_answers_for_another(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    async with hub.browser() as other, hub.browser() as lee:
        await hub.sign_up(other, "sam@other.example", "Other")
        assert (await configure(other, provider, name="ortiz")).status_code == 422
        assert (await configure(other, provider, name="other")).status_code == 200
        back = await there(lee)
        assert (await lee.get(back.replace("/ortiz/", "/other/"))).status_code == 422
        back = (await there(lee)).partition("&iss=")[0]
        assert (await lee.get(f"{back}&iss=https://login.evil.example")).status_code == 422


async def test_a_password_still_gives_the_whole_account(hub: People, owner: AsyncClient) -> None:
    """Who came by the provider reads the address's mail, and sets one."""
    async with hub.browser() as lee:
        assert (await sign_in(lee)).status_code == 303
        await lee.post("/reset", data={"email": LEE["email"]})
        link = hub.post.link("reset_password", str(LEE["email"]))
        assert (await lee.post(link, data={"password": PASSWORD})).status_code == 303
        told = {"email": LEE["email"], "password": PASSWORD}
        assert (await lee.post("/sign-in", data=told)).status_code == 303
        assert (await lee.get("/account")).status_code == 200
