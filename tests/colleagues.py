"""Two people of one company, for tests whose fixture `hub` is a `tests.identity.People`."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from tests.identity import PASSWORD, People

DANA, SAM = "dana@ortizmedical.example", "sam@nair.example"


@pytest.fixture
async def dana(hub: People) -> AsyncIterator[AsyncClient]:
    """Founded the company."""
    async with hub.browser() as client:
        await hub.sign_up(client, DANA)
        yield client


@pytest.fixture
async def sam(hub: People, dana: AsyncClient) -> AsyncIterator[AsyncClient]:
    """Invited as an editor, with a new account."""
    async with hub.browser("Chrome/1 Windows") as client:
        await dana.post("/company/invitations", data={"email": SAM, "role": "editor"})
        link = hub.post.link("invitation", SAM)
        assert "Ortiz Medical" in (await client.get(link)).text
        told = {"name": "Sam Nair", "password": PASSWORD}
        assert (await client.post(f"{link}/new", data=told)).status_code == 303
        yield client
