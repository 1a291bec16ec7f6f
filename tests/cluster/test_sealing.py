"""Secrets of second factors and providers at rest."""

from typing import Any
from uuid import uuid4

import pytest

from cluster.sealing import SHORTEST_KEY, Seals
from cluster.stores.persons import PostgresPersons, SigningUp
from cluster.stores.postgres import Pool, transaction
from cluster.stores.providers import PostgresProviders
from domain.access import Role
from domain.errors import Invalid, Unavailable
from domain.provider import Provider
from domain.totp import new_totp_secret

OLD, NEW = "o" * SHORTEST_KEY, "n" * SHORTEST_KEY
HELD = "select totp_secret, totp_offered from person"
IN_CLEAR = "update person set totp_secret = $1, totp_offered = $1"


def test_what_is_sealed_opens_for_whom_it_was_sealed_and_tells_nothing() -> None:
    seals = Seals(OLD)
    sealed = seals.seal("a secret", "dana")
    assert seals.open(sealed, "dana") == "a secret"
    assert "secret" not in sealed
    assert sealed != seals.seal("a secret", "dana")
    with pytest.raises(Unavailable):
        seals.open(sealed, "sam")


@pytest.mark.parametrize("changed", ["", "sealed", "a.b.c", "in clear"])
def test_what_is_not_sealed_does_not_open(changed: str) -> None:
    with pytest.raises(Unavailable):
        Seals(OLD).open(changed, "dana")


def test_a_changed_letter_is_noticed() -> None:
    sealed = Seals(OLD).seal("a secret", "dana")
    for at in (-2, -20, 10):
        letter = "A" if sealed[at] != "A" else "B"
        with pytest.raises(Unavailable):
            Seals(OLD).open(sealed[:at] + letter + sealed[at + 1 :], "dana")


def test_keys_are_changed_one_by_one() -> None:
    sealed = Seals(OLD).seal("a secret", "dana")
    both = Seals(f"{NEW}, {OLD}")
    assert both.open(sealed, "dana") == "a secret"
    assert not both.is_current(sealed)
    renewed = both.renew(sealed, "dana")
    assert Seals(NEW).open(renewed, "dana") == "a secret"
    with pytest.raises(Unavailable):
        Seals(NEW).open(sealed, "dana")


@pytest.mark.parametrize("keys", ["", " , ", "short", f"{OLD},short"])
def test_no_key_and_short_keys_are_refused(keys: str) -> None:
    with pytest.raises(Invalid, match="MCH_AUTH__SEALING_KEYS"):
        Seals(keys)


@pytest.mark.stores
async def test_second_factors_lie_sealed_and_are_sealed_anew(app_pool: Pool) -> None:
    persons = PostgresPersons(app_pool, Seals(OLD))
    told = SigningUp("dana@ortizmedical.example", "Dana", "hash", "Ortiz")
    person_id, secret = (await persons.add(told)).person_id, new_totp_secret()
    await persons.offer_totp(person_id, secret)
    assert await persons.offered_totp(person_id) == secret
    with pytest.raises(Invalid):
        await persons.confirm_totp(person_id, new_totp_secret(), 1, ["abc"])
    await persons.confirm_totp(person_id, secret, 1, ["abc"])
    assert (found := await persons.by_id(person_id))
    assert found.totp_secret == secret
    assert await persons.offered_totp(uuid4()) is None
    assert secret not in str(await _held(app_pool))
    rotated = PostgresPersons(app_pool, Seals(f"{NEW},{OLD}"))
    assert [await rotated.seal_anew() for _ in range(2)] == [1, 0]
    alone = PostgresPersons(app_pool, Seals(NEW))
    assert (found := await alone.by_id(person_id))
    assert found.totp_secret == secret


@pytest.mark.stores
async def test_secrets_of_providers_are_sealed_anew_too(app_pool: Pool, relay_pool: Pool) -> None:
    told: dict[str, Any] = {"issuer": "https://a.example", "client_id": "c", "domains": ()}
    tenants = {uuid4(): "first", uuid4(): "second"}
    providers = PostgresProviders(app_pool, Seals(OLD))
    for tenant_id, name in tenants.items():
        provider = Provider(tenant_id=tenant_id, name=name, role=Role.VIEWER, **told)
        await providers.put(provider, f"secret of {name}")
    rotated = PostgresProviders(app_pool, Seals(f"{NEW},{OLD}"))
    assert [await rotated.seal_anew(relay_pool) for _ in range(2)] == [2, 0]
    alone = PostgresProviders(app_pool, Seals(NEW))
    for tenant_id, name in tenants.items():
        assert await alone.secret(tenant_id) == f"secret of {name}"


@pytest.mark.stores
async def test_what_lay_there_in_clear_is_sealed_at_the_next_start(app_pool: Pool) -> None:
    persons, secret = PostgresPersons(app_pool, Seals(OLD)), new_totp_secret()
    told = SigningUp("dana@ortizmedical.example", "Dana", "hash", "Ortiz")
    person_id = (await persons.add(told)).person_id
    async with transaction(app_pool) as connection:
        await connection.execute(IN_CLEAR, secret)
    assert await persons.seal_anew() == 1
    assert secret not in str(await _held(app_pool))
    assert await persons.offered_totp(person_id) == secret


async def _held(pool: Pool) -> list[tuple[str | None, ...]]:
    async with transaction(pool) as connection:
        return [tuple(row) for row in await connection.fetch(HELD)]
