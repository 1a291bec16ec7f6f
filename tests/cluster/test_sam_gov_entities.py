"""A company's registration, asked of the sandbox, and laid over a profile."""

import pytest

from cluster.clients.sam_gov_entities import profile_of_entity, read_entity
from cluster.servers.sam_gov_sandbox.entities import COUNT, entities, uei_of
from cluster.servers.sam_gov_sandbox.moods import Mood
from cluster.stores.api_quota import MemoryApiQuota
from domain.errors import NotFound, QuotaExceeded, Unavailable
from domain.profile import Certification, CompanyProfile
from tests.sandboxes import NOW, client_of, shelf_of

BEFORE = CompanyProfile(name="Before", keywords=("gloves",), psc=("6505",), cage="ABCDE")


async def test_a_registration_costs_one_call_and_is_told_by_its_uei() -> None:
    quota = MemoryApiQuota(2, lambda: NOW)
    async with client_of(shelf_of(), quota=quota) as client:
        entity = await client.entity(uei_of(7))
        assert entity["entityRegistration"]["ueiSAM"] == uei_of(7)
        assert await quota.left() == 1
        with pytest.raises(NotFound, match="UEI"):
            await client.entity("NOBODY000000")
        with pytest.raises(QuotaExceeded):
            await client.entity(uei_of(7))


async def test_an_outage_is_no_unknown_company() -> None:
    async with client_of(shelf_of(), Mood(fail_with="html", fail_next=9)) as client:
        with pytest.raises(Unavailable):
            await client.entity(uei_of(7))
    with pytest.raises(Unavailable):
        read_entity({"entityData": []}, uei_of(7))


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_every_invented_company_makes_a_profile(number: int) -> None:
    entity = read_entity(entities(uei_of(number)), uei_of(number))
    profile = profile_of_entity(entity, BEFORE)
    assert profile.uei == uei_of(number)
    assert profile.keywords == BEFORE.keywords
    assert len(profile.naics) == len(profile.psc) == 3
    is_small = any(
        row["sbaSmallBusiness"] == "Y"
        for row in entity["assertions"]["goodsAndServices"]["naicsList"]
    )
    assert (Certification.SMALL in profile.certifications) == is_small


def test_what_is_not_told_stays_and_what_no_code_is_goes() -> None:
    told = {
        "entityRegistration": {"ueiSAM": uei_of(1), "legalBusinessName": "After", "cageCode": None},
        "coreData": {
            "businessTypes": {
                "businessTypeList": [{"businessTypeCode": "QF"}, {"businessTypeCode": "2X"}],
                "sbaBusinessTypeList": [{"sbaBusinessTypeCode": "XX"}, None],
            }
        },
        "assertions": {
            "goodsAndServices": {"primaryNaics": "339112", "naicsList": [{"naicsCode": "999999"}]}
        },
    }
    profile = profile_of_entity(told, BEFORE)
    assert profile.name == "After"
    assert (profile.naics, profile.psc, profile.cage) == (("339112",), ("6505",), "")
    held = (Certification.SERVICE_DISABLED_VETERAN_OWNED, Certification.HUBZONE)
    assert profile.certifications == held
