"""A company that signs in through a small provider of ours."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from tests.identity import People
from tests.providers import Ortiz, SmallProvider, ortiz_medical


@pytest.fixture
async def ortiz(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[Ortiz]:
    async with ortiz_medical(database, embedded_stores) as found:
        yield found


@pytest.fixture
def hub(ortiz: Ortiz) -> People:
    return ortiz.hub


@pytest.fixture
def owner(ortiz: Ortiz) -> AsyncClient:
    return ortiz.owner


@pytest.fixture
def provider(ortiz: Ortiz) -> SmallProvider:
    return ortiz.provider
