"""What operators do after a replay, with dead letters and after a restore, by the command line."""

from uuid import uuid4

import pytest

from cluster.settings import PostgresSettings, Settings
from cluster.stores.analytics import open_analytics
from cluster.stores.dead_letters import GroupDeadLetters
from cluster.stores.letters import Letter
from cluster.stores.postgres import Pool
from cluster.stores.vectors import ensure_live, in_postgres
from domain.narrowing import OPPORTUNITY_VECTORS
from domain.vectors import OPPORTUNITIES
from tests.commands import Mch
from tests.events import delivered

pytestmark = pytest.mark.stores


@pytest.fixture
def analytics_name() -> str:
    return f"cli_{uuid4().hex}"


@pytest.fixture
def mch(embedded_stores: Settings, database: PostgresSettings, analytics_name: str) -> Mch:
    return Mch(embedded_stores.home, database, MCH_CLICKHOUSE__DATABASE=analytics_name)


async def test_what_replays_left_is_listed_and_dropped_but_never_the_live_one(
    mch: Mch, embedded_stores: Settings, app_pool: Pool, analytics_name: str
) -> None:
    renamed = embedded_stores.clickhouse.model_copy(update={"database": analytics_name})
    async with open_analytics(renamed) as analytics:
        await analytics.generations.prepare()
        await analytics.generations.swap(await analytics.generations.create())
    collections = in_postgres(app_pool).collections
    await ensure_live(collections, OPPORTUNITIES, OPPORTUNITY_VECTORS)

    told = [line.split() for line in mch("generations", "list").stdout.splitlines()]
    assert told == [
        ["analytics", "1", "kept"],
        ["analytics", "2", "live"],
        ["vectors", OPPORTUNITY_VECTORS.name, "live"],
    ]
    assert "live" in mch("generations", "drop", "analytics", "2").stderr
    assert "alias" in mch("generations", "drop", "vectors", OPPORTUNITY_VECTORS.name).stderr
    assert "other_1" in mch("generations", "drop", "vectors", "other_1").stderr
    assert "numbers" in mch("generations", "drop", "analytics", "old").stderr
    assert mch("generations", "drop", "analytics", "1").returncode == 0
    assert "1 " not in mch("generations", "list").stdout.partition("vectors")[0]


async def test_a_dead_letter_is_listed_shown_sent_again_and_dropped(
    mch: Mch, relay_pool: Pool
) -> None:
    async def announce(letter: Letter, facts: object) -> None:
        del letter, facts

    dead = GroupDeadLetters(relay_pool, "notify", announce)
    await dead.put(delivered(0, 7).letter, "the reason")

    [line] = mch("dead-letters", "list").stdout.splitlines()
    number = line.split()[0]
    assert "notify" in line
    assert "the reason" in line
    assert '"userId"' in mch("dead-letters", "show", number).stdout
    assert f"{number} is sent again" in mch("dead-letters", "retry", number).stdout
    assert mch("dead-letters", "show", "4711").returncode == 1
    assert "4711" in mch("dead-letters", "drop", "4711").stderr


async def test_a_log_in_order_is_said_to_be(mch: Mch) -> None:
    mended = mch("repair", "log")
    assert (mended.returncode, mended.stderr) == (0, "")
    assert "0 events" in mended.stdout
