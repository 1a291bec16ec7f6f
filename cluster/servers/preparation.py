"""What stores need before anything uses them, wherever they run. Safe to repeat."""

from cluster.servers.topics import make_topics
from cluster.settings import PostgresSettings, Settings
from cluster.stores.analytics import open_analytics
from cluster.stores.migrate import migrate


async def prepare_stores(settings: Settings) -> None:
    """Tables and topics. Raises what the stores' clients raise while one of them is away."""
    await migrate(_owner_dsn(settings.postgres))
    await make_topics(settings.kafka)
    async with open_analytics(settings.clickhouse) as analytics:
        await analytics.generations.prepare()


def _owner_dsn(postgres: PostgresSettings) -> str:
    return str((postgres.owner_dsn or postgres.dsn).get_secret_value())
