"""What a company sells, may bid on and wants: what opportunities are matched against."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern=r"^[0-9A-Z]{2,6}$")]
Phrase = Annotated[str, Field(min_length=2, max_length=80)]


class Certification(StrEnum):
    """What a company is certified as, or may say of itself. Each but the first implies it."""

    SMALL = "SB"
    EIGHT_A = "8A"
    HUBZONE = "HUBZone"
    VETERAN_OWNED = "VOSB"
    SERVICE_DISABLED_VETERAN_OWNED = "SDVOSB"
    WOMAN_OWNED = "WOSB"
    ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED = "EDWOSB"
    INDIAN_ECONOMIC_ENTERPRISE = "IEE"
    INDIAN_SMALL_BUSINESS = "ISBEE"


class Reference(BaseModel):
    """Past performance: what was delivered to whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer: str = Field(min_length=1, max_length=200)
    what: str = Field(min_length=1, max_length=1_000)
    contract: str = Field(default="", max_length=60)


class Product(BaseModel):
    """One line of the catalogue. NDC and GTIN are digits with or without hyphens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    part_number: str = Field(default="", max_length=60)
    ndc: str = Field(default="", pattern=r"^([0-9-]{10,13})?$")
    gtin: str = Field(default="", pattern=r"^([0-9]{8}|[0-9]{12,14})?$")


class CompanyProfile(BaseModel):
    """Codes count by prefix: PSC `65` takes in `6515`, NAICS `3391` takes in `339112`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    naics: tuple[Code, ...] = Field(default=(), max_length=100)
    psc: tuple[Code, ...] = Field(default=(), max_length=100)
    certifications: tuple[Certification, ...] = ()
    keywords: tuple[Phrase, ...] = Field(default=(), max_length=200)
    """Found in a title as whole words, in singular or plural."""
    exclusions: tuple[Phrase, ...] = Field(default=(), max_length=200)
    """What the company never offers: a title with one of them is not for it."""
    states: tuple[str, ...] = Field(default=(), max_length=100)
    """Where it delivers and serves with its own people. Empty: everywhere."""
    employees: int | None = Field(default=None, ge=1)
    revenue_usd: int | None = Field(default=None, ge=0)
    """Average of a year's receipts."""
    uei: str = Field(default="", pattern=r"^([0-9A-Z]{12})?$")
    cage: str = Field(default="", pattern=r"^([0-9A-Z]{5})?$")
    references: tuple[Reference, ...] = Field(default=(), max_length=200)
    products: tuple[Product, ...] = Field(default=(), max_length=2_000)
    statement: str = Field(default="", max_length=10_000)
    """What it does, in its own words: compared with notices by meaning."""
    fetches_documents: bool = False
    """Whether the files of strong matches are fetched and read unasked."""

    @property
    def is_small(self) -> bool:
        return bool(self.certifications)


SAMPLE = CompanyProfile(
    name="Ortiz Medical Supply",
    naics=("339112", "339113", "339114", "423450"),
    psc=("6510", "6515", "6520", "6530", "6532"),
    certifications=(Certification.SMALL, Certification.SERVICE_DISABLED_VETERAN_OWNED),
    keywords=(
        *("glove", "gown", "mask", "respirator", "dressing", "bandage", "gauze", "suture"),
        *("syringe", "needle", "catheter", "infusion pump", "bladder scanner", "patient monitor"),
        *("defibrillator", "stethoscope", "surgical light", "surgical instrument", "sterilizer"),
        *("dental", "handpiece", "exam table", "exam stool", "stretcher", "hospital bed"),
        *("wheelchair", "linen cart", "medical kit", "first aid", "ppe", "wound care"),
    ),
    exclusions=("radiopharmaceutical", "human tissue", "blood product", "veterinary"),
    states=("AL", "FL", "GA", "LA", "MS", "NC", "SC", "TN", "TX", "VA"),
    employees=38,
    statement=(
        "Distributor of medical and surgical supplies and equipment to federal hospitals and"
        " clinics. We stock examination gloves, gowns, masks and wound dressings, sutures,"
        " syringes and catheters; we sell surgical and dental instruments, handpieces and"
        " attachments, sterilizers, patient monitors, bladder scanners, surgical lights, exam"
        " tables, stretchers, hospital beds and hospital furniture, and deliver, install and train."
    ),
)
"""An invented company, so that a new hub has something to match against."""
