"""What leaves the hub: by consent, and with whom it belongs to."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from zipfile import ZipFile

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.audit import PostgresAudit
from cluster.stores.blob_store import memory_blob_store
from cluster.stores.personal_rows import PersonalRows
from cluster.stores.postgres import Pool
from deployments.taking_along import TakingAlong
from domain.consent import PROVIDERS, Purpose, permits
from domain.personal import SECRETS, tables_of
from tests.app import Hub
from tests.colleagues import DANA, dana, sam
from tests.documents import upload
from tests.identity import People, people
from tests.personal import Seeded, seed_everything

__all__ = ["dana", "sam"]

pytestmark = pytest.mark.stores
FILES = memory_blob_store()
OCR = {"purpose": "ocr", "given": "true"}


@pytest.fixture
async def hub(
    database: PostgresSettings, embedded_stores: Settings, app_pool: Pool
) -> AsyncIterator[People]:
    taking_along = TakingAlong(PersonalRows(app_pool), FILES)
    async with people(
        database, embedded_stores, Hub(audit=PostgresAudit(app_pool), taking_along=taking_along)
    ) as found:
        yield found


@pytest.fixture
async def seeded(hub: People, dana: AsyncClient, database: PostgresSettings) -> Seeded:
    person = await hub.identity.persons.by_email(DANA)
    assert person
    [company] = await hub.identity.companies.of_person(person.person_id)
    return await seed_everything(database, company.tenant_id, person.person_id)


async def test_an_owner_consents_by_name_and_withdraws(
    hub: People, dana: AsyncClient, sam: AsyncClient
) -> None:
    person = await hub.identity.persons.by_email(DANA)
    assert person
    [company] = await hub.identity.companies.of_person(person.person_id)
    consents = hub.identity.consents
    assert not any((await consents.consents(company.tenant_id)).values())
    assert (await sam.post("/company/consents", data=OCR)).status_code == 403
    assert (await dana.post("/company/consents", data=OCR)).status_code == 303
    held = await consents.consents(company.tenant_id)
    assert permits(held, Purpose.OCR)
    assert not permits(held, Purpose.MODEL)
    page = (await sam.get("/company/privacy")).text
    assert f"Allowed for {PROVIDERS[Purpose.OCR]} by Dana" in page
    assert "Owners decide this" in page
    await dana.post("/company/consents", data=OCR | {"given": "false"})
    assert not any((await consents.consents(company.tenant_id)).values())
    assert "Withdrawn for" in (await dana.get("/company/privacy")).text


async def test_the_page_tells_whether_anything_can_be_sent(hub: People, dana: AsyncClient) -> None:
    assert "sends nothing to an outside provider" in (await dana.get("/company/privacy")).text
    assert hub.app
    with_key = replace(hub.app.state.backends, identity=replace(hub.identity, sends_pages=True))
    hub.app.state.backends = with_key
    page = (await dana.get("/company/privacy")).text
    assert "sends nothing" not in page
    assert "the picture of each page that our first reading is not sure of" in page


async def test_consent_to_one_provider_is_none_to_another(
    hub: People, dana: AsyncClient, database: PostgresSettings, seeded: Seeded
) -> None:
    await dana.post("/company/consents", data=OCR)
    assert permits(await hub.identity.consents.consents(seeded.tenant_id), Purpose.OCR)
    await seeded.run(database, "update consent set provider = 'Somebody before'")
    assert not permits(await hub.identity.consents.consents(seeded.tenant_id), Purpose.OCR)
    assert "Allow Mistral" in (await dana.get("/company/privacy")).text


async def test_a_company_takes_everything_along_but_secrets(
    dana: AsyncClient, sam: AsyncClient, seeded: Seeded, app_pool: Pool
) -> None:
    await upload(app_pool, FILES, b"a whole offer", "offer.pdf", tenant_id=seeded.tenant_id)
    assert (await sam.get("/company/export")).status_code == 403
    found = await _tables(dana, "/company/export")
    _holds(found, seeded, tables_of("company"))
    [name] = [one for one in found.names if one.startswith("files/")]
    assert found.archive.read(name) == b"a whole offer"
    assert name.endswith("-offer.pdf")
    assert "GET /company/export" in found.text("audit_entry")
    assert "lost" in found.archive.read("lost_files.txt").decode()


async def test_a_person_takes_along_what_tells_of_her(dana: AsyncClient, seeded: Seeded) -> None:
    found = await _tables(dana, "/account/export")
    _holds(found, seeded, tables_of("person"))
    assert "Firefox" in found.text("sessions")


class Found:
    def __init__(self, content: bytes) -> None:
        self.archive = ZipFile(io.BytesIO(content))
        self.names = self.archive.namelist()

    def text(self, table: str) -> str:
        return self.archive.read(f"{table}.jsonl").decode()


async def _tables(client: AsyncClient, path: str) -> Found:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return Found(answer.content)


def _holds(found: Found, seeded: Seeded, tables: frozenset[str]) -> None:
    """Each field of the inventory, as it was seeded, and none that is secret."""
    for table in sorted(tables):
        rows = [json.loads(line) for line in found.text(table).splitlines()]
        assert rows, table
        secrets = SECRETS.get(table, frozenset())
        assert not secrets & set(rows[0]), table
        for column in seeded.marks.get(table, ()):
            if column not in secrets:
                assert seeded.mark(table, column) in found.text(table), (table, column)
    everything = "".join(found.archive.read(name).decode("latin-1") for name in found.names)
    for table, columns in SECRETS.items():
        for column in columns & set(seeded.marks.get(table, ())):
            assert seeded.mark(table, column) not in everything, (table, column)
