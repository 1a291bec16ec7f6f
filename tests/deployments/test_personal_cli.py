"""`mch personal-data` and `mch erase`: an archive for whom it belongs to, then nothing."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from cluster.settings import PostgresSettings, Settings
from cluster.stores.postgres import Pool, as_tenant
from domain.access import LOCAL_TENANT
from tests.commands import Mch

pytestmark = pytest.mark.stores
_COMPANY = "insert into company (tenant_id, name) values ($1, 'Ortiz Medical')"


@pytest.fixture
def mch(embedded_stores: Settings, database: PostgresSettings) -> Mch:
    return Mch(embedded_stores.home, database)


async def test_what_was_written_out_is_then_erased(
    mch: Mch, app_pool: Pool, tmp_path: Path
) -> None:
    async with as_tenant(app_pool, LOCAL_TENANT) as connection:
        await connection.execute(_COMPANY, LOCAL_TENANT)
    tenant, out = str(LOCAL_TENANT), tmp_path / "company.zip"
    written = mch("personal-data", "company", tenant, str(out))
    assert (written.returncode, written.stderr) == (0, "")
    assert b"Ortiz Medical" in ZipFile(out).read("company.jsonl")

    unknown = mch("personal-data", "person", tenant, str(tmp_path / "person.zip"))
    assert unknown.returncode != 0
    assert "there is no person" in unknown.stderr

    erased = mch("erase", "company", tenant, "--yes")
    assert erased.returncode == 0, erased.stderr
    assert "company" in erased.stdout
    mch("personal-data", "company", tenant, str(out))
    assert b"Ortiz Medical" not in ZipFile(out).read("company.jsonl")
