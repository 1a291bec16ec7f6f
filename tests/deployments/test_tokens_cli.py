"""`mch tokens issue` and `revoke`: a job's token from the command line, until its account ends."""

import json

import pytest

from cluster.settings import PostgresSettings, Settings
from cluster.stores.postgres import Pool
from cluster.stores.redis import open_redis
from cluster.stores.service_accounts import StoredServiceAccounts
from deployments.identity import Accounted
from deployments.issuers import OwnIssuer
from deployments.tokens import Tokens
from domain.access import LOCAL_TENANT, Permission
from domain.errors import Unauthenticated
from tests.commands import Mch
from tests.identity import own_tokens

pytestmark = pytest.mark.stores


async def test_a_token_from_the_command_line_holds_until_its_account_is_revoked(
    embedded_stores: Settings, database: PostgresSettings, app_pool: Pool
) -> None:
    tokens = own_tokens(embedded_stores)
    keys = tokens.signing_keys.get_secret_value()
    mch = Mch(embedded_stores.home, database, MCH_TOKENS__SIGNING_KEYS=keys)
    issued = mch("tokens", "issue", "nightly", "--permission", "read_opportunities")
    assert (issued.returncode, issued.stderr) == (0, "")
    token = issued.stdout.strip()

    async with open_redis(embedded_stores.redis) as redis:
        accounts = StoredServiceAccounts(app_pool, redis)
        bearer = Accounted(Tokens([OwnIssuer(tokens).issuer()]), accounts)
        principal = await bearer.principal(token)
        assert (principal.tenant_id, principal.user_id) == (LOCAL_TENANT, "service:nightly")
        assert principal.permissions == {Permission.READ_OPPORTUNITIES}

        wider = mch("tokens", "issue", "nightly", "--permission", "read_company")
        assert wider.returncode != 0
        assert "may not read the company" in wider.stderr
        assert mch("tokens", "revoke", "nightly").returncode == 0
        with pytest.raises(Unauthenticated):
            await bearer.principal(token)
    told = [json.loads(line)["action"] for line in mch("audit", "export").stdout.splitlines()]
    assert "issue a service token" in told
    assert "revoke a service account" in told
