import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page, async_playwright

from deployments.web.build import BuildFailed, build, install_for_checks
from tests.browser.serving import Site, serving

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REQUIRED = "MCH_REQUIRE_BROWSER"
"""Set by `.ci/run`: there a browser that is absent is a failure."""


def skip_or_fail(reason: str) -> None:
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, and {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def built() -> None:
    """The bundle and what checks need. Idempotent; the registry is asked once for a checkout."""
    try:
        build()
        install_for_checks()
    except BuildFailed as failure:
        skip_or_fail(str(failure))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = os.environ.get("MCH_CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error:
            skip_or_fail("needs Chromium: `chromium` on the path, or MCH_CHROMIUM")
            return
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site(built: None) -> AsyncIterator[Site]:
    async with serving() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    async with watched(browser, site) as page:
        yield page


@asynccontextmanager
async def watched(browser: Browser, site: Site) -> AsyncIterator[Page]:
    """On a wide screen, in New York. Ends in failure if the console spoke or a request left."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="America/New_York", locale="en-US"
    )
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: _note_foreign(request.url, site, said))
    yield page
    await context.close()
    assert said == []


def _note_foreign(url: str, site: Site, said: list[str]) -> None:
    if not url.startswith((site.address, "data:")):
        said.append(f"left the hub: {url}")
