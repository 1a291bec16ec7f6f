"""Sample data: a hub without a single notice imports what its own sandbox has in bulk."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from cluster.home import Home
from cluster.settings import Settings
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.postgres import open_pool
from domain.flows import EVENT_TYPES
from pipelines.import_notices import ImportProgress, import_file

_BULK = "/ContractOpportunitiesFullCSV.csv"
_WITHIN_S = 60.0


async def import_sample(settings: Settings, show: Callable[[str], None]) -> None:
    """Nothing where there is a notice, or where notices come from elsewhere."""
    if not _has_sandbox(settings) or await _known(settings):
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sample.csv"
        show("fetches sample notices")
        await _download(settings.sam_gov.base_url + _BULK, file)

        def follow(now: ImportProgress) -> None:
            show(f"imports sample notices: {now.rows}")

        await import_file(settings, file, follow)


def _has_sandbox(settings: Settings) -> bool:
    """Only the embedded sandbox writes its address into the home's servers.json."""

    told = Home(settings.home).servers().get("sam_gov", {})
    return bool(told) and told["base_url"] == settings.sam_gov.base_url


async def _known(settings: Settings) -> int:
    async with open_pool(settings.postgres, "mch_app", size=1) as pool:
        return (await PostgresOpportunities(pool, EVENT_TYPES).counts())["known"]


async def _download(address: str, file: Path) -> None:
    async with (
        httpx.AsyncClient(timeout=_WITHIN_S, trust_env=False) as client,
        client.stream("GET", address) as answer,
    ):
        answer.raise_for_status()
        with file.open("wb") as out:
            async for part in answer.aiter_bytes():
                out.write(part)
