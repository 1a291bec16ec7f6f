"""A hub on a real port in which people sign in, and what they do there time and again."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from time import time

from playwright.async_api import Browser, BrowserContext, Page, expect

from cluster.settings import PostgresSettings, Settings
from cluster.stores.postgres import open_pool
from cluster.stores.redis import open_redis
from deployments.identity import build_identity, build_resolver
from deployments.tokens import Tokens
from domain.totp import STEP_S, code_at
from tests.app import Hub
from tests.browser.serving import serving
from tests.browser.test_pages import violations
from tests.identity import PASSWORD, Post, own_tokens
from tests.providers import SmallProvider, small_provider

DANA = "dana@ortizmedical.example"


@dataclass(frozen=True, slots=True)
class Town:
    """A hub that lets in nobody unknown, its mail, and a company's provider of identity."""

    address: str
    post: Post
    provider: SmallProvider

    def link(self, to: str) -> str:
        return next(mail.values["link"] for mail in reversed(self.post.sent) if mail.to == to)


@asynccontextmanager
async def a_town(
    database: PostgresSettings, embedded_stores: Settings, host: str = "127.0.0.1"
) -> AsyncIterator[Town]:
    """Known as `host`."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://{host}:{listener.getsockname()[1]}"
    post = Post()
    async with small_provider() as provider:
        told = {"local": False, "public_url": address, "inside_provider": provider.issuer}
        auth = embedded_stores.auth.model_copy(update=told)
        tokens = own_tokens(embedded_stores)
        settings = embedded_stores.model_copy(update={"auth": auth, "tokens": tokens})
        async with opened(database, settings, post, listener):
            yield Town(address, post, provider)


@asynccontextmanager
async def opened(
    database: PostgresSettings, settings: Settings, post: Post, listener: socket.socket
) -> AsyncIterator[None]:
    async with (
        open_pool(database, "mch_app") as pool,
        open_redis(settings.redis) as redis,
    ):
        await redis.flushall()
        hub = replace(Hub(), identity=build_identity(pool, redis, post, settings))
        async with serving(hub, build_resolver(pool, redis, Tokens([]), settings), listener):
            yield


async def person(browser: Browser) -> tuple[BrowserContext, Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    return context, await context.new_page()


async def check(page: Page) -> None:
    """Fits a phone, and axe finds nothing."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert await violations(page) == []
    await page.set_viewport_size({"width": 1280, "height": 900})


async def fill(page: Page, **told: str) -> None:
    for name, value in told.items():
        await page.locator(f"[name={name}]").fill(value)


async def sign_up(page: Page, town: Town) -> None:
    """From the form to the first page."""
    await fill(page, name="Dana Ortiz", company="Ortiz Medical", email=DANA, password=PASSWORD)
    await page.get_by_role("button", name="Create the account").click()
    await expect(page.locator("h1")).to_have_text("Look into your mail")
    await page.goto(town.link(DANA))
    await fill(page, password=PASSWORD)
    await page.get_by_role("button", name="Confirm and go on").click()
    await expect(page.locator("h1")).to_have_text("What do you sell?")


async def switch_second_factor_on(page: Page, town: Town) -> str:
    """Returns its secret. The code is of this step, so that it holds for half a minute at least."""
    await page.goto(f"{town.address}/account")
    await check(page)
    await page.get_by_role("link", name="Switch it on").click()
    await check(page)
    secret = (await page.locator("code").inner_text()).replace(" ", "")
    await fill(page, code=code_at(secret, int(time() // STEP_S)))
    await page.get_by_role("button", name="Switch it on").click()
    await expect(page.locator("h1")).to_have_text("Keep these recovery codes")
    await check(page)
    return secret
