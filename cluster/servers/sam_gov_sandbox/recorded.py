"""A shelf from a file of real notices: SAM.gov's bulk CSV, or recorded answers of its search."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cluster.clients.notice_files import open_notice_file
from cluster.clients.sam_gov_values import present
from cluster.servers.sam_gov_sandbox.shelf import Held, empty_row


def read_recorded(path: Path) -> Iterator[Held]:
    """Raises `Invalid` for a file of another kind. Descriptions of recorded answers are absent."""
    file = open_notice_file(path)
    for raw in file.records(lambda done: None):
        if file.source == "bulk":
            yield Held(dict(raw.record))
        else:
            yield Held(_row(dict(raw.record)), answer=dict(raw.record))


def _row(record: dict[str, Any]) -> dict[str, str]:
    """Only what the search filters by: the record itself is what is served."""
    place = present(record.get("placeOfPerformance")) or {}
    told = {
        "NoticeId": record.get("noticeId"),
        "Title": record.get("title"),
        "Sol#": record.get("solicitationNumber"),
        "PostedDate": record.get("postedDate"),
        "Type": record.get("type"),
        "BaseType": record.get("baseType"),
        "SetASideCode": record.get("typeOfSetAside"),
        "SetASide": record.get("typeOfSetAsideDescription"),
        "ResponseDeadLine": record.get("responseDeadLine"),
        "NaicsCode": record.get("naicsCode"),
        "ClassificationCode": record.get("classificationCode"),
        "PopState": (present(place.get("state")) or {}).get("code"),
        "PopZip": place.get("zip"),
        "Active": record.get("active"),
        "Department/Ind.Agency": record.get("fullParentPathName"),
        "CGAC": record.get("fullParentPathCode"),
    }
    return empty_row(**{column: str(present(value) or "") for column, value in told.items()})
