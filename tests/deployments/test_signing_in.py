"""Signing up, in and out, over real stores: what works once, what is refused, what is not told."""

from collections.abc import AsyncIterator
from time import time
from uuid import UUID

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from domain.totp import STEP_S, code_at
from tests.identity import PASSWORD, People, people

pytestmark = pytest.mark.stores
DANA = "dana@ortizmedical.example"
API = {"accept": "application/json"}


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores, is_local=False) as found:
        yield found


@pytest.fixture
async def client(hub: People) -> AsyncIterator[AsyncClient]:
    async with hub.browser() as client:
        yield client


async def sign_in(client: AsyncClient, password: str = PASSWORD, **more: str) -> int:
    told = {"email": DANA, "password": password, **more}
    return (await client.post("/sign-in", data=told)).status_code


async def status(client: AsyncClient) -> int:
    return (await client.get("/api/v1/opportunities", headers=API)).status_code


async def test_from_sign_up_by_mail_to_the_first_page(hub: People, client: AsyncClient) -> None:
    assert await status(client) == 401
    answer = await hub.sign_up(client, DANA)
    assert (answer.status_code, answer.headers["location"]) == (303, "/onboarding")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert await status(client) == 200
    assert "Ortiz Medical" in (await client.get("/company")).text


async def test_nobody_in_is_shown_where_to_sign_in_and_comes_back(client: AsyncClient) -> None:
    answer = await client.get("/opportunities?q=kit")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fopportunities%3Fq%3Dkit"
    assert (await client.get(answer.headers["location"])).status_code == 200
    problem = await client.get("/api/v1/opportunities", headers=API)
    assert problem.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil", "x"])
async def test_signing_in_leads_nowhere_else(hub: People, client: AsyncClient, onward: str) -> None:
    await hub.sign_up(client, DANA)
    told = {"email": DANA, "password": PASSWORD}
    answer = await client.post("/sign-in", params={"next": onward}, data=told)
    assert answer.headers["location"] == "/"


async def test_a_link_works_once_and_needs_the_password(hub: People, client: AsyncClient) -> None:
    told = {"name": "Dana", "company": "Ortiz", "email": DANA, "password": PASSWORD}
    await client.post("/sign-up", data=told)
    link = hub.post.link("verify_address", DANA)
    assert (await client.get(link)).status_code == 200  # As a program that looks at mails does.
    assert (await client.post(link, data={"password": "of someone else"})).status_code == 422
    assert (await client.post(link, data={"password": PASSWORD})).status_code == 303
    assert (await client.post(link, data={"password": PASSWORD})).status_code == 422


async def test_answers_do_not_tell_who_has_an_account(hub: People, client: AsyncClient) -> None:
    await hub.sign_up(client, DANA)
    client.cookies.clear()
    for path, told in (
        ("/sign-in", {"password": "wrong wrong wrong"}),
        ("/reset", {}),
        ("/sign-up", {"name": "X", "company": "Y", "password": "seven green bottles hang"}),
    ):
        known = await client.post(path, data={**told, "email": DANA})
        unknown = await client.post(path, data={**told, "email": "nobody@ortizmedical.example"})
        assert known.status_code == unknown.status_code
        assert known.text.replace(DANA, "?") == unknown.text.replace(
            "nobody@ortizmedical.example", "?"
        )
    kinds = [(mail.kind, mail.to) for mail in hub.post.sent[1:]]
    assert kinds == [
        ("reset_password", DANA),
        ("reset_password", DANA),
        ("verify_address", "nobody@ortizmedical.example"),
    ]


async def test_a_new_session_id_at_every_sign_in_and_none_after_sign_out(
    hub: People, client: AsyncClient
) -> None:
    await hub.sign_up(client, DANA)
    first = client.cookies["mch_session"]
    assert await sign_in(client) == 303
    second = client.cookies["mch_session"]
    assert first != second
    assert (await client.post("/sign-out")).status_code == 303
    client.cookies.set("mch_session", second, domain="127.0.0.1")
    assert await status(client) == 401


async def test_guessing_is_slowed_for_everyone_alike(client: AsyncClient) -> None:
    answers = [await sign_in(client, "wrong wrong wrong") for _ in range(11)]
    assert answers == [422] * 10 + [429]


async def test_a_session_that_is_ended_elsewhere_is_over_at_once(
    hub: People, client: AsyncClient
) -> None:
    await hub.sign_up(client, DANA)
    async with hub.browser("Chrome/1 Windows") as other:
        assert await sign_in(other) == 303
        assert await status(other) == 200
        page = (await client.get("/account")).text
        assert "Chrome on Windows" in page
        assert "Firefox on Linux" in page
        ended = page.partition("/account/sessions/")[2].partition("/end")[0]
        assert (await client.post(f"/account/sessions/{ended}/end")).status_code == 303
        assert await status(other) == 401
    assert await status(client) == 200
    assert [mail.kind for mail in hub.post.sent] == ["verify_address", "signed_in_elsewhere"]


async def test_another_persons_session_cannot_be_ended(hub: People, client: AsyncClient) -> None:
    await hub.sign_up(client, DANA)
    async with hub.browser() as other:
        await hub.sign_up(other, "sam@other.example", "Other")
        own = await hub.identity.sessions.find(other.cookies["mch_session"])
        answer = await client.post(f"/account/sessions/{own.session_id}/end")
        assert answer.status_code == 404
        assert await status(other) == 200


async def test_a_new_password_by_mail_ends_every_session(hub: People, client: AsyncClient) -> None:
    await hub.sign_up(client, DANA)
    await client.post("/reset", data={"email": DANA})
    link = hub.post.link("reset_password", DANA)
    new = "four quiet rivers run north"
    assert (await client.post(link, data={"password": "short"})).status_code == 422
    assert await status(client) == 200
    async with hub.browser() as elsewhere:
        assert (await elsewhere.post(link, data={"password": new})).status_code == 303
        assert (await elsewhere.post(link, data={"password": new})).status_code == 422
        assert await status(client) == 401
        assert await sign_in(elsewhere) == 422
        assert await sign_in(elsewhere, new) == 303


async def test_another_site_cannot_act_with_the_cookie(hub: People, client: AsyncClient) -> None:
    await hub.sign_up(client, DANA)
    del client.headers["origin"]
    form = {"company": "Forged"}
    assert (await client.post("/account/companies", data=form)).status_code == 403
    foreign = {"origin": "https://evil.example"}
    answer = await client.post("/account/companies", data=form, headers=foreign)
    assert answer.status_code == 403
    answer = await client.post("/sign-in", data={"email": DANA}, headers=foreign)
    assert answer.status_code == 403


async def test_the_second_factor_is_asked_for_and_each_code_works_once(
    hub: People, client: AsyncClient
) -> None:
    await hub.sign_up(client, DANA)
    person = await hub.identity.persons.by_email(DANA)
    assert person
    before = client.cookies["mch_session"]
    page = (await client.get("/account/second-factor")).text
    secret = page.partition("<code>")[2].partition("</code>")[0].replace(" ", "")
    assert (await client.post("/account/second-factor", data={"code": "000000"})).status_code == 422
    now = int(time() // STEP_S)
    enrolled = await client.post("/account/second-factor", data={"code": code_at(secret, now - 1)})
    recovery = enrolled.text.partition("<li><code>")[2].partition("</code>")[0]
    assert client.cookies["mch_session"] != before
    async with hub.browser() as other:
        assert await sign_in(other) == 303
        assert await status(other) == 401
        reused = {"code": code_at(secret, now - 1)}
        assert (await other.post("/sign-in/code", data=reused)).status_code == 422
        half = other.cookies["mch_session"]
        answer = await other.post("/sign-in/code", data={"code": code_at(secret, now)})
        assert answer.status_code == 303
        assert other.cookies["mch_session"] != half
        assert await status(other) == 200
    async with hub.browser() as other:
        await sign_in(other)
        typed = {"code": recovery.upper().replace("-", " ")}
        assert (await other.post("/sign-in/code", data=typed)).status_code == 303
        assert await status(other) == 200
    async with hub.browser() as other:
        await sign_in(other)
        assert (await other.post("/sign-in/code", data={"code": recovery})).status_code == 422


async def test_codes_cannot_be_guessed_for_long(hub: People, client: AsyncClient) -> None:
    await hub.sign_up(client, DANA)
    person = await hub.identity.persons.by_email(DANA)
    assert person
    await hub.identity.persons.offer_totp(person.person_id, "A" * 32)
    await hub.identity.persons.confirm_totp(person.person_id, "A" * 32, 1, ["abc"])
    await sign_in(client)
    tries = [await client.post("/sign-in/code", data={"code": "no code"}) for _ in range(7)]
    assert [one.status_code for one in tries] == [422] * 6 + [429]


async def test_without_mail_signing_up_says_so(hub: People, client: AsyncClient) -> None:
    hub.post.is_away = True
    told = {"name": "Dana", "company": "Ortiz", "email": DANA, "password": PASSWORD}
    assert (await client.post("/sign-up", data=told)).status_code == 503


async def test_secrets_are_kept_as_digests_alone(hub: People, client: AsyncClient) -> None:
    await hub.sign_up(client, DANA)
    person = await hub.identity.persons.by_email(DANA)
    assert person
    assert person.password_hash.startswith("$argon2id$")
    sessions = await hub.identity.sessions.of(UUID(str(person.person_id)))
    assert client.cookies["mch_session"] not in repr(sessions)


async def test_over_https_the_cookie_is_kept_to_it(
    database: PostgresSettings, embedded_stores: Settings
) -> None:
    address = "https://hub.example"
    async with (
        people(database, embedded_stores, public_url=address) as hub,
        hub.browser() as client,
    ):
        answer = await hub.sign_up(client, DANA)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-mch_session=")
        assert "Secure" in cookie
        assert "Path=/;" in cookie
        assert "Domain" not in cookie
        [mail] = hub.post.sent
        assert mail.values["link"].startswith(f"{address}/verify/")


async def test_on_its_own_machine_one_goes_on_without_signing_in(
    database: PostgresSettings, embedded_stores: Settings
) -> None:
    async with people(database, embedded_stores) as hub, hub.browser() as client:
        client.cookies.set("mch_session", "of an older hub", domain="127.0.0.1")
        assert (await client.get("/opportunities")).is_redirect
        assert "Go on without signing in" in (await client.get("/sign-in")).text
        answer = await client.post("/sign-out")
        assert answer.headers["location"] == "/"
        assert (await client.get("/opportunities")).status_code == 200
