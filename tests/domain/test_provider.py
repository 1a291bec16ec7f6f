"""What a company's provider may be set to, and what its claims count for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.access import MEMBER_ROLES, PERMISSIONS, Permission, Role
from domain.errors import Invalid, Unauthenticated
from domain.provider import JOINS_AS, Provider, check_provider, claimed_by
from domain.session import Session, principal_of

OURS = Provider(
    tenant_id=UUID(int=7),
    name="ortiz-medical",
    issuer="https://login.ortiz.example/tenants/a",
    client_id="hub",
    domains=("ortiz.example",),
    role=Role.VIEWER,
)
LEE = {"sub": "1", "email": "Lee@Ortiz.example", "email_verified": True, "name": "Lee Ray"}
AT = datetime(2026, 4, 1, tzinfo=UTC)


def test_a_whole_provider_is_taken() -> None:
    for role in JOINS_AS:
        assert check_provider(replace(OURS, role=role)).role is role


@pytest.mark.parametrize(
    ("what", "value"),
    [
        *(("name", name) for name in ("a", "Ortiz", "a--b", "-a", "a b", "x" * 60, "../x")),
        *(("issuer", it) for it in ("", "ftp://x.example", "https://", "https://a@x.example")),
        *(("issuer", it) for it in ("https://x.example/?a", "https://x.example#", "https://ä.de")),
        ("issuer", "https://x.example:99999"),
        *(("domains", (it,)) for it in ("com", "*.example", "a@b.example", "Ortiz.example", "")),
        ("domains", tuple(f"d{number}.example" for number in range(30))),
        *(("role", role) for role in (Role.OWNER, Role.ADMIN, Role.SERVICE)),
    ],
)
def test_what_is_none_is_refused_with_its_field(what: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        check_provider(replace(OURS, **{what: value}))
    assert refused.value.what == what


@pytest.mark.parametrize(
    ("email", "joins"),
    [
        ("lee@ortiz.example", True),
        ("lee@sub.ortiz.example", False),
        ("lee@evil-ortiz.example", False),
        ("ortiz.example@evil.example", False),
    ],
)
def test_only_the_very_domain_lets_join(email: str, joins: bool) -> None:
    assert OURS.lets_join(email) is joins


def test_an_address_counts_once_it_is_verified() -> None:
    assert claimed_by(LEE).email == "lee@ortiz.example"
    for verified in (False, None, "true", 1):
        assert claimed_by({**LEE, "email_verified": verified}).email is None
    assert claimed_by({**LEE, "email": "no address"}).email is None
    assert claimed_by({**LEE, "name": "\x00"}).name == "lee"
    for subject in (None, "", 7, "x" * 256):
        with pytest.raises(Unauthenticated):
            claimed_by({**LEE, "sub": subject})


def session(role: Role | None, *, by_provider: bool = True) -> Session:
    return Session(
        session_id="s",
        person_id=UUID(int=9),
        tenant_id=OURS.tenant_id if role else None,
        role=role,
        awaits_code=False,
        is_remembered=False,
        browser="",
        address="",
        created_at=AT,
        expires_at=AT,
        checked_at=AT,
        by_provider=by_provider,
    )


@pytest.mark.parametrize("role", MEMBER_ROLES)
def test_by_the_provider_nobody_is_more_than_an_admin(role: Role) -> None:
    may = principal_of(session(role)).permissions
    assert may == (PERMISSIONS[role] & PERMISSIONS[Role.ADMIN]) - {Permission.OWN_ACCOUNT}
    assert principal_of(session(role, by_provider=False)).permissions == PERMISSIONS[role]


def test_by_the_provider_who_left_the_company_may_nothing() -> None:
    assert principal_of(session(None)).permissions == frozenset()
    alone = principal_of(session(None, by_provider=False)).permissions
    assert alone == {Permission.OWN_ACCOUNT}
