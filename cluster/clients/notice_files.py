"""Files of notices: SAM.gov's bulk CSV and recorded answers of its v2 search."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cluster.clients.sam_gov_records import CSV_COLUMNS, RawRecord, Record, from_api, from_csv
from cluster.clients.sam_gov_values import present
from domain.errors import Invalid

LONGEST_FIELD_CHARS = 10_000_000
LARGEST_JSON_BYTES = 100_000_000

Advance = Callable[[int], None]
"""Told how many bytes of the file are read."""


@dataclass(frozen=True, slots=True)
class NoticeFile:
    """A file that looks right. `source` names its kind: what one tells, another may not know."""

    path: Path
    source: str

    def records(self, advance: Advance) -> Iterator[RawRecord]:
        """Each record with its place. Reads as it is asked; raises `Invalid`."""
        if self.source == "bulk":
            return _csv_records(self.path, advance)
        return _json_records(self.path, advance)


def open_notice_file(path: Path) -> NoticeFile:
    """Looks at how it begins. Raises `Invalid` in one line that says what is wrong."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise Invalid(what=str(path), reason=error.strerror or "it cannot be read") from None
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise _wrong(path, "it is empty")
    if b"\0" in start or text.startswith((b"PK\x03\x04", b"%PDF", b"\x1f\x8b")):
        raise _wrong(path, "it is not text (is it packed?)")
    if text.startswith((b"{", b"[")):
        return NoticeFile(path, "api")
    with path.open("rb") as file:
        _check_header(path, next(csv.reader(_lines(file, _nowhere)), []))
    return NoticeFile(path, "bulk")


def _csv_records(path: Path, advance: Advance) -> Iterator[RawRecord]:
    csv.field_size_limit(LONGEST_FIELD_CHARS)
    with path.open("rb") as file:
        rows = csv.reader(_lines(file, advance))
        header = next(rows)
        try:
            for number, row in enumerate(rows, start=2):
                if row:
                    yield _csv_record(header, row, f"row {number}")
        except csv.Error as error:
            raise _wrong(path, f"line {rows.line_num}: {error}") from None


def _csv_record(header: list[str], row: list[str], place: str) -> RawRecord:
    record = dict(zip(header, row, strict=False))
    if len(row) != len(header):
        record["columns"] = f"{len(row)} columns, not {len(header)}"
        return RawRecord(place, place, record, _refuse)
    return RawRecord(present(record["NoticeId"]) or place, place, record, from_csv)


def _refuse(record: Record) -> Any:
    raise ValueError(record["columns"])


def _lines(file: BinaryIO, advance: Advance) -> Iterator[str]:
    """Lines as text. SAM.gov's file is UTF-8, save for lines that it writes as Windows-1252."""
    done = 0
    for line in file:
        done += len(line)
        advance(done)
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("cp1252", errors="replace")
        yield text.removeprefix("\ufeff").replace("\0", "")


def _check_header(path: Path, header: list[str]) -> None:
    missing = [name for name in CSV_COLUMNS if name not in header]
    if len(missing) == len(CSV_COLUMNS):
        raise _wrong(path, "it is neither SAM.gov's bulk CSV nor an answer of its search")
    if missing:
        raise _wrong(path, f"SAM.gov's column {missing[0]!r} is missing ({len(missing)} in all)")


def _json_records(path: Path, advance: Advance) -> Iterator[RawRecord]:
    size = path.stat().st_size
    if size > LARGEST_JSON_BYTES:
        raise _wrong(path, f"JSON of more than {LARGEST_JSON_BYTES} bytes; take the bulk CSV")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise _wrong(path, f"it is not JSON: {error}") from None
    for number, record in enumerate(_flatten(path, content), start=1):
        place = f"record {number}"
        yield RawRecord(str(present(record.get("noticeId")) or place), place, record, from_api)
    advance(size)


def _flatten(path: Path, content: Any) -> Iterable[Mapping[str, Any]]:
    """An answer, a record, or a list of either."""
    match content:
        case {"opportunitiesData": list() | None as rows}:
            yield from _flatten(path, rows or [])
        case {"noticeId": _}:
            yield content
        case list():
            for part in content:
                yield from _flatten(path, part)
        case _:
            raise _wrong(path, "it holds no notices: neither opportunitiesData nor noticeId")


def _wrong(path: Path, reason: str) -> Invalid:
    return Invalid(what=path.name, reason=reason)


def _nowhere(_: int) -> None:
    """For reading that nobody follows."""
