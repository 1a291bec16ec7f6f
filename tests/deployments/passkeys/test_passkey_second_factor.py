"""A passkey as the second factor, beside the code: whose it has to be, and when."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import AsyncClient

from cluster.stores.audit import MemoryAudit
from tests.authenticators import VERIFIED, Device
from tests.identity import People
from tests.passkeys import (
    ADD,
    API,
    CODE,
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
    switch_code_on,
)

pytestmark = pytest.mark.stores
FAILED = "failed: second factor by a passkey"
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


async def test_a_passkey_is_a_second_factor_beside_the_code(
    hub: People, device: Device, audit: MemoryAudit
) -> None:
    await switch_code_on(hub)
    async with hub.browser() as other:
        assert (await give_password(other)).headers["location"] == "/sign-in/code"
        assert "Use a passkey in its place" in (await other.get("/sign-in/code")).text
        half = other.cookies["mch_session"]
        asked = await begin(other, CODE)
        assert len(asked["allowCredentials"]) == 1
        assert await status(other) == 401
        device.lies = {"handle": None}
        answer = await finish(other, CODE, device.prove(asked))
        assert answer.status_code == 303
        assert other.cookies["mch_session"] != half
        assert await status(other) == 200
        other.cookies.set("mch_session", half, domain="127.0.0.1")
        assert await status(other) == 401
    assert audit.acts[-1].action == "sign in"


async def test_who_has_no_passkey_is_offered_none(hub: People, client: AsyncClient) -> None:
    await switch_code_on(hub)
    async with hub.browser() as other:
        assert "passkey" not in (await other.get("/sign-in/code")).text
        await give_password(other)
        assert "passkey" not in (await other.get("/sign-in/code")).text


@pytest.mark.parametrize(
    "lies", [{"without": VERIFIED}, {"key": OTHER_KEY}, {"origin": "https://evil.example"}]
)
async def test_a_forged_second_factor_is_refused_and_told(
    hub: People, device: Device, audit: MemoryAudit, lies: dict[str, Any]
) -> None:
    await switch_code_on(hub)
    device.lies = lies
    async with hub.browser() as other:
        await give_password(other)
        answer = await show(other, CODE, device)
        assert answer.status_code == 422
        assert "This passkey was not taken" in answer.text
        assert await status(other) == 401
    assert Refusals(audit).told() == [(str((await person_of(hub)).person_id), FAILED)]


async def test_anothers_passkey_is_no_second_factor(
    hub: People, client: AsyncClient, device: Device
) -> None:
    """Sam knows Dana's password, and has a passkey of his own."""
    await switch_code_on(hub)
    own = Device()
    async with hub.browser() as sam:
        await hub.sign_up(sam, SAM, "Other")
        assert (await add(sam, own)).status_code == 303
        await give_password(sam)
        answer = await show(sam, CODE, own)
        assert answer.status_code == 422
        assert "not known here" in answer.text
        assert await status(sam) == 401


async def test_a_question_of_one_door_opens_no_other(hub: People, device: Device) -> None:
    await switch_code_on(hub)
    async with hub.browser() as other:
        await give_password(other)
        told = device.prove(await begin(other, SIGN_IN))
        assert "begun for something else" in (await finish(other, CODE, told)).text
        told = device.prove(await begin(other, CODE))
        assert "begun for something else" in (await finish(other, SIGN_IN, told)).text
        assert await status(other) == 401


async def test_a_question_of_the_account_opens_no_door(
    hub: People, client: AsyncClient, device: Device
) -> None:
    """Of the same person, signed in elsewhere."""
    await switch_code_on(hub)
    asked = await begin(client, ADD)
    async with hub.browser() as other:
        await give_password(other)
        other.cookies.set("mch_passkey", client.cookies["mch_passkey"], domain="127.0.0.1")
        told = device.prove({**asked, "rpId": "localhost", "userVerification": "required"})
        assert "begun for something else" in (await finish(other, CODE, told)).text
        assert await status(other) == 401


async def test_a_second_factor_follows_a_password(
    hub: People, client: AsyncClient, device: Device
) -> None:
    async with hub.browser() as stranger:
        answer = await stranger.post(f"{CODE}/begin", headers=API)
        assert answer.status_code == 401
    signed_in = await client.post(f"{CODE}/begin", headers=API)
    assert signed_in.status_code == 401
    assert "begin again with your password" in signed_in.json()["detail"]


async def test_second_factors_cannot_be_tried_for_long(hub: People, device: Device) -> None:
    await switch_code_on(hub)
    device.lies = {"key": OTHER_KEY}
    async with hub.browser() as other:
        await give_password(other)
        answers = [(await show(other, CODE, device)).status_code for _ in range(6)]
        codes = await other.post("/sign-in/code", data={"code": "no code"})
    assert (answers, codes.status_code) == ([422] * 6, 429)
