"""`mch audit`: what operators did is told, and what was changed behind its back is found."""

import json
from pathlib import Path

import asyncpg
import pytest

from cluster.settings import PostgresSettings, Settings
from domain.audit import OPERATORS
from tests.commands import Mch
from tests.conftest import owner_dsn


@pytest.fixture
def mch(embedded_stores: Settings, database: PostgresSettings) -> Mch:
    return Mch(embedded_stores.home, database)


@pytest.mark.stores
async def test_what_an_operator_did_is_told_and_what_was_changed_is_found(
    mch: Mch, database: PostgresSettings
) -> None:
    for _ in range(2):
        assert mch("sync").returncode == 0
    told = [json.loads(line) for line in mch("audit", "export").stdout.splitlines()]
    assert [entry["action"] for entry in told] == ["ask for a sync"] * 2
    assert told[0]["actor"] == "operator"

    verified = mch("audit", "verify")
    assert (verified.returncode, verified.stderr) == (0, "")
    noted = verified.stdout.strip()
    assert noted == f"{OPERATORS}=2:{told[1]['hash']}"
    assert mch("audit", "verify", "--noted", noted).returncode == 0
    later = noted.replace("=2:", "=3:")
    assert "missing up to 3" in mch("audit", "verify", "--noted", later).stderr

    owner = await asyncpg.connect(owner_dsn(database))
    await owner.execute("set role mch_owner")
    await owner.execute("select set_config('mch.tenant_id', $1, false)", str(OPERATORS))
    await owner.execute("alter table audit_entry disable trigger user")
    await owner.execute("update audit_entry set action = 'nothing' where sequence = 1")
    await owner.close()
    broken = mch("audit", "verify")
    assert broken.returncode == 1
    assert f"{OPERATORS} at entry 1: it was changed" in broken.stderr


def test_what_is_no_head_is_refused(tmp_path: Path) -> None:
    done = Mch(tmp_path)("audit", "verify", "--noted", "x=1:y")
    assert done.returncode == 1
    assert "TENANT=SEQUENCE:HASH" in done.stderr
