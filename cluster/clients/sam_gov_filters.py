"""The parameters that SAM.gov documents, and whether its rows honour them.

SAM.gov ignores a parameter that it does not know and then returns everything: so an unknown one is
refused here, and rows that a filter should have kept out betray one that was ignored.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from cluster.clients import sam_gov_values as values
from cluster.clients.sam_gov_answers import SERVICE
from domain.errors import Invalid, Unavailable

FILTERS = frozenset(
    {
        "ptype",
        "solnum",
        "noticeid",
        "title",
        "state",
        "zip",
        "organizationCode",
        "organizationName",
        "typeOfSetAside",
        "typeOfSetAsideDescription",
        "ncode",
        "ccode",
        "rdlfrom",
        "rdlto",
    }
)

# What a row tells of a filter. A row that tells nothing is no witness.
_WITNESSES: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "ptype": lambda row: values.notice_type(row.get("type")),
    "solnum": lambda row: values.present(row.get("solicitationNumber")),
    "noticeid": lambda row: values.present(row.get("noticeId")),
    "typeOfSetAside": lambda row: values.set_aside(row.get("typeOfSetAside")),
    "ncode": lambda row: values.present(row.get("naicsCode")),
    "ccode": lambda row: values.present(row.get("classificationCode")),
}


def check_filters(filters: Mapping[str, str]) -> None:
    """Raises `Invalid` for what SAM.gov does not document, and for half a NAICS code."""
    unknown = sorted(filters.keys() - FILTERS)
    if unknown:
        raise Invalid(what=f"parameter {unknown[0]!r}", reason="SAM.gov does not document it")
    if "ncode" in filters and not re.fullmatch(r"\d{6}", filters["ncode"]):
        raise Invalid(what="ncode", reason="a prefix finds nothing: SAM.gov needs all six digits")


def check_rows(
    rows: Iterable[Mapping[str, Any]], first: date, last: date, filters: Mapping[str, str]
) -> None:
    """Raises `Unavailable` when a row shows that a filter was ignored."""
    asked = {name: value for name, value in filters.items() if name in _WITNESSES}
    for row in rows:
        for name, value in asked.items():
            told = _WITNESSES[name](row)
            if told is not None and told.casefold() not in value.casefold().split(","):
                raise _ignored(name, value, told)
        _check_day(row, first, last)


def _check_day(row: Mapping[str, Any], first: date, last: date) -> None:
    try:
        posted = values.day(row.get("postedDate"))
    except ValueError:
        return  # The record itself is set aside where it is read.
    slack = timedelta(days=1)  # The day is one of the office's clock.
    if posted and not first - slack <= posted <= last + slack:
        raise _ignored("postedFrom/postedTo", f"{first} to {last}", posted.isoformat())


def _ignored(name: str, value: str, told: str) -> Unavailable:
    reason = f"it ignored the filter {name}={value}: a row has {told}"
    return Unavailable(service=SERVICE, reason=reason)
