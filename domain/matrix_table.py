"""A compliance matrix as a table of texts: what every export holds."""

import re
from collections import defaultdict
from collections.abc import Sequence

from domain.matrix_events import Status, Touch
from domain.matrix_views import MatrixLinkView, MatrixRowView

COLUMNS = (
    "Row",
    "Section",
    "Paragraph",
    "Page",
    "Requirement",
    "Whose duty",
    "Type",
    "Due",
    "Status",
    "Assigned to",
    "Answer",
    "Note",
    "Linked rows",
    "Amendment",
)

STATUS_WORDS: dict[Status, str] = {
    "open": "Open",
    "partly": "Partly",
    "answered": "Answered",
    "exception": "Exception",
    "not_applicable": "Not applicable",
}
TOUCH_WORDS: dict[Touch, str] = {
    "added": "Added",
    "changed": "Changed",
    "moved": "Moved",
    "removed": "Removed",
}

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_FORMULA = re.compile(r"^[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|^[\t\r\n]")


def label_of(row: MatrixRowView) -> str:
    """What people call it: R-07."""
    return f"R-{row.label:02}"


def matrix_table(
    rows: Sequence[MatrixRowView], links: Sequence[MatrixLinkView]
) -> list[tuple[str, ...]]:
    """A tuple a row, as `COLUMNS`; only confirmed links. No sign that XML cannot hold."""
    labels = {row.row_key: label_of(row) for row in rows}
    linked: dict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.state == "confirmed" and {link.source, link.target} <= labels.keys():
            linked[link.source].append(labels[link.target])
            linked[link.target].append(labels[link.source])
    return [_texts(row, sorted(linked[row.row_key])) for row in rows]


def neutral(text: str) -> str:
    """What a spreadsheet would run as a formula gets an apostrophe before it, and stays text."""
    return f"'{text}" if _FORMULA.search(text) else text


def _texts(row: MatrixRowView, linked: Sequence[str]) -> tuple[str, ...]:
    one = row.requirement
    quote = f"{one.lead_in} […] {one.quote}" if one.lead_in else one.quote
    texts = (
        label_of(row),
        one.section,
        one.paragraph,
        str(one.page),
        quote,
        one.actor,
        one.type.replace("_", " "),
        one.due,
        STATUS_WORDS[row.status],
        row.assignee,
        row.answer,
        row.note,
        ", ".join(linked),
        TOUCH_WORDS[row.touched] if row.touched else None,
    )
    return tuple(_CONTROL.sub("", text or "") for text in texts)
