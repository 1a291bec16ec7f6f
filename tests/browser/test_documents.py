"""A scan from its upload to an exported matrix, and a long document, as people see them."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pymupdf
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Browser, Page, expect

from cluster.settings import PostgresSettings
from cluster.stores.blob_store import memory_blob_store
from cluster.stores.leases import take
from cluster.stores.postgres import open_pool
from deployments.auth import LOCAL
from domain.document import FinishReading
from tests.browser.conftest import watched
from tests.browser.serving import Site, serving
from tests.browser.test_pages import violations
from tests.documents import command_document, upload
from tests.reading_hub import Posts
from tests.solicitations import FIRST, page_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.stores,
    pytest.mark.asyncio(loop_scope="session"),
]
MU: Any = pymupdf
DPI = 150
TOP, STEP = 200, 62
"""Of the lines of a scan, in its points times DPI / 72."""
LONG = 300


@dataclass(frozen=True, slots=True)
class Desk:
    """A hub that reads while its posts are at work, and who looks at it."""

    site: Site
    posts: Posts


@pytest_asyncio.fixture(loop_scope="session")
async def desk(built: None, database: PostgresSettings) -> AsyncIterator[Desk]:
    async with open_pool(database, "mch_app") as app, open_pool(database, "mch_relay") as relay:
        lease = await take(relay, "relay_events", "test", ttl_s=300.0)
        assert lease
        posts = Posts(app, relay, lease, memory_blob_store())
        hub = posts.hub()
        async with serving(hub) as site:
            yield Desk(site, posts)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, desk: Desk) -> AsyncIterator[Page]:
    async with watched(browser, desk.site) as page:
        yield page


def scan(path: Path, *sheets: tuple[str, ...]) -> Path:
    """A PDF of pictures, as a scanner makes it."""
    font = ImageFont.load_default(24)
    with MU.open() as document:
        for lines in sheets:
            picture = Image.new("L", (1275, 1650), 250)
            draw = ImageDraw.Draw(picture)
            for at, line in enumerate(lines):
                draw.text((130, TOP + at * STEP), line, 10, font=font)
            content = io.BytesIO()
            picture.save(content, "PNG", dpi=(DPI, DPI))
            sheet = document.new_page(width=612, height=792)
            sheet.insert_image(sheet.rect, stream=content.getvalue())
        document.save(path)
    return path


NOTE_PROGRESS = """
window.told = [];
addEventListener("DOMContentLoaded", () => {
  const says = document.querySelector("[data-reading-says]");
  if (says) new MutationObserver(() => window.told.push(says.textContent))
    .observe(says, { childList: true, characterData: true, subtree: true });
});
"""


async def test_a_scan_is_uploaded_read_edited_and_exported(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    path = scan(tmp_path / "scan.pdf", FIRST[:3], FIRST[3:6], FIRST[6:])
    await page.add_init_script(NOTE_PROGRESS)
    await page.goto(f"{desk.site.address}/documents")
    await page.set_input_files("#file", path)
    await page.get_by_role("button", name="Upload and read").click()
    await page.wait_for_url("**/documents/*-*")
    await expect(page.locator("[data-live]")).to_have_attribute("data-state", "up")
    async with desk.posts.at_work(desk.site.hub, desk.site.feed):
        await expect(page.locator("[data-reading-over]")).to_be_visible(timeout=90_000)
        await desk.posts.until("MatrixStarted")
    told = await page.evaluate("window.told")
    assert any("of 3 pages" in words for words in told)
    assert told[-1] == "Ended"
    await expect(page.locator(".toast")).to_contain_text("Reading it has ended")
    await expect(page.locator("[data-unread]")).to_have_attribute("data-unread", "1")
    await page.locator("[data-reading-over] a").click()
    await opens_at_its_place(page)
    await edits(page)
    await exports(page)
    await page.goto(f"{desk.site.address}/notifications")
    await expect(page.locator(".row")).to_have_count(1)


async def opens_at_its_place(page: Page) -> None:
    """Without loading the page again, and where the words stand on the picture."""
    await page.evaluate("window.stays = true")
    row = page.locator(".req", has_text="Quotes shall be signed and dated.")
    await row.locator("blockquote a").click()
    await expect(page.locator("#page")).to_have_attribute("data-number", "2")
    await expect(row).to_have_attribute("data-current", "")
    box = page.locator("#page [data-demand][aria-current] rect")
    assert abs(float(await box.get_attribute("y") or 0) * DPI / 72 - (TOP + 2 * STEP)) < 15
    assert await page.evaluate("window.stays") is True
    assert "page=2" in page.url
    await page.go_back()
    await expect(page.locator("#page")).to_have_attribute("data-number", "1")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator(".req[data-current]")).to_have_count(1)
    await expect(page.locator("#page [data-demand][aria-current]")).to_be_visible()


async def edits(page: Page) -> None:
    row = page.locator(".req", has_text="Quotes shall be signed and dated.")
    await row.locator("summary").click()
    async with page.expect_response(lambda one: one.request.method == "PATCH") as saved:
        await row.locator("select[name=status]").select_option("answered")
    assert (await saved.value).ok
    await expect(row.locator("[data-status]")).to_contain_text("Answered")
    note = row.locator("textarea[name=note]")
    await note.fill("=1+1 is no formula")
    async with page.expect_response(lambda one: one.request.method == "PATCH") as saved:
        await note.blur()
    assert (await saved.value).ok


async def exports(page: Page) -> None:
    await page.get_by_role("button", name="Export matrix").click()
    for name in ("XLSX", "DOCX", "PDF"):
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name=name, exact=True).click()
        assert (await (await waiting.value).path()).stat().st_size > 1_000
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="CSV", exact=True).click()
    content = (await (await waiting.value).path()).read_text(encoding="utf-8-sig")
    rows = {row["Requirement"]: row for row in csv.DictReader(io.StringIO(content))}
    row = rows["Quotes shall be signed and dated."]
    assert (row["Status"], row["Note"]) == ("Answered", "'=1+1 is no formula")


@asynccontextmanager
async def drawn(desk: Desk, pages: int) -> AsyncIterator[str]:
    """A document of so many pages that was read, with its matrix; the address of its viewer."""
    with MU.open() as document:
        for number in range(1, pages + 1):
            sheet = document.new_page(width=612, height=792)
            sheet.insert_text((72, 60), f"Sheet {number}", fontsize=10)
        content: bytes = document.tobytes()
    documents = desk.site.hub.documents
    assert documents
    pool, tenant_id = desk.posts.app, LOCAL.tenant_id
    document_id: UUID = await upload(
        pool, desk.posts.files, content, "long.pdf", tenant_id=tenant_id
    )
    texts: list[tuple[str, ...]] = [
        (f"{number}. The Contractor shall keep record {number}.",) for number in range(pages)
    ]
    texts[0] = FIRST
    read = [page_of(lines, number) for number, lines in enumerate(texts, start=1)]
    await documents.pages.write(tenant_id, document_id, read)
    done = FinishReading(run=1, pages=pages, pages_failed=0, characters=9, engine="text")
    await command_document(pool, document_id, done, tenant_id)
    async with desk.posts.at_work(desk.site.hub, desk.site.feed):
        await desk.posts.until("MatrixStarted")
    yield f"{desk.site.address}/documents/{document_id}"


async def test_three_hundred_pages_load_what_is_seen_and_are_searched_as_one(
    page: Page, desk: Desk
) -> None:
    pictures: list[str] = []
    page.on("request", lambda one: pictures.append(one.url) if "/image" in one.url else None)
    async with drawn(desk, LONG) as address:
        await page.goto(address)
        await expect(page.locator(".sheet img")).to_be_visible()
        await expect(page.locator(".thumbs li")).to_have_count(LONG)
        await page.evaluate("window.stays = true")
        for number in (2, 3, 4):
            await page.keyboard.press("]")
            await expect(page.locator("#page")).to_have_attribute("data-number", str(number))
        assert len(pictures) < 40
        await page.get_by_role("searchbox", name="Find in this document").fill("record 29")
        await page.keyboard.press("Enter")
        await expect(page.locator(".finds")).to_contain_text("11 found on 11 pages")
        await page.keyboard.press("Enter")
        await expect(page.locator("#page")).to_have_attribute("data-number", "30")
        await page.locator("#main").focus()
        await expect(page.locator(".found[data-current] rect")).to_have_count(1)
        await page.keyboard.press("n")
        await expect(page.locator("#page")).to_have_attribute("data-number", "291")
        await page.keyboard.press("p")
        await expect(page.locator("#page")).to_have_attribute("data-number", "30")
        assert await page.evaluate("window.stays") is True


async def test_the_pages_of_a_document_fit_both_screens_and_axe_finds_nothing(
    page: Page, desk: Desk
) -> None:
    async with drawn(desk, 3) as address:
        ask = "/questions?question=Who shall train the nurses%3F&before=When is it due%3F"
        paths = ("?find=scanners", "?tab=matrix&status=work", "/matrix", "/matrix/history", ask)
        for path in paths:
            for width, scheme in ((1440, "light"), (390, "dark")):
                await page.set_viewport_size({"width": width, "height": 844})
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                await page.goto(address + path)
                await expect(page.locator("h1")).to_be_visible()
                wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert (path, width, wide <= 0) == (path, width, True)
                assert await violations(page) == []


async def test_on_a_phone_tabs_choose_and_a_row_leads_to_its_page(page: Page, desk: Desk) -> None:
    async with drawn(desk, 2) as address:
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(address)
        await expect(page.locator("#matrix")).to_be_hidden()
        await page.locator("[data-part=matrix]").click()
        await expect(page.locator("#page")).to_be_hidden()
        await page.locator(".req blockquote a").last.click()
        await expect(page.locator("#page")).to_be_visible()
        await expect(page.locator("#page")).to_have_attribute("data-number", "2")


async def test_an_answer_opens_at_its_place_and_what_is_not_there_is_said(
    page: Page, desk: Desk
) -> None:
    async with drawn(desk, 2) as address:
        await page.goto(f"{address}/questions")
        await page.get_by_label("Your question").fill("Is a parking permit needed?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Not in the document")).to_be_visible()
        await page.get_by_label("Your question").fill("Who shall train the nurses?")
        await page.keyboard.press("Enter")
        await expect(page.locator("blockquote").first).to_have_text(FIRST[2])
        await expect(page.get_by_role("link", name="Is a parking permit needed?")).to_be_visible()
        await page.get_by_role("link", name="at its place").first.click()
        await expect(page.locator("#page .pointed rect")).to_be_visible()
