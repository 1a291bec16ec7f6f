from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.audit import MemoryAudit
from tests.app import Hub
from tests.authenticators import ORIGIN, Device
from tests.identity import People, people
from tests.passkeys import DANA, add


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
async def hub(
    database: PostgresSettings, embedded_stores: Settings, audit: MemoryAudit
) -> AsyncIterator[People]:
    """Known as localhost, and reached by its number: no passkey hangs on how it is reached."""
    told = people(database, embedded_stores, Hub(audit=audit), is_local=False, public_url=ORIGIN)
    async with told as found:
        yield found


@pytest.fixture
async def client(hub: People) -> AsyncIterator[AsyncClient]:
    """Dana's, signed in."""
    async with hub.browser() as client:
        await hub.sign_up(client, DANA)
        yield client


@pytest.fixture
async def device(client: AsyncClient) -> Device:
    """On which Dana has a passkey."""
    device = Device()
    assert (await add(client, device)).status_code == 303
    return device
