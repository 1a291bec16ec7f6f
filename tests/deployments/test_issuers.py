"""Issuers that settings name: a project's shared secret, and our own for service accounts."""

import json
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from cluster.settings_tokens import TokenSettings
from deployments.issuers import OwnIssuer, supabase_principal, trusted_issuers
from deployments.tokens import Tokens
from domain.access import MEMBER_ROLES, PERMISSIONS, PUBLIC, Permission
from domain.errors import Invalid, Unauthenticated
from tests.tokens import NOW, OKP, RSA, TENANT, by_hand, claims, hs256, signed

SECRET = "a shared secret of the project, 32 bytes and more"  # noqa: S105 - a test's own


@pytest.fixture
async def own_settings() -> TokenSettings:
    keys = [OKPKey.generate_key("Ed25519", {"kid": name}) for name in ("new", "old")]
    told = {"keys": [key.as_dict(private=True) for key in keys]}
    return TokenSettings.model_validate({"signing_keys": json.dumps(told)})


async def test_a_projects_shared_secret_verifies_hs256_alone() -> None:
    settings = TokenSettings.model_validate(
        {"supabase_url": "https://abc.supabase.co", "supabase_secret": SECRET}
    )
    async with httpx.AsyncClient() as http:
        tokens = Tokens(list(trusted_issuers(settings, http)), lambda: NOW)
    good = jwt.encode({"alg": "HS256"}, claims(), OctKey.import_key(SECRET), algorithms=["HS256"])
    assert (await tokens.principal(good)).tenant_id == TENANT
    for token in (signed(), by_hand({"alg": "HS256"}, claims(), hs256(b"other" * 9))):
        with pytest.raises(Unauthenticated):
            await tokens.principal(token)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"supabase_url": "http://abc.supabase.co"}, "https"),
        ({"supabase_secret": SECRET}, "needs supabase_url"),
        ({"supabase_url": "https://abc.supabase.co", "supabase_secret": "short"}, "32 bytes"),
    ],
)
def test_unsafe_settings_stop_the_start(told: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        TokenSettings.model_validate(told)


async def test_a_service_account_may_what_its_token_says(own_settings: TokenSettings) -> None:
    issuer = OwnIssuer(own_settings)
    token = issuer.sign("export", TENANT, {Permission.READ_OPPORTUNITIES}, lifetime_s=60)
    principal = await Tokens([issuer.issuer()]).principal(token)
    assert (principal.tenant_id, principal.user_id) == (TENANT, "service:export")
    assert principal.permissions == {Permission.READ_OPPORTUNITIES}
    assert principal.credential.startswith("token:")


async def test_the_last_key_still_verifies_after_a_rotation(own_settings: TokenSettings) -> None:
    keys = json.loads(own_settings.signing_keys.get_secret_value())["keys"]
    before = TokenSettings.model_validate({"signing_keys": json.dumps({"keys": keys[1:]})})
    token = OwnIssuer(before).sign("export", TENANT, set(), lifetime_s=60)
    tokens = Tokens([OwnIssuer(own_settings).issuer()])
    assert (await tokens.principal(token)).user_id == "service:export"
    after = TokenSettings.model_validate({"signing_keys": json.dumps({"keys": keys[:1]})})
    with pytest.raises(Unauthenticated):
        await Tokens([OwnIssuer(after).issuer()]).principal(token)


@pytest.mark.parametrize(
    ("permission", "tenant", "lifetime_s"),
    [
        (Permission.OPERATE, TENANT, 60),
        (Permission.MANAGE_MEMBERS, TENANT, 60),
        (Permission.READ_OPPORTUNITIES, PUBLIC, 60),
        (Permission.READ_OPPORTUNITIES, TENANT, 0),
        (Permission.READ_OPPORTUNITIES, TENANT, 90_000),
    ],
)
def test_no_service_account_is_more_than_a_service(
    own_settings: TokenSettings, permission: Permission, tenant: UUID, lifetime_s: int
) -> None:
    with pytest.raises(Invalid):
        OwnIssuer(own_settings).sign("x", tenant, {permission}, lifetime_s=lifetime_s)


def test_what_is_published_holds_no_secret(own_settings: TokenSettings) -> None:
    published = OwnIssuer(own_settings).published()["keys"]
    assert [key["kid"] for key in published] == ["new", "old"]
    assert all(set(key) == {"kty", "crv", "x", "kid", "use", "alg"} for key in published)


@pytest.mark.parametrize(
    "told",
    [
        "nonsense",
        "{}",
        json.dumps({"keys": [RSA.as_dict(private=True)]}),
        json.dumps({"keys": [OKP.as_dict(private=False)]}),
    ],
    ids=["nonsense", "empty", "RSA", "public"],
)
def test_what_is_no_set_of_signing_keys_is_refused_and_not_repeated(told: str) -> None:
    settings = TokenSettings.model_validate({"signing_keys": told})
    with pytest.raises(Invalid, match="MCH_TOKENS__SIGNING_KEYS") as refused:
        OwnIssuer(settings)
    assert told not in str(refused.value)


def test_every_role_of_a_person_is_known_to_supabase() -> None:
    for role in MEMBER_ROLES:
        told = claims(app_metadata={"tenant_id": str(TENANT), "role": role.value})
        assert supabase_principal(told).permissions <= PERMISSIONS[role]
