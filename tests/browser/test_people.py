"""From signing up to a changed role, as people do it, over real stores."""

from collections.abc import AsyncIterator
from time import time

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from cluster.settings import PostgresSettings, Settings
from domain.totp import STEP_S, code_at
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
from tests.providers import CLIENT, LEE, SECRET

pytestmark = [
    pytest.mark.browser,
    pytest.mark.stores,
    pytest.mark.asyncio(loop_scope="session"),
]
SAM = "sam@nair.example"


@pytest_asyncio.fixture(loop_scope="session")
async def town(
    built: None, database: PostgresSettings, embedded_stores: Settings
) -> AsyncIterator[Town]:
    async with a_town(database, embedded_stores) as town:
        yield town


async def test_from_sign_up_to_a_changed_role(browser: Browser, town: Town) -> None:
    dana, page = await person(browser)
    await page.goto(f"{town.address}/opportunities")
    await expect(page.locator("h1")).to_have_text("Sign in")
    await check(page)
    await page.get_by_role("link", name="Create an account").click()
    await check(page)
    await sign_up(page, town)
    await tell_what_one_sells(page)
    secret = await switch_second_factor_on(page, town)
    await sign_in_with_code(page, town, secret)
    await invite(page, town)
    sam, other = await person(browser)
    await join(other, town)
    await other.goto(f"{town.address}/company")
    await expect(other.get_by_text("An editor, admin or owner can change it")).to_be_visible()
    await page.goto(f"{town.address}/company/members")
    await page.get_by_label("Role of Sam Nair", exact=True).select_option("editor")
    await page.get_by_role("button", name="Change the role of Sam Nair").click()
    await page.wait_for_load_state()
    await other.reload()
    await expect(other.get_by_role("button", name="Save the profile").last).to_be_visible()
    await dana.close()
    await sam.close()


async def tell_what_one_sells(page: Page) -> None:
    await check(page)
    await fill(page, words="surgical instruments and wound care")
    await page.get_by_role("checkbox", name="Small business", exact=True).check()
    await page.get_by_role("button", name="Find my opportunities").click()
    await expect(page.locator("h1")).to_have_text("Ortiz Medical")
    await check(page)
    await page.locator("[name=find_naics]").fill("dental laboratories")
    await page.get_by_role("button", name="Find NAICS codes by name").click()
    await page.get_by_role("checkbox", name="339116").check()
    await page.get_by_role("button", name="Save the profile").last.click()
    await expect(page.get_by_role("checkbox", name="339116")).to_be_checked()


async def invite(page: Page, town: Town) -> None:
    await page.goto(f"{town.address}/company/members")
    await check(page)
    await fill(page, email=SAM)
    await page.locator("#role").select_option("viewer")
    await page.get_by_role("button", name="Send the invitation").click()
    await expect(page.get_by_role("heading", name="Invited")).to_be_visible()


async def join(page: Page, town: Town) -> None:
    await page.goto(town.link(SAM))
    await expect(page.locator("h1")).to_have_text("Join Ortiz Medical")
    await check(page)
    await fill(page, name="Sam Nair", password=PASSWORD)
    await page.get_by_role("button", name="Create the account and join").click()
    await expect(page.locator("h1")).to_have_text("Opportunities")
    await expect(page.locator("[data-live]")).to_have_attribute("data-state", "up")


async def sign_in_with_code(page: Page, town: Town, secret: str) -> None:
    """With the code after the one that switched it on: each works once."""
    await page.goto(f"{town.address}/account")
    await page.get_by_role("button", name="Sign out").click()
    await fill(page, email=DANA, password=PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.locator("h1")).to_have_text("Your second factor")
    await check(page)
    await fill(page, code=code_at(secret, int(time() // STEP_S) + 1))
    await page.get_by_role("button", name="Go on").click()
    await expect(page.locator("h1")).to_have_text("Opportunities")


async def test_a_key_is_made_and_revoked_on_its_page(browser: Browser, town: Town) -> None:
    context, page = await person(browser)
    await page.goto(f"{town.address}/sign-up")
    await sign_up(page, town)
    await page.goto(f"{town.address}/company/keys")
    await fill(page, name="Nightly export")
    await page.get_by_role("checkbox", name="read opportunities").check()
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.locator("#made")).to_contain_text("mch_")
    await check(page)
    await page.get_by_role("button", name="Revoke Nightly export").click()
    await expect(page.get_by_text("revoked")).to_be_visible()
    await context.close()


async def test_a_company_signs_in_where_it_keeps_its_accounts(browser: Browser, town: Town) -> None:
    """No policy of the pages stands in the way there and back."""
    town.provider.user = dict(LEE)
    dana, page = await person(browser)
    await page.goto(f"{town.address}/sign-up")
    await sign_up(page, town)
    await page.goto(f"{town.address}/company/sign-in")
    await check(page)
    told = {"name": "ortiz", "issuer": town.provider.issuer, "client_id": CLIENT}
    await fill(page, **told, client_password=SECRET, domains="ortizmedical.example")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("code")).to_contain_text("/sign-in/company/ortiz/callback")
    await check(page)
    lee, other = await person(browser)
    await other.goto(f"{town.address}/sign-in?next=/company/members")
    await other.get_by_role("link", name="Sign in with your company").click()
    await check(other)
    await fill(other, name="nobody")
    await other.get_by_role("button", name="Go on").click()
    await expect(other.get_by_text("No company signs in under this name")).to_be_visible()
    await fill(other, name="ortiz")
    await other.get_by_role("button", name="Go on").click()
    await expect(other.get_by_text(town.provider.issuer)).to_be_visible()
    await check(other)
    await other.get_by_role("link", name="Go on to your company").click()
    await expect(other.locator("h1")).to_have_text("Members")
    await other.get_by_role("button", name="Sign out").click()
    await expect(other.locator("h1")).to_have_text("Sign in")
    await dana.close()
    await lee.close()


async def test_a_service_account_is_made_and_one_chooses_what_to_be_mailed(
    browser: Browser, town: Town
) -> None:
    context, page = await person(browser)
    await page.goto(f"{town.address}/sign-up")
    await sign_up(page, town)
    await page.goto(f"{town.address}/company/services")
    await fill(page, name="nightly-export")
    await page.get_by_role("checkbox", name="read opportunities").check()
    await page.get_by_role("button", name="Make the account").click()
    await page.get_by_role("button", name="Issue a token of nightly-export").click()
    await expect(page.locator("#token")).to_contain_text(".")
    await check(page)
    await page.get_by_role("button", name="Revoke nightly-export").click()
    await expect(page.get_by_text("revoked")).to_be_visible()
    await page.goto(f"{town.address}/account/notifications")
    await check(page)
    matches = page.get_by_role("group", name="A new notice fits your company")
    await matches.get_by_role("radio", name="At once").check()
    await page.get_by_role("button", name="Save").click()
    await expect(matches.get_by_role("radio", name="At once")).to_be_checked()
    await context.close()
