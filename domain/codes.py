"""Code lists that notices refer to, with their names. Read when first asked for."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

NOTICE_TYPES = {
    "o": "Solicitation",
    "p": "Presolicitation",
    "k": "Combined Synopsis/Solicitation",
    "r": "Sources Sought",
    "s": "Special Notice",
    "a": "Award Notice",
    "u": "Justification",
    "g": "Sale of Surplus Property",
    "i": "Intent to Bundle Requirements (DoD-Funded)",
}

SET_ASIDES = {
    "SBA": "Total Small Business Set-Aside (FAR 19.5)",
    "SBP": "Partial Small Business Set-Aside (FAR 19.5)",
    "8A": "8(a) Set-Aside (FAR 19.8)",
    "8AN": "8(a) Sole Source (FAR 19.8)",
    "HZC": "Historically Underutilized Business (HUBZone) Set-Aside (FAR 19.13)",
    "HZS": "Historically Underutilized Business (HUBZone) Sole Source (FAR 19.13)",
    "SDVOSBC": "Service-Disabled Veteran-Owned Small Business Set-Aside (FAR 19.14)",
    "SDVOSBS": "Service-Disabled Veteran-Owned Small Business Sole Source (FAR 19.14)",
    "WOSB": "Women-Owned Small Business Program Set-Aside (FAR 19.15)",
    "WOSBSS": "Women-Owned Small Business Program Sole Source (FAR 19.15)",
    "EDWOSB": "Economically Disadvantaged WOSB Program Set-Aside (FAR 19.15)",
    "EDWOSBSS": "Economically Disadvantaged WOSB Program Sole Source (FAR 19.15)",
    "LAS": "Local Area Set-Aside (FAR 26.2)",
    "IEE": "Indian Economic Enterprise Set-Aside (Department of Interior)",
    "ISBEE": "Indian Small Business Economic Enterprise Set-Aside (Department of Interior)",
    "BICiv": "Buy Indian Set-Aside (Indian Health Services)",
    "VSA": "Veteran-Owned Small Business Set-Aside (Department of Veterans Affairs)",
    "VSS": "Veteran-Owned Small Business Sole Source (Department of Veterans Affairs)",
}


def naics_names() -> Mapping[str, str]:
    """NAICS 2022, codes of two to six digits, from the Census Bureau's list (public domain)."""
    return _read("naics_2022.csv")


def psc_names() -> Mapping[str, str]:
    """Product and service codes in use, from USAspending's list (public domain, to 2019)."""
    return _read("psc.csv")


def state_names() -> Mapping[str, str]:
    """US states and territories by their postal codes."""
    return _read("states.csv")


@cache
def _read(name: str) -> Mapping[str, str]:
    text = files("domain").joinpath("codes_data", name).read_text(encoding="utf-8")
    return dict(csv.reader(text.splitlines()[1:]))
