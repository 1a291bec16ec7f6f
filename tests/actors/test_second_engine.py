"""Doubtful pages in a hub with a key: sent with consent alone, and read here where that fails."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from actors.process_documents import open_elsewhere, open_slots
from actors.reading_task import Reading
from cluster.settings import ReadingSettings
from cluster.settings_ocr import OcrSettings
from cluster.stores.consents import PostgresConsents
from cluster.stores.postgres import Pool, as_tenant
from domain.consent import PROVIDERS, Purpose
from domain.pages import PAGE, Page
from tests.actors.test_process_documents import House, house
from tests.documents import TENANT, cause
from tests.engines.test_second_reading import TEXT, blurred
from tests.ocr_server import OcrServer, serving

__all__ = ["house"]

_CONSENT = """
insert into consent (tenant_id, purpose, provider, given, told_by, told_at)
values ($1, $2, $3, true, 'local', now())
"""
HERE_NOT = ReadingSettings(processes=1, second_engine=False)


@pytest.fixture
async def server() -> AsyncIterator[OcrServer]:
    async with serving() as found:
        found.markdown = "\n".join(f"{TEXT} {row}" for row in range(14))
        yield found


async def consent(pool: Pool, tenant_id: UUID) -> None:
    told = tenant_id, Purpose.OCR, PROVIDERS[Purpose.OCR]
    async with as_tenant(pool, tenant_id) as connection:
        await connection.execute(_CONSENT, *told)


async def read(house: House, path: Path, ocr: OcrSettings) -> Page:
    """The first page of a blurred scan, as the pool's own readers read it."""
    content = blurred(path / "blurred.pdf").read_bytes()
    digest = await house.files.put(TENANT, content)
    reading = Reading(TENANT, UUID(int=9), digest, 1, "auto", cause())
    async with open_elsewhere(ocr, PostgresConsents(house.app)) as elsewhere:
        [slot] = open_slots(HERE_NOT, house.files, elsewhere)
        try:
            reader = await slot.reader(reading)
            return PAGE.validate_python(await reader.read(1))
        finally:
            await slot.clear()


async def test_without_consent_nothing_leaves_the_hub(
    house: House, tmp_path: Path, server: OcrServer
) -> None:
    await consent(house.app, UUID(int=77))  # Of somebody else.
    page = await read(house, tmp_path, server.settings())
    assert page.engine == "tesseract"
    assert server.asked == []


async def test_with_consent_the_page_alone_is_sent_and_its_answer_is_kept(
    house: House, tmp_path: Path, server: OcrServer
) -> None:
    await consent(house.app, TENANT)
    page = await read(house, tmp_path, server.settings())
    assert (page.engine, page.confidence) == ("mistral-ocr", 0.97)
    [picture] = server.pictures
    assert picture.startswith(b"\x89PNG")
    assert "blurred" not in str(server.asked)
    assert page.lines[3].text == f"{TEXT} 3"
    assert all(0 <= word.box.left <= page.width for line in page.lines for word in line.words)
    for line in page.lines:
        assert bool(line.box) == bool(line.words)
        assert not line.words or " ".join(word.text for word in line.words) == line.text


async def test_an_outage_there_leaves_the_first_reading_and_is_told(
    house: House, tmp_path: Path, server: OcrServer
) -> None:
    await consent(house.app, TENANT)
    server.statuses = [401]
    page = await read(house, tmp_path, server.settings())
    assert page.engine == "tesseract"
    assert any("mistral-ocr was not had: it refuses the hub's key" in one for one in page.warnings)


async def test_without_a_key_nobody_elsewhere_is_asked(house: House) -> None:
    async with open_elsewhere(OcrSettings(), PostgresConsents(house.app)) as elsewhere:
        assert elsewhere is None
