"""Passkeys as people use them, with an authenticator of Chromium's own in place of a finger."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from cluster.settings import PostgresSettings, Settings
from tests.browser.town import (
    DANA,
    Town,
    a_town,
    check,
    fill,
    person,
    sign_up,
    switch_second_factor_on,
)
from tests.identity import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.stores,
    pytest.mark.asyncio(loop_scope="session"),
]
WRONG_PASSWORD = "not the password"  # noqa: S105


@pytest_asyncio.fixture(loop_scope="session")
async def town(
    built: None, database: PostgresSettings, embedded_stores: Settings
) -> AsyncIterator[Town]:
    """Known by a name, since browsers make passkeys for names alone."""
    async with a_town(database, embedded_stores, "localhost") as town:
        yield town


async def test_one_adds_a_passkey_and_signs_in_with_it(browser: Browser, town: Town) -> None:
    context, page = await person(browser)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{town.address}/sign-up")
    await sign_up(page, town)
    await add_passkey(context, page, town)
    await switch_second_factor_on(page, town)
    await sign_out(page, town)
    await check(page)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.locator("h1")).to_have_text("Opportunities")
    await sign_out(page, town)
    await give_passkey_as_second_factor(page)
    await remove_passkey(page, town)
    await sign_out(page, town)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text("was removed")
    assert errors == []
    await context.close()


async def add_passkey(context: BrowserContext, page: Page, town: Town) -> None:
    """The password is asked for, and one device makes no second passkey."""
    await page.goto(f"{town.address}/account")
    await page.get_by_role("link", name="Add a passkey").click()
    await check(page)
    await plug_in(context, page)
    await fill(page, name="Laptop", current_password=WRONG_PASSWORD)
    await page.get_by_role("button", name="Add a passkey").click()
    alert = page.get_by_role("alert")
    await expect(alert).to_have_text("This password is not valid: it is not yours.")
    await check(page)
    await fill(page, current_password=PASSWORD)
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("rowheader", name="Laptop")).to_be_visible()
    await expect(page.get_by_text("not yet")).to_be_visible()
    await check(page)
    await fill(page, name="Again", current_password=PASSWORD)
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(alert).to_contain_text("has a passkey of your account already")


async def give_passkey_as_second_factor(page: Page) -> None:
    await fill(page, email=DANA, password=PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.locator("h1")).to_have_text("Your second factor")
    await check(page)
    await page.get_by_role("button", name="Use a passkey in its place").click()
    await expect(page.locator("h1")).to_have_text("Opportunities")


async def remove_passkey(page: Page, town: Town) -> None:
    await page.goto(f"{town.address}/account/passkeys")
    await expect(page.get_by_text("not yet")).to_be_hidden()
    await page.get_by_role("button", name="Remove Laptop").click()
    await expect(page.get_by_text("None yet")).to_be_visible()


async def test_who_came_by_another_address_is_told_where_passkeys_work(
    browser: Browser, town: Town
) -> None:
    context, page = await person(browser)
    await page.goto(town.address.replace("localhost", "127.0.0.1"))
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text(f"work at {town.address} alone")
    await context.close()


async def plug_in(context: BrowserContext, page: Page) -> None:
    """An authenticator that says yes as soon as it is asked, and knows whose hand is on it."""
    session = await context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        **{"protocol": "ctap2", "transport": "internal", "hasResidentKey": True},
        **{"hasUserVerification": True, "isUserVerified": True},
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def sign_out(page: Page, town: Town) -> None:
    await page.goto(f"{town.address}/account")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("h1")).to_have_text("Sign in")
