"""What stores need before anything uses them, wherever they run. Safe to repeat.

    python -m cluster.servers.preparation

prepares the stores of this process's settings, and exits 1 with a line that says why not.
"""

import asyncio
import sys

from cluster.sealing import Seals
from cluster.servers.topics import make_topics
from cluster.settings import PostgresSettings, Profile, Settings
from cluster.stores.analytics import open_analytics
from cluster.stores.migrate import migrate
from cluster.stores.persons import PostgresPersons
from cluster.stores.postgres import open_pool
from cluster.stores.profiles import seed_sample_company
from cluster.stores.providers import PostgresProviders
from cluster.stores.vectors import ensure_live, open_vectors
from cluster.tls import client_context
from domain.access import LOCAL_TENANT
from domain.narrowing import OPPORTUNITY_VECTORS
from domain.vectors import OPPORTUNITIES


async def prepare_stores(settings: Settings) -> None:
    """Tables, topics, a company to match for. Raises what the clients of stores do in an outage."""
    await migrate(_owner_dsn(settings.postgres), tls=client_context(settings.postgres.tls))
    await make_topics(settings.kafka)
    async with (
        open_pool(settings.postgres, "mch_app", size=1) as pool,
        open_vectors(settings, pool) as vectors,
    ):
        await ensure_live(vectors.collections, OPPORTUNITIES, OPPORTUNITY_VECTORS)
    async with open_analytics(settings.clickhouse) as analytics:
        await analytics.generations.prepare()
    seals = Seals(settings.auth.sealing_keys.get_secret_value())
    async with open_pool(settings.postgres, "mch_app", size=1) as pool:
        await PostgresPersons(pool, seals).seal_anew()
        async with open_pool(settings.postgres, "mch_relay", size=1) as relay:
            await PostgresProviders(pool, seals).seal_anew(relay)
    if settings.profile is Profile.EMBEDDED:
        async with open_pool(settings.postgres, "mch_app", size=1) as pool:
            await seed_sample_company(pool, LOCAL_TENANT)


def _owner_dsn(postgres: PostgresSettings) -> str:
    return str((postgres.owner_dsn or postgres.dsn).get_secret_value())


if __name__ == "__main__":
    try:
        asyncio.run(prepare_stores(Settings()))
    except Exception as error:  # noqa: BLE001 - told to whoever started this
        sys.exit(f"{type(error).__name__}: {error}")
