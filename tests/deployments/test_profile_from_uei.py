"""A profile filled from a UEI: shown to be corrected, saved by whoever looked at it."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from cluster.servers.sam_gov_sandbox.entities import uei_of
from cluster.servers.sam_gov_sandbox.moods import Mood
from cluster.settings import PostgresSettings, Settings
from tests.app import Hub
from tests.colleagues import dana
from tests.identity import People, people
from tests.sandboxes import client_of, shelf_of

__all__ = ["dana"]

pytestmark = pytest.mark.stores
ASK = {"name": "Ortiz Medical", "act": "uei"}
MOOD = Mood(quota_left=2)


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with (
        client_of(shelf_of(), MOOD.model_copy()) as sam_gov,
        people(database, embedded_stores, Hub(entities=sam_gov)) as found,
    ):
        yield found


async def test_what_sam_gov_knows_is_shown_and_not_yet_saved(dana: AsyncClient) -> None:
    assert 'action="/company"' in (await dana.get("/onboarding")).text
    shown = await dana.post("/company", data=ASK | {"uei": uei_of(7).lower()})
    assert shown.status_code == 200
    assert f"what SAM.gov knows of {uei_of(7)}" in shown.text
    assert "00007" in shown.text
    assert uei_of(7) not in (await dana.get("/company")).text
    told = {"name": "Corrected", "act": "save", "uei": uei_of(7), "naics": "339112"}
    assert (await dana.post("/company", data=told)).status_code == 303
    assert uei_of(7) in (await dana.get("/company")).text


async def test_why_nothing_came_stands_beside_the_field(dana: AsyncClient) -> None:
    unknown = await dana.post("/company", data=ASK | {"uei": "NOBODY000000"})
    assert unknown.status_code == 422
    assert "SAM.gov knows no active registration" in unknown.text
    assert "Look for a slip" in (await dana.post("/company", data=ASK)).text
    await dana.post("/company", data=ASK | {"uei": uei_of(8)})
    spent = await dana.post("/company", data=ASK | {"uei": uei_of(9)})
    assert "questions to SAM.gov are used up" in spent.text
