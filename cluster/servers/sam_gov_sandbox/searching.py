"""The v2 search, as SAM.gov does it: what it checks, what it ignores, how it pages."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from cluster.clients import sam_gov_values as values
from cluster.servers.sam_gov_sandbox.shelf import Held, Shelf

Query = Mapping[str, str]

LONGEST = timedelta(days=366)


class Refused(Exception):
    """A 400, with SAM.gov's own words."""


def search(shelf: Shelf, query: Query, *, counts_rows: bool) -> dict[str, Any] | None:
    """The envelope, or None where nothing is found. Raises `Refused`.

    `offset` is a page's index, or with `counts_rows` a row's. Parameters that SAM.gov does not
    know are ignored.
    """
    limit, offset = _number(query, "limit", 1), _number(query, "offset", 0)
    if limit > 1000:
        raise Refused("Limit valid range is 0-1000. Please provide valid input.")
    first, last = _posted(query)
    asked = {name: query[name] for name in _FILTERS if query.get(name)}
    found = [
        one
        for one in shelf.newest_first()
        if first <= one.row["PostedDate"][:10] <= last and _suits(one, asked)
    ]
    if not found:
        return None
    start = offset if counts_rows else offset * limit
    return {
        "totalRecords": len(found),
        "limit": limit,
        "offset": offset,
        "opportunitiesData": [one.record() for one in found[start : start + limit]],
        "links": [],
    }


def _number(query: Query, name: str, default: int) -> int:
    told = query.get(name, str(default))
    if not told.isdigit():
        raise Refused("limit/offset must be a positive number.")
    return int(told)


def _posted(query: Query) -> tuple[str, str]:
    if not query.get("postedFrom") or not query.get("postedTo"):
        raise Refused("PostedFrom and PostedTo are mandatory")
    first, last = _day(query["postedFrom"]), _day(query["postedTo"])
    if last - first > LONGEST:
        raise Refused("Date range must be 1 year(s) apart")
    return first.isoformat(), last.isoformat()


def _day(told: str) -> date:
    try:
        return datetime.strptime(told, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise Refused("Invalid Date Entered. Expected date format is MM/dd/yyyy") from None


def _suits(one: Held, asked: Query) -> bool:
    return all(_FILTERS[name](one.row, value) for name, value in asked.items())


def _equals(column: str) -> Callable[[Mapping[str, str], str], bool]:
    return lambda row, value: row[column].casefold() == value.casefold()


def _contains(column: str) -> Callable[[Mapping[str, str], str], bool]:
    return lambda row, value: value.casefold() in row[column].casefold()


_FILTERS: Mapping[str, Callable[[Mapping[str, str], str], bool]] = {
    "ptype": lambda row, value: values.notice_type(row["Type"]) in value.split(","),
    "solnum": _equals("Sol#"),
    "noticeid": _equals("NoticeId"),
    "title": _contains("Title"),
    "state": _equals("PopState"),
    "zip": _equals("PopZip"),
    "organizationCode": lambda row, value: (
        value in (row["CGAC"], row["FPDS Code"], row["AAC Code"])
    ),
    "organizationName": lambda row, value: (
        value.casefold()
        in f"{row['Department/Ind.Agency']}.{row['Sub-Tier']}.{row['Office']}".casefold()
    ),
    "typeOfSetAside": _equals("SetASideCode"),
    "typeOfSetAsideDescription": _contains("SetASide"),
    "ncode": _equals("NaicsCode"),
    "ccode": _equals("ClassificationCode"),
    "rdlfrom": lambda row, value: row["ResponseDeadLine"][:10] >= _day(value).isoformat(),
    "rdlto": lambda row, value: "" < row["ResponseDeadLine"][:10] <= _day(value).isoformat(),
}
