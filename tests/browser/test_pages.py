"""The pages in a real browser: they render, fit, can be worked by keyboard, and reach nobody."""

import pytest
from playwright.async_api import Browser, Page, expect

from deployments.web.build import WEB
from tests.app import notify
from tests.browser.serving import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = (
    "/opportunities?medical=true",
    "/opportunities?q=kit",
    "/opportunities?psc=1111",
    "/opportunities/n1",
    "/opportunities/n2",
    "/system",
    "/dashboard",
    "/notifications",
)
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_fits_both_screens_and_axe_finds_nothing(
    page: Page, site: Site, path: str
) -> None:
    await notify(site.hub, "n2", 91)
    for width, height, scheme in ((1440, 900, "light"), (390, 844, "dark")):
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.goto(site.address + path)
        await expect(page.locator("h1")).to_be_visible()
        await expect(page.locator("[data-live]")).to_have_attribute("data-state", "up")
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert await violations(page) == []


async def violations(page: Page) -> list[str]:
    """Evaluated rather than added as a script, which the policy of the page would refuse."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


async def test_j_and_k_move_the_focus_and_o_opens(page: Page, site: Site) -> None:
    await page.goto(f"{site.address}/opportunities?medical=true")
    titles = page.locator(".row h3 a")
    await page.keyboard.press("j")
    await expect(titles.nth(0)).to_be_focused()
    await page.keyboard.press("j")
    await expect(titles.nth(1)).to_be_focused()
    await page.keyboard.press("k")
    await expect(titles.nth(0)).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("o")
    await page.wait_for_url("**/opportunities/n2")


async def test_slash_searches_and_keys_rest_while_one_types(page: Page, site: Site) -> None:
    await page.goto(f"{site.address}/opportunities?medical=true")
    await page.keyboard.press("/")
    await expect(page.locator(".search input[name=q]")).to_be_focused()
    await page.keyboard.type("jokg?")
    await expect(page.locator(".search input[name=q]")).to_have_value("jokg?")
    await expect(page.locator("#keys")).to_be_hidden()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=jokg%3F**")
    await expect(page.get_by_text("No opportunity matches")).to_be_visible()


async def test_g_goes_and_the_help_returns_the_focus(page: Page, site: Site) -> None:
    await page.goto(f"{site.address}/opportunities?medical=true")
    await page.keyboard.press("j")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#keys")).to_be_hidden()
    await expect(page.locator(".row h3 a").nth(0)).to_be_focused()
    await page.keyboard.press("g")
    await page.keyboard.press("y")
    await page.wait_for_url("**/system")


async def test_a_facet_narrows_at_once_and_a_chip_takes_it_back(page: Page, site: Site) -> None:
    await page.goto(f"{site.address}/opportunities?medical=true")
    await page.get_by_role("checkbox", name="SDVOSB set-aside").check()
    await page.wait_for_url("**set_aside=SDVOSBC**")
    await expect(page.locator(".row")).to_have_count(1)
    await page.get_by_role("link", name="Remove filter: SDVOSB set-aside").click()
    await expect(page.locator(".row")).to_have_count(25)
    await page.keyboard.press("]")
    await page.wait_for_url("**page=2**")
    await expect(page.get_by_text("26 to 34 of 34")).to_be_visible()


async def test_a_match_is_told_by_a_toast_and_the_bell_counts_it(page: Page, site: Site) -> None:
    await page.goto(f"{site.address}/opportunities?medical=true")
    await expect(page.locator("[data-live]")).to_have_attribute("data-state", "up")
    await site.tell({"id": "1", "notice_id": "n2", "title": "BLADDER SCANNER", "score": 91})
    toast = page.locator(".toast")
    await expect(toast).to_contain_text("New match, fit 91")
    await expect(page.locator("[data-unread]")).to_have_attribute("data-unread", "1")
    await toast.get_by_role("link").click()
    await page.wait_for_url("**/opportunities/n2")


async def test_the_bell_and_the_side_bar_count_the_same(page: Page, site: Site) -> None:
    counts = page.locator("[data-unread-count]")
    await page.goto(f"{site.address}/opportunities?medical=true")
    await expect(page.locator("[data-live]")).to_have_attribute("data-state", "up")
    assert [await counts.nth(at).is_visible() for at in range(2)] == [False, False]
    await site.tell({"id": "1", "notice_id": "n2", "title": "BLADDER SCANNER", "score": 91})
    await expect(counts).to_have_text(["1", "1"])
    assert [await counts.nth(at).is_visible() for at in range(2)] == [True, True]
    for notice in ("n1", "n2"):
        await notify(site.hub, notice, 91)
    await page.reload()
    await expect(counts).to_have_text(["2", "2"])
    await expect(page.locator("[data-live]")).to_have_attribute("data-state", "up")
    await site.tell({"id": "2", "notice_id": "n1", "title": "GLOVES", "score": 80})
    await expect(counts).to_have_text(["3", "3"])


async def test_times_are_in_the_readers_zone(browser: Browser, site: Site) -> None:
    context = await browser.new_context(timezone_id="America/Los_Angeles", locale="en-US")
    page = await context.new_page()
    await page.goto(f"{site.address}/opportunities/n2")
    moment = page.locator(".deadline time")
    await expect(moment).to_contain_text("P")
    assert (await moment.inner_text()).endswith(("PST", "PDT"))
    assert (await moment.get_attribute("title") or "").endswith(("EST", "EDT"))
    await context.close()


async def test_without_script_one_can_search_filter_and_read(browser: Browser, site: Site) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{site.address}/opportunities?medical=true")
    await page.get_by_role("checkbox", name="SDVOSB set-aside").check()
    await page.get_by_role("button", name="Apply").click()
    await expect(page.locator(".row")).to_have_count(1)
    await page.locator(".row h3 a").click()
    await expect(page.locator("h1")).to_have_text("BLADDER SCANNER W/PRINTER")
    await context.close()


async def test_the_menu_and_the_filters_are_drawers_on_a_phone(page: Page, site: Site) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{site.address}/opportunities?medical=true")
    await expect(page.get_by_role("link", name="Dashboard")).to_be_hidden()
    await page.get_by_role("button", name="Open the menu").click()
    await expect(page.get_by_role("link", name="Dashboard")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Filters").click()
    await page.get_by_role("checkbox", name="SDVOSB set-aside").check()
    await page.get_by_role("button", name="Apply").click()
    await page.wait_for_url("**set_aside=SDVOSBC**")


async def test_a_part_that_stops_is_told_on_the_page_and_recovers(page: Page, site: Site) -> None:
    site.hub.stop("vectors")
    await page.goto(f"{site.address}/opportunities?q=kit")
    await expect(page.locator(".strip").first).to_contain_text("Search matches words only")
    site.hub.down.clear()
    site.hub.search.missing.clear()
    await page.reload()
    await expect(page.get_by_text("Search matches words only")).to_be_hidden()
