import csv
import json
from typing import Any

import pytest
from pydantic import ValidationError

from cluster.clients.sam_gov_records import describe, from_api, from_csv, text_digest
from cluster.clients.sam_gov_values import DESCRIPTION_CUT
from cluster.servers.sam_gov_sandbox.rendering import to_api
from domain.notice import Notice
from domain.opportunity import OPPORTUNITY, Opportunity, RecordNotice
from domain.precision import Place
from tests.sandboxes import row
from tests.shared_data import shared


def test_the_api_tells_nothing_new_of_what_the_bulk_file_told() -> None:
    bulk = row(
        "n1",
        **{
            "SetASideCode": '["SBA"]',
            "Department/Ind.Agency": "STATE, DEPARTMENT OF",
            "CGAC": "019",
            "Sub-Tier": "STATE, DEPARTMENT OF",
            "FPDS Code": "1900",
            "Office": "U.S. EMBASSY BOGOTA",
            "AAC Code": "191234",
            "OrganizationType": "OFFICE",
            "CountryCode": "US",
            "ZipCode": "191115096",
            "PopState": "KR-48",
            "PopCountry": "KOR",
            "AwardNumber": "A1",
            "Award$": "280851.24000000",
            "Awardee": "ACME ",
        },
    )
    known = from_csv(bulk).notice
    seen = from_api(to_api(bulk)).notice
    assert not known.changes(known.merge(seen))
    assert (known.office, known.set_aside, known.aac_code) == (
        "U.S. EMBASSY BOGOTA",
        "SBA",
        "191234",
    )
    assert known.office_address == Place(zip="19111-5096", country="USA")


def test_people_and_firms_stay_out_of_the_notice() -> None:
    told = row(
        "n1",
        PrimaryContactFullname="Ann Example",
        PrimaryContactEmail="ann@agency.example",
        Awardee="Bob Example LLC ",
        PopStreetAddress="1 Main St",
    )
    for sighting in (
        from_csv(told),
        from_api(to_api(told | {"AwardNumber": "A1", "PopState": "VA"})),
    ):
        assert "xample" not in sighting.notice.model_dump_json()
        assert "Main" not in sighting.notice.model_dump_json()
        assert sighting.contacts["primary"]["full_name"] == "Ann Example"
        assert sighting.contacts["awardee"] == {"name": "Bob Example LLC"}
        assert sighting.contacts["place"] == {"street": "1 Main St"}


def test_a_record_told_again_has_the_same_digest_and_another_has_not() -> None:
    assert from_csv(row("n1")).digest == from_csv(row("n1")).digest
    assert from_csv(row("n1")).digest != from_csv(row("n1", Title="Masks")).digest


def test_a_field_that_the_api_leaves_out_is_not_carried() -> None:
    known = from_csv(row("n1")).notice
    bare = from_api({"noticeId": "n1", "title": known.title}).notice
    assert bare.model_fields_set == {"notice_id", "title"}
    assert known.merge(bare) == known


def test_quirk_10_a_description_cut_in_the_bulk_file_is_the_start_of_the_whole() -> None:
    whole = "x" * DESCRIPTION_CUT + "and the rest"
    cut = from_csv(row("n1", Description=whole[:DESCRIPTION_CUT] + "...")).notice
    assert cut.description_digest == describe(whole)["description_start"]
    known = cut.merge(cut.described(**describe(whole)))
    assert known.description_digest == text_digest(whole)
    assert known.merge(cut) == known


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [("NaicsCode", "33-91", "naics"), ("NoticeId", "", "NoticeId"), ("PostedDate", "soon", "soon")],
)
def test_what_cannot_be_read_is_refused_by_name(column: str, value: str, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        from_csv(row("n1", **{column: value}))


def test_short_codes_are_codes() -> None:
    notice = from_csv(row("n1", NaicsCode="561", ClassificationCode="65")).notice
    assert (notice.naics, notice.psc) == ("561", "65")
    with pytest.raises(ValidationError):
        from_csv(row("n1", NaicsCode="5"))


def test_every_real_row_is_read_and_the_api_repeats_it_without_a_change() -> None:
    with shared("notices/sam_bulk_extract.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    types: dict[str, int] = {}
    for told in rows:
        sighting = from_csv(told)
        assert _written_and_read(sighting.notice) == sighting.notice
        again = from_api(json.loads(json.dumps(to_api(told)))).notice
        assert not sighting.notice.changes(sighting.notice.merge(again))
        for event in OPPORTUNITY.decide(RecordNotice(sighting.notice), Opportunity()):
            types[event.type] = types.get(event.type, 0) + 1
    assert types == {"OpportunityDiscovered": 2160, "OpportunityAwarded": 44}


@pytest.mark.parametrize(
    "name", ["sam_v2_search_2026-02-02_limit10.json", "sam_v2_search_2025-02_partial.json"]
)
def test_every_recorded_answer_is_read(name: str) -> None:
    answer: Any = json.loads(shared(f"notices/{name}").read_text(encoding="utf-8"))
    notices = [from_api(record).notice for record in answer["opportunitiesData"]]
    assert all(len(notice.type or "") == 1 and notice.cgac and notice.office for notice in notices)


def _written_and_read(notice: Notice) -> Notice:
    return Notice.model_validate_json(notice.model_dump_json())
