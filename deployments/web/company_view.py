"""The company's profile as its page shows it, and back from what a form tells."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.code_search import NamedCode, find_naics, find_psc
from domain.codes import naics_names, psc_names, state_names
from domain.profile import Certification, CompanyProfile, Product, Reference

CERTIFICATIONS = {
    Certification.SMALL: "Small business",
    Certification.EIGHT_A: "8(a)",
    Certification.HUBZONE: "HUBZone",
    Certification.VETERAN_OWNED: "Veteran-owned (VOSB)",
    Certification.SERVICE_DISABLED_VETERAN_OWNED: "Service-disabled veteran-owned (SDVOSB)",
    Certification.WOMAN_OWNED: "Woman-owned (WOSB)",
    Certification.ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED: "EDWOSB",
    Certification.INDIAN_ECONOMIC_ENTERPRISE: "Indian economic enterprise",
    Certification.INDIAN_SMALL_BUSINESS: "Indian small business (ISBEE)",
}
_LISTS = ("naics", "psc", "certifications", "states")
_PLAIN = ("name", "uei", "cage", "statement")


def profile_view(
    profile: CompanyProfile,
    told: Mapping[str, Any] | None = None,
    find: tuple[str, str] = ("", ""),
) -> dict[str, Any]:
    """As it stands, or as it was filled in; `find` are words to search NAICS and PSC by."""
    shown = _shown(profile)
    if told is not None:  # What is blank, or a box that is not ticked, is not sent.
        shown = dict.fromkeys(shown, "") | {name: [] for name in _LISTS} | dict(told)
    naics = naics_names()
    psc = psc_names()
    return {
        **shown,
        "naics": [NamedCode(code, naics.get(code, "")) for code in shown["naics"]],
        "psc": [NamedCode(code, psc.get(code, "")) for code in shown["psc"]],
        "found_naics": _new(find_naics(find[0]), shown["naics"]) if find[0] else None,
        "found_psc": _new(find_psc(find[1]), shown["psc"]) if find[1] else None,
        "find_naics": find[0],
        "find_psc": find[1],
        "from_uei": "",
        "all_certifications": CERTIFICATIONS.items(),
        "all_states": state_names().items(),
    }


def profile_of(told: Mapping[str, Any], before: CompanyProfile) -> CompanyProfile:
    """Raises pydantic's `ValidationError`, by field."""
    return CompanyProfile.model_validate(
        {
            **before.model_dump(),
            **{name: told[name] for name in _PLAIN},
            "uei": told["uei"].upper(),
            "cage": told["cage"].upper(),
            "employees": told["employees"],
            "revenue_usd": told["revenue_usd"],
            "fetches_documents": told["fetches_documents"],
            "naics": _once(told["naics"]),
            "psc": _once(told["psc"]),
            "certifications": told["certifications"],
            "states": [state for state in _once(told["states"]) if state in state_names()],
            "keywords": _once(_lines(told["keywords"])),
            "exclusions": _once(_lines(told["exclusions"])),
            "references": [_reference(line) for line in _lines(told["references"])],
            "products": [_product(line) for line in _lines(told["products"])],
        }
    )


def _shown(profile: CompanyProfile) -> dict[str, Any]:
    return {
        **{name: getattr(profile, name) for name in _PLAIN},
        "employees": profile.employees or "",
        "revenue_usd": "" if profile.revenue_usd is None else profile.revenue_usd,
        "fetches_documents": profile.fetches_documents,
        "naics": list(profile.naics),
        "psc": list(profile.psc),
        "certifications": [str(held) for held in profile.certifications],
        "states": list(profile.states),
        "keywords": "\n".join(profile.keywords),
        "exclusions": "\n".join(profile.exclusions),
        "references": "\n".join(_spelled(profile.references, ("customer", "what", "contract"))),
        "products": "\n".join(_spelled(profile.products, ("name", "part_number", "ndc", "gtin"))),
    }


def _spelled(things: Iterable[Reference | Product], fields: Sequence[str]) -> list[str]:
    return [
        " | ".join(str(getattr(thing, field)) for field in fields).rstrip(" |") for thing in things
    ]


def _reference(line: str) -> Reference:
    customer, what, contract = _parts(line, 3)
    return Reference(customer=customer, what=what or customer, contract=contract)


def _product(line: str) -> Product:
    name, part_number, ndc, gtin = _parts(line, 4)
    return Product(name=name, part_number=part_number, ndc=ndc, gtin=gtin)


def _parts(line: str, count: int) -> list[str]:
    parts = [part.strip() for part in line.split("|", count - 1)]
    return parts + [""] * (count - len(parts))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _new(found: Sequence[NamedCode], held: Sequence[str]) -> list[NamedCode]:
    return [hit for hit in found if hit.code not in held]
