"""A company as SAM.gov's Entity Management API v3 tells it, laid over a profile."""

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.clients.sam_gov_answers import SERVICE
from domain.codes import naics_names, psc_names
from domain.errors import NotFound, Unavailable
from domain.profile import Certification, CompanyProfile

# The codes are written from memory of SAM.gov's manual: no real registration was at hand to check
# them against. A code that is not here changes nothing, and people can correct the profile.
_TYPES = {
    "A5": Certification.VETERAN_OWNED,
    "QF": Certification.SERVICE_DISABLED_VETERAN_OWNED,
    "A2": Certification.WOMAN_OWNED,
    "8W": Certification.WOMAN_OWNED,
    "8E": Certification.ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED,
}
"""Of `businessTypeList`: what a company says of itself."""
_CERTIFIED = {
    "A6": Certification.EIGHT_A,
    "JT": Certification.EIGHT_A,
    "XX": Certification.HUBZONE,
    "A9": Certification.WOMAN_OWNED,
    "A0": Certification.ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED,
}
"""Of `sbaBusinessTypeList`: what the SBA has certified."""


def read_entity(body: Mapping[str, Any] | None, uei: str) -> Mapping[str, Any]:
    """The one registration in an answer. Raises `NotFound`; `Unavailable` for no such answer."""
    rows = (body or {}).get("entityData", [])
    if not isinstance(rows, list) or (body is not None and "totalRecords" not in body):
        raise Unavailable(service=SERVICE, reason="it answered without totalRecords and entities")
    for row in rows:
        if _in(row, "entityRegistration").get("ueiSAM") == uei:
            return row  # type: ignore[no-any-return]
    raise NotFound(what="registration at SAM.gov under the UEI", key=uei)


def profile_of_entity(entity: Mapping[str, Any], before: CompanyProfile) -> CompanyProfile:
    """What SAM.gov knows, in place of what stood there; the rest stays. Unknown codes are left out.

    Small in any of its industries counts as small: each notice has a size standard of its own.
    """
    told = _in(entity, "entityRegistration")
    goods = _in(entity, "assertions", "goodsAndServices")
    types = _in(entity, "coreData", "businessTypes")
    industries = _rows(goods, "naicsList")
    naics = [goods.get("primaryNaics"), *(row.get("naicsCode") for row in industries)]
    held = [
        _TYPES.get(str(row.get("businessTypeCode"))) for row in _rows(types, "businessTypeList")
    ]
    held += [
        _CERTIFIED.get(str(row.get("sbaBusinessTypeCode")))
        for row in _rows(types, "sbaBusinessTypeList")
    ]
    if any(row.get("sbaSmallBusiness") == "Y" for row in industries):
        held.insert(0, Certification.SMALL)
    found = {
        "name": str(told.get("legalBusinessName") or before.name)[:200],
        "uei": told["ueiSAM"],
        "cage": told.get("cageCode") or "",
        "naics": _known(naics, naics_names()) or before.naics,
        "psc": _known((row.get("pscCode") for row in _rows(goods, "pscList")), psc_names())
        or before.psc,
        "certifications": list(dict.fromkeys(one for one in held if one)),
    }
    return CompanyProfile.model_validate(before.model_dump() | found)


def _known(codes: Iterable[Any], names: Mapping[str, str]) -> list[str]:
    return [code for code in dict.fromkeys(codes) if code in names][:100]


def _in(held: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """What lies there. `null`, or nothing, is an empty one."""
    for name in path:
        held = held.get(name) or {}
    return held


def _rows(held: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [row for row in held.get(name) or [] if isinstance(row, dict)]
