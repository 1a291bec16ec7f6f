"""Signing in with a passkey alone: what is refused, counted and told."""

from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import AsyncClient

from cluster.settings import Settings
from cluster.stores.audit import MemoryAudit
from cluster.stores.erasure import Erasure
from cluster.stores.postgres import Pool
from cluster.stores.redis import open_redis
from domain.audit import OPERATORS
from tests.authenticators import VERIFIED, Device, spelled
from tests.identity import People
from tests.passkeys import (
    ADD,
    DANA,
    SIGN_IN,
    Refusals,
    begin,
    finish,
    give_password,
    person_of,
    show,
    status,
    switch_code_on,
)

pytestmark = pytest.mark.stores
FAILED = "failed: sign in with a passkey"
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


async def test_a_passkey_signs_in_by_itself(
    hub: People, client: AsyncClient, device: Device, audit: MemoryAudit
) -> None:
    async with hub.browser() as other:
        told = device.prove(await begin(other, SIGN_IN))
        answer = await other.post(SIGN_IN, params={"next": "/company"}, data={"credential": told})
        assert (answer.status_code, answer.headers["location"]) == (303, "/company")
        assert await status(other) == 200
        assert "mch_passkey" not in other.cookies
        assert (await other.get("/account")).status_code == 200, "it is the whole account's"
    assert audit.acts[-1].action == "sign in"
    assert "not yet" not in (await client.get(ADD)).text


async def test_it_counts_for_both_factors(hub: People, client: AsyncClient, device: Device) -> None:
    await switch_code_on(hub)
    async with hub.browser() as other:
        assert (await show(other, SIGN_IN, device)).headers["location"] == "/"
        assert await status(other) == 200


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example"])
async def test_it_leads_nowhere_else(hub: People, device: Device, onward: str) -> None:
    async with hub.browser() as other:
        told = device.prove(await begin(other, SIGN_IN))
        answer = await other.post(SIGN_IN, params={"next": onward}, data={"credential": told})
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("lies", "words"),
    [
        ({"origin": "http://127.0.0.1:8000"}, "another site"),
        ({"origin": "https://evil.example"}, "another site"),
        ({"rp_id": "evil.example"}, "another site"),
        ({"challenge": spelled(b"another question")}, "another question"),
        ({"without": VERIFIED}, "did not check that it is you"),
        ({"key": OTHER_KEY}, "could not be verified"),
        ({"key": OTHER_KEY, "count": 0}, "could not be verified"),
        ({"handle": UUID(int=12).bytes}, "another account"),
        ({"handle": None}, "another account"),
        ({"type": "webauthn.create"}, "could not be verified"),
    ],
)
async def test_a_forgery_is_refused_and_told(
    hub: People, device: Device, audit: MemoryAudit, lies: dict[str, Any], words: str
) -> None:
    device.lies = lies
    async with hub.browser() as other:
        answer = await show(other, SIGN_IN, device)
        assert answer.status_code == 422
        assert words in answer.text
        assert await status(other) == 401
    assert Refusals(audit).told() == [(str((await person_of(hub)).person_id), FAILED)]


async def test_a_passkey_that_nobody_has_is_a_strangers(
    hub: People, device: Device, audit: MemoryAudit
) -> None:
    stranger = Device(handle=device.handle)
    async with hub.browser() as other:
        answer = await show(other, SIGN_IN, stranger)
        assert answer.status_code == 422
        assert "not known here" in answer.text
        assert await status(other) == 401
    assert Refusals(audit).told() == [("stranger", FAILED)]
    assert audit.acts[-1].tenant_id == OPERATORS


async def test_of_who_was_erased_no_passkey_is_left(
    hub: People,
    device: Device,
    app_pool: Pool,
    relay_pool: Pool,
    embedded_stores: Settings,
) -> None:
    async with open_redis(embedded_stores.redis) as redis:
        erasure = Erasure(app_pool, relay_pool, redis)
        await erasure.person((await person_of(hub)).person_id, DANA)
    async with hub.browser() as other:
        answer = await show(other, SIGN_IN, device)
        assert answer.status_code == 422
        assert "not known here" in answer.text


async def test_a_copied_passkey_is_refused_and_told(
    hub: People, client: AsyncClient, device: Device, audit: MemoryAudit
) -> None:
    who = str((await person_of(hub)).person_id)
    copy = Device(credential_id=device.credential_id, key=device.key, handle=device.handle)
    async with hub.browser() as other:
        for _ in range(3):
            assert (await show(other, SIGN_IN, device)).status_code == 303
    async with hub.browser() as thief:
        answer = await show(thief, SIGN_IN, copy)
        assert answer.status_code == 422
        assert "seems to have a copy" in answer.text
        assert await status(thief) == 401
    assert Refusals(audit).told() == [(who, f"{FAILED}, which seems copied")]
    async with hub.browser() as other:
        assert (await show(other, SIGN_IN, device)).status_code == 303


async def test_an_answer_is_taken_once(hub: People, device: Device) -> None:
    async with hub.browser() as other:
        asked = await begin(other, SIGN_IN)
        cookie = other.cookies["mch_passkey"]
        told = device.prove(asked)
        assert (await finish(other, SIGN_IN, told)).status_code == 303
        other.cookies.set("mch_passkey", cookie, domain="127.0.0.1")
        again = await finish(other, SIGN_IN, told)
        assert again.status_code == 422
        assert "This was used" in again.text
        newer = await begin(other, SIGN_IN)
        assert newer["challenge"] != asked["challenge"]
        replayed = await finish(other, SIGN_IN, told)
        assert replayed.status_code == 422
        assert "another question" in replayed.text


async def test_an_answer_holds_in_the_browser_that_was_asked(hub: People, device: Device) -> None:
    async with hub.browser() as asker, hub.browser() as other:
        told = device.prove(await begin(asker, SIGN_IN))
        answer = await finish(other, SIGN_IN, told)
        assert answer.status_code == 422
        assert "began in another browser" in answer.text


@pytest.mark.parametrize("told", ["", "no JSON", "{}", "x" * 20_000])
async def test_what_is_no_passkey_is_refused(hub: People, client: AsyncClient, told: str) -> None:
    async with hub.browser() as other:
        await begin(other, SIGN_IN)
        assert (await finish(other, SIGN_IN, told)).status_code == 422


async def test_tries_count_with_those_of_the_password(hub: People, device: Device) -> None:
    async with hub.browser() as other:
        told = device.prove(await begin(other, SIGN_IN))
        other.cookies.clear()
        answers = [(await finish(other, SIGN_IN, told)).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
        assert (await give_password(other)).status_code == 429


async def test_tries_with_what_nobody_has_count_by_address(hub: People) -> None:
    async with hub.browser() as other:
        told = Device(handle=b"x").prove(await begin(other, SIGN_IN))
        answers = [(await finish(other, SIGN_IN, told)).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]


async def test_one_that_succeeds_clears_the_count(hub: People, device: Device) -> None:
    async with hub.browser() as other:
        for _ in range(2):
            assert [await status_of_stale(other, device) for _ in range(5)] == [422] * 5
            assert (await show(other, SIGN_IN, device)).status_code == 303


async def status_of_stale(client: AsyncClient, device: Device) -> int:
    asked = {"challenge": "stale", "rpId": "localhost", "userVerification": "required"}
    return (await finish(client, SIGN_IN, device.prove(asked))).status_code


async def test_another_site_cannot_sign_anyone_in(hub: People, device: Device) -> None:
    async with hub.browser() as other:
        told = {"credential": device.prove(await begin(other, SIGN_IN))}
        foreign = {"origin": "https://evil.example"}
        assert (await other.post(SIGN_IN, data=told, headers=foreign)).status_code == 403
        assert (await other.post(f"{SIGN_IN}/begin", headers=foreign)).status_code == 403
