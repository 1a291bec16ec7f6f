"""Adding and removing one's own passkeys, over real stores."""

from uuid import uuid4

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.audit import MemoryAudit
from domain.passkey import LONGEST_NAME
from tests.authenticators import VERIFIED, Device, read
from tests.identity import PASSWORD, People, people
from tests.passkeys import (
    ADD,
    API,
    DANA,
    SAM,
    SIGN_IN,
    Refusals,
    add,
    begin,
    finish,
    give_password,
    person_of,
    show,
    status,
)

pytestmark = pytest.mark.stores


async def test_a_passkey_is_added_listed_and_told_by_mail(hub: People, client: AsyncClient) -> None:
    assert "You have none" in (await client.get("/account")).text
    answer = await add(client, Device(), "Dana’s laptop")  # noqa: RUF001
    assert (answer.status_code, answer.headers["location"]) == (303, ADD)
    page = (await client.get(ADD)).text
    assert "Dana’s laptop" in page  # noqa: RUF001
    assert "not yet" in page
    assert "You have 1: Dana’s laptop" in (await client.get("/account")).text  # noqa: RUF001
    mail = hub.post.sent[-1]
    assert (mail.kind, mail.to) == ("passkey_added", DANA)
    assert mail.values["browser"] == "Firefox on Linux"
    assert mail.values["link"] == "http://localhost:8000/account/passkeys"


async def test_the_password_is_asked_and_counted(
    hub: People, client: AsyncClient, audit: MemoryAudit
) -> None:
    wrong = {"current_password": "not the password", "name": "Laptop"}
    answers = [await client.post(f"{ADD}/begin", data=wrong, headers=API) for _ in range(10)]
    assert [one.status_code for one in answers] == [422] * 9 + [429], "one counted at sign-up"
    assert "it is not yours" in answers[0].json()["detail"]
    assert "mch_passkey" not in client.cookies
    assert f"POST {ADD}/begin" in [act.action for act in audit.acts]


async def test_a_device_that_has_one_is_asked_for_no_second(
    hub: People, client: AsyncClient
) -> None:
    device = Device()
    await add(client, device)
    [excluded] = (await begin(client, ADD))["excludeCredentials"]
    assert read(excluded["id"]) == device.credential_id
    device.lies["forced"] = True
    answer = await add(client, device)
    assert answer.status_code == 422
    assert "It was added before" in answer.text
    assert len(await hub.identity.passkeys.of((await person_of(hub)).person_id)) == 1


async def test_what_was_not_made_for_this_is_refused_and_told(
    hub: People, client: AsyncClient, audit: MemoryAudit
) -> None:
    answer = await add(client, Device({"without": VERIFIED}))
    assert answer.status_code == 422
    assert "did not check that it is you" in answer.text
    who = str((await person_of(hub)).person_id)
    assert Refusals(audit).told() == [(who, "failed: add a passkey")]
    assert await hub.identity.passkeys.of((await person_of(hub)).person_id) == []


async def test_a_question_is_answered_once(hub: People, client: AsyncClient) -> None:
    asked = await begin(client, ADD)
    cookie = client.cookies["mch_passkey"]
    told = Device().make(asked)
    assert (await finish(client, ADD, told, name="One")).status_code == 303
    client.cookies.set("mch_passkey", cookie, domain="127.0.0.1")
    again = await finish(client, ADD, Device().make(asked), name="Two")
    assert again.status_code == 422
    assert "This was used, is older" in again.text


async def test_a_question_is_of_who_asked_it(hub: People, client: AsyncClient) -> None:
    asked = await begin(client, ADD)
    async with hub.browser() as sam:
        await hub.sign_up(sam, SAM, "Other")
        sam.cookies.set("mch_passkey", client.cookies["mch_passkey"], domain="127.0.0.1")
        answer = await finish(sam, ADD, Device().make(asked), name="Dana's")
        assert answer.status_code == 422
        assert "begun for something else" in answer.text


async def test_a_question_of_the_door_adds_nothing(hub: People, client: AsyncClient) -> None:
    asked = await begin(client, ADD)
    await begin(client, SIGN_IN)
    answer = await finish(client, ADD, Device().make(asked), name="Laptop")
    assert answer.status_code == 422
    assert "begun for something else" in answer.text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"name": "Laptop"}, "Your browser showed no passkey"),
        ({"name": " ", "credential": "{}"}, "Fill this in"),
        ({"name": "x" * (LONGEST_NAME + 1), "credential": "{}"}, "too long"),
        ({"name": "Laptop", "credential": "x" * 20_000}, "Your browser showed no passkey"),
    ],
)
async def test_a_form_that_lacks_something_says_what(
    client: AsyncClient, told: dict[str, str], words: str
) -> None:
    answer = await client.post(ADD, data=told)
    assert answer.status_code == 422
    assert words in answer.text


async def test_one_that_is_removed_lets_nobody_in_and_ends_other_sessions(
    hub: People, client: AsyncClient
) -> None:
    device = Device()
    await add(client, device)
    [passkey] = await hub.identity.passkeys.of((await person_of(hub)).person_id)
    before = client.cookies["mch_session"]
    async with hub.browser() as other:
        assert (await show(other, SIGN_IN, device)).status_code == 303
        assert await status(other) == 200
        answer = await client.post(f"{ADD}/{passkey.passkey_id}/remove")
        assert (answer.status_code, answer.headers["location"]) == (303, ADD)
        assert await status(other) == 401
        refused = await show(other, SIGN_IN, device)
        assert refused.status_code == 422
        assert "was removed" in refused.text
        assert (await give_password(other)).status_code == 303
    assert await status(client) == 200
    assert client.cookies["mch_session"] != before
    assert "None yet" in (await client.get(ADD)).text


async def test_nobody_removes_anothers(hub: People, client: AsyncClient) -> None:
    device = Device()
    await add(client, device)
    [passkey] = await hub.identity.passkeys.of((await person_of(hub)).person_id)
    async with hub.browser() as sam:
        await hub.sign_up(sam, SAM, "Other")
        assert (await sam.post(f"{ADD}/{passkey.passkey_id}/remove")).status_code == 404
        assert (await sam.post(f"{ADD}/{uuid4()}/remove")).status_code == 404
        assert (await sam.get(ADD)).text.count("Laptop") == 0
        assert (await show(sam, SIGN_IN, device)).status_code == 303


async def test_a_hub_without_a_name_says_so_and_offers_nothing(
    database: PostgresSettings, embedded_stores: Settings
) -> None:
    async with (
        people(database, embedded_stores, is_local=False) as hub,
        hub.browser() as client,
    ):
        assert "passkey" not in (await client.get("/sign-in")).text
        await hub.sign_up(client, DANA)
        page = (await client.get(ADD)).text
        assert "MCH_AUTH__PUBLIC_URL" in page
        assert "http://127.0.0.1:8000" in page
        assert "data-passkey" not in page
        answer = await client.post(f"{ADD}/begin", data={"current_password": PASSWORD}, headers=API)
        assert answer.status_code == 422
        assert "not known by a name" in answer.json()["detail"]
        assert (await client.post(f"{SIGN_IN}/begin", headers=API)).status_code == 422


async def test_for_whom_passkeys_are_is_told_by_no_request(
    database: PostgresSettings, embedded_stores: Settings
) -> None:
    told = people(database, embedded_stores, public_url="https://hub.example")
    async with told as hub, hub.browser() as client:
        lied = {"host": "localhost:8000", "origin": "http://localhost:8000", **API}
        answer = await client.post(f"{SIGN_IN}/begin", headers=lied)
        assert answer.json()["rpId"] == "hub.example"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-mch_passkey=")
        for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/", "Max-Age=300"):
            assert word in cookie
        assert 'data-origin="https://hub.example"' in (await client.get("/sign-in")).text
